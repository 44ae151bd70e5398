SELECT 'a\'; SELECT 1';
SET sql_mode = 'NO_BACKSLASH_ESCAPES';
SELECT 'a\'; SELECT 2;
SET sql_mode = @old;
SELECT 'b\'; SELECT 3';
