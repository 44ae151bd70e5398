SELECT "a\"; b";
SET SESSION sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES');
SELECT "a\"; SELECT "b";
SET sql_mode = '';
SELECT "c\"; d";
