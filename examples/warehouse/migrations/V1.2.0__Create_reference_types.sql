-- Migration: V1.2.0 Create reference types
-- Version: 1.2.0
-- Created: 2026-09-03
-- Description: Domains, enums and a composite type that the other schemas share.

CREATE DOMAIN ref.email_address AS text
    CONSTRAINT email_address_has_one_at CHECK (VALUE ~ E'^[^@\\s;]+@[^@\\s;]+$');

CREATE DOMAIN ref.currency_code AS char(3)
    CONSTRAINT currency_code_is_upper CHECK (VALUE ~ '^[A-Z]{3}$');

CREATE DOMAIN ref.amount AS numeric(14, 2)
    CONSTRAINT amount_is_not_negative CHECK (VALUE >= 0);

CREATE TYPE ref.purchase_state AS ENUM ('basket', 'ordered', 'paid', 'shipped', 'returned');
CREATE TYPE ref.contact_channel AS ENUM ('email', 'letter', 'phone', 'none');

CREATE TYPE ref.postal_address AS (
    street       text,
    postal_code  text,
    city         text
);

COMMENT ON TYPE ref.postal_address IS 'Street; postal code; city. The country is a column of its own.';
COMMENT ON CONSTRAINT email_address_has_one_at ON DOMAIN ref.email_address
    IS 'Good enough: a mail server says the rest';
