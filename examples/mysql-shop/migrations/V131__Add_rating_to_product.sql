-- Migration: V131 Add rating to product
-- Version: 131
-- Created: 2026-10-16
-- Description: A number that is kept by hand, filled once here.

ALTER TABLE product ADD COLUMN rating decimal(3, 2) NULL;
UPDATE product p SET rating = (SELECT AVG(r.stars) FROM review r WHERE r.product = p.id);
