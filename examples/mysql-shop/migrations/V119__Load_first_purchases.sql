-- Migration: V119 Load first purchases
-- Version: 119
-- Created: 2026-09-28
-- Description: A CALL may do anything, so the script runs statement by statement.

CALL place_purchase('ann', 'TEA-SEN-100', 2, @made);
UPDATE purchase SET state = 'paid' WHERE id = @made;
CALL place_purchase('kenji', 'POT-KYU-001', 1, @made);
CALL place_purchase('minji', 'CUP-YUN-001', 4, @made);
UPDATE purchase SET state = 'paid' WHERE id = @made;
CALL send_paid_purchases();
