-- Rollback: V117 Add purchase procedures
-- Version: 117
-- Created: 2026-09-25
-- Description: Takes back V117.

DROP PROCEDURE send_paid_purchases;
DROP PROCEDURE place_purchase;
