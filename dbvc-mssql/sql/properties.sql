-- What people wrote about things, and what else tools have noted there.
SELECT e.class, e.major_id AS id, e.minor_id AS minor, e.name, CONVERT(nvarchar(4000), e.value) AS value
FROM sys.extended_properties AS e
WHERE e.class IN (0, 1, 3, 4, 5, 6, 7, 8, 10, 20, 21)
