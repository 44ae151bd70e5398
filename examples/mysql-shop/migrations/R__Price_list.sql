-- Repeatable: Price list
-- Description: A procedure that is written anew when its text changes.

DROP PROCEDURE IF EXISTS price_list;
DELIMITER //
CREATE PROCEDURE price_list(IN wanted varchar(80))
    READS SQL DATA
BEGIN
    SELECT p.sku, p.name, in_words(p.price, p.currency) AS price
      FROM product p JOIN category c ON c.id = p.category WHERE c.name LIKE wanted ORDER BY p.sku;
END//
DELIMITER ;
