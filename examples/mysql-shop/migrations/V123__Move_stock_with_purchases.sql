-- Migration: V123 Move stock with purchases
-- Version: 123
-- Created: 2026-10-04
-- Description: Triggers on the way in and on the way out.

CREATE TRIGGER purchase_line_takes_stock AFTER INSERT ON purchase_line FOR EACH ROW
    UPDATE stock SET pieces = pieces - NEW.quantity WHERE warehouse = 1 AND product = NEW.product;
CREATE TRIGGER purchase_line_gives_stock AFTER DELETE ON purchase_line FOR EACH ROW
    UPDATE stock SET pieces = pieces + OLD.quantity WHERE warehouse = 1 AND product = OLD.product;
