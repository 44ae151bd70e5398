-- Rollback: V127 Add e mail to customer
-- Version: 127
-- Created: 2026-10-10
-- Description: Takes back V127.

ALTER TABLE customer DROP KEY customer_email, DROP COLUMN email_key, DROP COLUMN email;
