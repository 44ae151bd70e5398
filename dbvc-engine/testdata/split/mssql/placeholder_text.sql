SELECT '${x}' AS ${y}
GO ${n}
