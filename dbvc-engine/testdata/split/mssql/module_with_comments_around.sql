-- Who: ann
/* What */
CREATE PROC p AS
BEGIN
  SELECT 1
END -- p
GO
-- next
GO
