-- Rollback: V1.8.0 Add price history
-- Version: 1.8.0
-- Created: 2026-09-10
-- Description: Takes back V1.8.0.

DROP TABLE shop.price_history;
