-- Rollback: V1.19.0 Add change log
-- Version: 1.19.0
-- Created: 2026-09-21
-- Description: Takes back V1.19.0.

DROP TRIGGER change_log_price ON shop.product;
DROP FUNCTION ops.watch(regclass, text[]);
DROP FUNCTION ops.log_change();
DROP TABLE ops.change_log;
