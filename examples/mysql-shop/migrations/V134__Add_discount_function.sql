-- Migration: V134 Add discount function
-- Version: 134
-- Created: 2026-10-20
-- Description: Without DELIMITER, with CASE … END CASE inside BEGIN … END.

CREATE FUNCTION discounted(amount bigint, percent tinyint) RETURNS bigint
    DETERMINISTIC NO SQL
BEGIN
    CASE
        WHEN percent IS NULL THEN RETURN amount;
        WHEN percent >= 90 THEN RETURN CEILING(amount / 10);
        ELSE BEGIN END;
    END CASE;
    RETURN amount - FLOOR(amount * percent / 100);
END;
