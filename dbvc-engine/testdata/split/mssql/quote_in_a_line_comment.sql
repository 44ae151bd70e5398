-- don't bother
SELECT 1
GO
SELECT 2
