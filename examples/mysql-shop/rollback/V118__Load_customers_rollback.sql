-- Rollback: V118 Load customers
-- Version: 118
-- Created: 2026-09-26
-- Description: Takes back V118.

DELETE FROM customer WHERE id BETWEEN 1 AND 5;
