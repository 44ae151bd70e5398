-- Rollback: V132 Add rating procedure
-- Version: 132
-- Created: 2026-10-17
-- Description: Takes back V132.

DROP PROCEDURE rate_products;
