-- Who may do what. What the server gives by itself to `public` stands on its own objects, with numbers below zero.
SELECT p.class, p.major_id AS id, p.minor_id AS minor, RTRIM(p.state) AS state, p.permission_name AS permission,
  USER_NAME(p.grantee_principal_id) AS grantee, g.type AS grantee_type
FROM sys.database_permissions AS p
JOIN sys.database_principals AS g ON g.principal_id = p.grantee_principal_id
WHERE p.class IN (0, 1, 3, 5, 6, 10) AND p.major_id >= 0
