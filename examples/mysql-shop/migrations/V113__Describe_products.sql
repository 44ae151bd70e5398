-- Migration: V113 Describe products
-- Version: 113
-- Created: 2026-09-19
-- Description: Long texts, in one transaction.

UPDATE product SET about = 'Steamed, rolled, dried. 70 °C; two minutes.' WHERE sku = 'TEA-SEN-100';
UPDATE product SET about = '覆い下で育てた茶。60 °C で二分。' WHERE sku = 'TEA-GYO-050';
UPDATE product SET about = 'It''s poured from the side: 🫖➡️🍵' WHERE sku = 'POT-KYU-001';
