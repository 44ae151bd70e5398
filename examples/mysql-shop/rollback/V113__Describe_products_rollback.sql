-- Rollback: V113 Describe products
-- Version: 113
-- Created: 2026-09-19
-- Description: Takes back V113.

UPDATE product SET about = NULL WHERE sku IN ('TEA-SEN-100', 'TEA-GYO-050', 'POT-KYU-001');
