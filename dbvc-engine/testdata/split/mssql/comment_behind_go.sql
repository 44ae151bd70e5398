SELECT 1
GO--comment
SELECT 2
GO -- c
SELECT 3
GO 2 -- twice
SELECT 4
GO	--
