-- Migration: V117 Add purchase procedures
-- Version: 117
-- Created: 2026-09-25
-- Description: Two programs in a file, with a DELIMITER of two signs, a label, a cursor and a handler.

DELIMITER $$

CREATE PROCEDURE place_purchase(IN who varchar(64), IN what varchar(24), IN pieces smallint, OUT made bigint)
    MODIFIES SQL DATA
BEGIN
    DECLARE buyer bigint unsigned;
    DECLARE unknown_customer CONDITION FOR SQLSTATE '45000';
    SELECT id INTO buyer FROM customer WHERE login = who;
    IF buyer IS NULL THEN
        SIGNAL unknown_customer SET MESSAGE_TEXT = 'no such customer';
    END IF;
    INSERT INTO purchase (customer, placed_on) VALUES (buyer, '2026-11-02');
    SET made = LAST_INSERT_ID();
    INSERT INTO purchase_line (purchase, line, product, quantity, price)
    SELECT made, 1, id, pieces, price FROM product WHERE sku = what;
END$$

CREATE PROCEDURE send_paid_purchases()
    MODIFIES SQL DATA
BEGIN
    DECLARE done boolean DEFAULT FALSE;
    DECLARE one bigint unsigned;
    DECLARE paid CURSOR FOR SELECT id FROM purchase WHERE state = 'paid' ORDER BY id;
    DECLARE CONTINUE HANDLER FOR NOT FOUND SET done = TRUE;
    OPEN paid;
    each_purchase: LOOP
        FETCH paid INTO one;
        IF done THEN
            LEAVE each_purchase;
        END IF;
        UPDATE purchase SET state = 'sent' WHERE id = one;
    END LOOP each_purchase;
    CLOSE paid;
END$$

DELIMITER ;
