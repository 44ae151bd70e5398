-- Rollback: V126 Close months
-- Version: 126
-- Created: 2026-10-08
-- Description: Takes back V126.

DROP EVENT close_months;
DROP TABLE month_end;
