/* DELIMITER // */
# DELIMITER //
-- DELIMITER //
SELECT 'DELIMITER //', "
DELIMITER //
";
SELECT 2;
DELIMITER //
SELECT 'a // b', `c // d` /* e // f */ -- g // h
//
DELIMITER ;