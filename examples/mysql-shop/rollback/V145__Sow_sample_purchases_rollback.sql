-- Rollback: V145 Sow sample purchases
-- Version: 145
-- Created: 2026-11-06
-- Description: Takes back V145.

DELETE FROM purchase WHERE placed_on = '2026-10-01' + INTERVAL ${sample_days} DAY;
