SELECT 1
GO
:setvar name "value"
SELECT 2
