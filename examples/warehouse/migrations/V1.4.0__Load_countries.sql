-- Migration: V1.4.0 Load countries
-- Version: 1.4.0
-- Created: 2026-09-05
-- Description: Countries, loaded as COPY rows; one name holds a semicolon on purpose.

CREATE TABLE ref.country (
    code           char(2) PRIMARY KEY,
    name           text NOT NULL UNIQUE,
    own_name       text,
    currency_code  ref.currency_code REFERENCES ref.currency (code)
);

COPY ref.country (code, name, own_name, currency_code) FROM stdin;
AT	Austria	Österreich	EUR
CI	Ivory Coast; Côte d'Ivoire	Côte d'Ivoire	\N
DE	Germany	Deutschland	EUR
FR	France	France	EUR
GB	United Kingdom	United Kingdom	GBP
JP	Japan	日本	JPY
PL	Poland	Polska	PLN
TN	Tunesia	تونس	TND
US	United States -- of America	United States	USD
\.

COMMENT ON TABLE ref.country IS 'ISO 3166 codes; only where we deliver';
