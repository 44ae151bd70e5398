-- Migration: V132 Add rating procedure
-- Version: 132
-- Created: 2026-10-17
-- Description: Keeps the number of the migration before.

CREATE PROCEDURE rate_products()
    MODIFIES SQL DATA
    UPDATE product p SET p.rating = (SELECT AVG(r.stars) FROM review r WHERE r.product = p.id);
