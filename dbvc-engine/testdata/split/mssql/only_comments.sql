-- nothing
GO
/* here */
GO 3
