SELECT 1
/*comment*/GO
SELECT 2
 /* a */ /* b */ GO
SELECT 3 /*
*/ GO
SELECT 4
