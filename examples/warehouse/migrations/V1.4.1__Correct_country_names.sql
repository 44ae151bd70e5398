-- Migration: V1.4.1 Correct country names
-- Version: 1.4.1
-- Created: 2026-09-06
-- Description: Two names were wrong in the first load.
-- dbvc: requires=1.4.0

UPDATE ref.country SET name = 'Tunisia' WHERE code = 'TN' AND name = 'Tunesia';
UPDATE ref.country SET name = 'United States of America' WHERE code = 'US';
