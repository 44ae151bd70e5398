-- Rollback: V1.3.0 Create currencies
-- Version: 1.3.0
-- Created: 2026-09-04
-- Description: Takes back V1.3.0.

DROP TABLE ref.currency;
