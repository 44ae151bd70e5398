SELECT 1
GO /* c */
SELECT 2
GO/**/
