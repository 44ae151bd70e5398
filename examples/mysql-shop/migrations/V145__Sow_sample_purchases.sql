-- Migration: V145 Sow sample purchases
-- Version: 145
-- Created: 2026-11-06
-- Description: A placeholder gives the number of days; `#` begins a comment here.

# Only where nobody minds.
INSERT INTO purchase (customer, placed_on, state)
SELECT c.id, '2026-10-01' + INTERVAL ${sample_days} DAY, 'paid' FROM customer c WHERE c.country <> 'KR';
