-- Rollback: V1.2.0 Create reference types
-- Version: 1.2.0
-- Created: 2026-09-03
-- Description: Takes back V1.2.0.

DROP TYPE ref.postal_address;
DROP TYPE ref.contact_channel;
DROP TYPE ref.purchase_state;
DROP DOMAIN ref.amount;
DROP DOMAIN ref.currency_code;
DROP DOMAIN ref.email_address;
