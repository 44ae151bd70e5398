-- Rollback: V119 Load first purchases
-- Version: 119
-- Created: 2026-09-28
-- Description: Takes back V119.

DELETE FROM purchase;
ALTER TABLE purchase AUTO_INCREMENT = 1;
