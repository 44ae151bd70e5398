INSERT INTO page VALUES (N'$(document).ready()') -- $(x)
/* $(y) */
SELECT $1, $(1)
