-- Migration: V115 Track price changes
-- Version: 115
-- Created: 2026-09-22
-- Description: A trigger with a body of several statements, without DELIMITER.

CREATE TRIGGER product_price_changes AFTER UPDATE ON product FOR EACH ROW
BEGIN
    IF NOT (OLD.price <=> NEW.price) THEN
        INSERT INTO price_history (product, old_price, new_price) VALUES (OLD.id, OLD.price, NEW.price);
    END IF;
END;
