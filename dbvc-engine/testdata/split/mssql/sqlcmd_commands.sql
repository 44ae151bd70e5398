:r other.sql
GO
 :CONNECT server
:On Error exit
:!!dir
!! dir
:out x
SELECT 1
:error y
:listvar
:list
