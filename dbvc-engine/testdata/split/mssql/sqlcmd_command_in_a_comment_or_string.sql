/*
:setvar a b
*/
PRINT '
:r x.sql
!! rm
'
