# it's; a comment
SELECT 1; # another; one
SELECT '#', 2#3;
;
