-- Migration: V1.3.0 Create currencies
-- Version: 1.3.0
-- Created: 2026-09-04
-- Description: Currencies the shop takes, with the sign to show.

CREATE TABLE ref.currency (
    code       ref.currency_code PRIMARY KEY,
    sign       text NOT NULL,
    name       text NOT NULL,
    decimals   smallint NOT NULL DEFAULT 2 CHECK (decimals BETWEEN 0 AND 4)
);

INSERT INTO ref.currency (code, sign, name, decimals) VALUES
    ('EUR', '€',  'Euro', 2),
    ('GBP', '£',  'Pound sterling', 2),
    ('JPY', '¥',  '日本円', 0),
    ('PLN', 'zł', 'Złoty', 2),
    ('USD', '$',  'US dollar; the one with one $', 2),
    ('TND', 'د.ت', 'دينار تونسي', 3);
