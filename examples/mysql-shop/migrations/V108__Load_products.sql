-- Migration: V108 Load products
-- Version: 108
-- Created: 2026-09-11
-- Description: Text with everything that text can hold: quotes, semicolons, backslashes, other scripts.

INSERT INTO product (sku, name, category, price, currency) VALUES
    ('TEA-SEN-100', '煎茶; spring harvest', 4, 1450, 'EUR'),
    ('TEA-GYO-050', 'Gyokuro ''shade grown''', 4, 2890, 'EUR'),
    ('TEA-DAR-100', "Darjeeling \"first flush\"", 5, 1690, 'EUR'),
    ('TEA-EAR-100', 'Earl Grey \\ bergamot', 5, 990, 'EUR'),
    ('CUP-YUN-001', '湯呑み 🍵', 6, 2400, 'EUR'),
    ('POT-KYU-001', '急須 -- side handle', 7, 5600, 'EUR'),
    ('POT-TET-001', '鉄瓶 /* cast iron */', 7, 12800, 'EUR');
