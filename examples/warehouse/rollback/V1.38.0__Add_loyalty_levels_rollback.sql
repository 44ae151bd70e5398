-- Rollback: V1.38.0 Add loyalty levels
-- Version: 1.38.0
-- Created: 2026-10-10
-- Description: Takes back V1.38.0.

DROP TABLE shop.loyalty;
DROP FUNCTION shop.set_level();
DROP FUNCTION shop.level_for(integer);
DROP TYPE shop.loyalty_level;
