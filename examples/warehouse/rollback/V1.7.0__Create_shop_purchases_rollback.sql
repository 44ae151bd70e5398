-- Rollback: V1.7.0 Create shop purchases
-- Version: 1.7.0
-- Created: 2026-09-09
-- Description: Takes back V1.7.0.

DROP TABLE shop.purchase_line;
DROP TABLE shop.purchase;
