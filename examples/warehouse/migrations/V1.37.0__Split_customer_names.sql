-- Migration: V1.37.0 Split customer names
-- Version: 1.37.0
-- Created: 2026-10-09
-- Description: Given and family name, filled from the full name; Japanese names the other way round.

ALTER TABLE shop.customer ADD COLUMN given_name text, ADD COLUMN family_name text;

-- A filling is no touch by a person.
ALTER TABLE shop.customer DISABLE TRIGGER customer_touch;
UPDATE shop.customer
   SET given_name  = CASE country_code WHEN 'JP' THEN split_part(full_name, ' ', 2) ELSE split_part(full_name, ' ', 1) END,
       family_name = CASE country_code WHEN 'JP' THEN split_part(full_name, ' ', 1)
                          ELSE nullif(substr(full_name, strpos(full_name, ' ') + 1), '') END;
ALTER TABLE shop.customer ENABLE TRIGGER customer_touch;
