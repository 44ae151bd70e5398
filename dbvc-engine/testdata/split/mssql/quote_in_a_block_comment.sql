/* don't */
SELECT 1
GO
SELECT 2
