SELECT geography
::Point(1, 2, 4326)
:rest
:setvariable
SELECT 1 WHERE 2
!= 3
