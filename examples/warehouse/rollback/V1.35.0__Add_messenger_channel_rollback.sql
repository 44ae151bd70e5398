-- Rollback: V1.35.0 Add messenger channel
-- Version: 1.35.0
-- Created: 2026-10-07
-- Description: Takes back V1.35.0.

-- An enum cannot lose a value: the type is made anew, and who chose the value gets "none".
ALTER TYPE ref.contact_channel RENAME TO contact_channel_with_messenger;
CREATE TYPE ref.contact_channel AS ENUM ('email', 'letter', 'phone', 'none');

ALTER TABLE shop.customer ALTER COLUMN preferred_channel DROP DEFAULT;
ALTER TABLE shop.customer ALTER COLUMN preferred_channel TYPE ref.contact_channel
    USING (CASE preferred_channel::text WHEN 'messenger' THEN 'none' ELSE preferred_channel::text END)::ref.contact_channel;
ALTER TABLE shop.customer ALTER COLUMN preferred_channel SET DEFAULT 'email';

DROP TYPE ref.contact_channel_with_messenger;
