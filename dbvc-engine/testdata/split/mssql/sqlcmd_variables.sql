USE [$(DatabaseName)]
GO
SELECT $(a)
GO
SELECT 1 AS "$(b)"
GO
