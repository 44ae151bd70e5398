/* GO */ SELECT 1 /*
GO
*/
-- GO
/* a /* nested
GO
*/
GO
*/ SELECT 2
