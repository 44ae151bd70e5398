-- Rollback: V1.4.1 Correct country names
-- Version: 1.4.1
-- Created: 2026-09-06
-- Description: Takes back V1.4.1.

UPDATE ref.country SET name = 'United States -- of America' WHERE code = 'US';
UPDATE ref.country SET name = 'Tunesia' WHERE code = 'TN' AND name = 'Tunisia';
