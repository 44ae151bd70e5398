-- Migration: V1.5.0 Create shop customers
-- Version: 1.5.0
-- Created: 2026-09-07
-- Description: Customers of the web shop; one tenant for each brand.

CREATE TABLE shop.customer (
    customer_id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant             text NOT NULL DEFAULT '${tenant_default}',
    customer_no        text NOT NULL CONSTRAINT customer_no_is_unique UNIQUE,
    full_name          text NOT NULL CHECK (btrim(full_name) <> ''),
    email              ref.email_address NOT NULL,
    email_domain       text GENERATED ALWAYS AS (lower(split_part(email, '@', 2))) STORED,
    preferred_channel  ref.contact_channel NOT NULL DEFAULT 'email',
    address            ref.postal_address,
    country_code       char(2) NOT NULL REFERENCES ref.country (code),
    created_at         timestamptz NOT NULL DEFAULT now(),
    touched_at         timestamptz NOT NULL DEFAULT now()
);

CREATE UNIQUE INDEX customer_email_in_tenant ON shop.customer (tenant, lower(email));
CREATE INDEX customer_city ON shop.customer (((address).city)) WHERE address IS NOT NULL;

COMMENT ON COLUMN shop.customer.tenant IS 'Brand the customer signed up with; "${tenant_default}" unless said';
