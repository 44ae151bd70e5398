-- Rollback: V102 Load currencies
-- Version: 102
-- Created: 2026-09-02
-- Description: Takes back V102.

DELETE FROM currency WHERE code IN ('EUR', 'JPY', 'KRW', 'CHF');
