-- Migration: V116 Add coin function
-- Version: 116
-- Created: 2026-09-23
-- Description: The same with DELIMITER, as other tools want it: both work.

DELIMITER //
CREATE FUNCTION in_words(amount bigint, unit char(3)) RETURNS varchar(40) CHARSET utf8mb4
    DETERMINISTIC READS SQL DATA
    COMMENT 'An amount with its sign; 1450 EUR is €14.50'
BEGIN
    DECLARE sign_of varchar(4) CHARACTER SET utf8mb4 DEFAULT '?';
    DECLARE places tinyint DEFAULT 2;
    SELECT c.sign, c.digits INTO sign_of, places FROM currency c WHERE c.code = unit;
    RETURN CONCAT(sign_of, FORMAT(amount / POW(10, places), places));
END//
DELIMITER ;
