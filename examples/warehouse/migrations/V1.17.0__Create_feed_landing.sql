-- Migration: V1.17.0 Create feed landing
-- Version: 1.17.0
-- Created: 2026-09-19
-- Description: Partner feeds by region, the busy region split further by hash.

CREATE TABLE raw.partner_feed (
    region     text NOT NULL,
    partner    text NOT NULL,
    line_no    integer NOT NULL,
    line       text NOT NULL,
    loaded_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (region, partner, line_no)
) PARTITION BY LIST (region);

CREATE TABLE raw.partner_feed_europe PARTITION OF raw.partner_feed
    FOR VALUES IN ('DE', 'FR', 'GB', 'PL') PARTITION BY HASH (partner);
CREATE TABLE raw.partner_feed_europe_0 PARTITION OF raw.partner_feed_europe FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE raw.partner_feed_europe_1 PARTITION OF raw.partner_feed_europe FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE raw.partner_feed_asia PARTITION OF raw.partner_feed FOR VALUES IN ('JP');
CREATE TABLE raw.partner_feed_elsewhere PARTITION OF raw.partner_feed DEFAULT;
