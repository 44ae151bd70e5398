-- Migration: V1.21.0 Load first customers
-- Version: 1.21.0
-- Created: 2026-09-23
-- Description: The first eight customers, with names as people really write them.

INSERT INTO shop.customer (customer_no, full_name, email, preferred_channel, address, country_code, tenant) VALUES
    ('C-0001', 'Maëlle O''Connor', 'maelle@example.org', 'email', ROW('12, rue de l''Église', '75011', 'Paris'), 'FR', '${tenant_default}'),
    ('C-0002', 'Jürgen Groß; Sohn', 'groß@example.de', 'letter', ROW('Hauptstraße 3', '10115', 'Berlin'), 'DE', '${tenant_default}'),
    ('C-0003', '山田 太郎', 'taro@example.jp', DEFAULT, ROW('千代田1-1', '100-0001', '東京'), 'JP', DEFAULT),
    ('C-0004', 'Zofia "Zosia" Żak', 'zosia@example.pl', 'phone', ROW('ul. Długa 7', '00-238', 'Warszawa'), 'PL', DEFAULT),
    ('C-0005', 'Robert''); DROP TABLE purchase;--', 'bobby@example.com', 'none', NULL, 'US', DEFAULT),
    ('C-0006', 'أمينة بن علي', 'amina@example.tn', 'email', ROW('نهج فرنسا 4', '1000', 'تونس'), 'TN', DEFAULT),
    ('C-0007', 'Ada 🦊 Fox', 'ada@example.co.uk', 'email', ROW(E'Flat 2\n9 Mill Lane', 'CB4 1AA', 'Cambridge'), 'GB', 'paperie'),
    ('C-0008', 'Ivo /* not a comment */ Kern', 'ivo@example.at', 'letter', NULL, 'AT', 'paperie');
