-- Rollback: V108 Load products
-- Version: 108
-- Created: 2026-09-11
-- Description: Takes back V108.

DELETE FROM product WHERE sku IN
    ('TEA-SEN-100', 'TEA-GYO-050', 'TEA-DAR-100', 'TEA-EAR-100', 'CUP-YUN-001', 'POT-KYU-001', 'POT-TET-001');
