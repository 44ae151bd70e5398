-- Repeatable: Stock alarm
-- Description: What is nearly gone.

CREATE OR REPLACE SQL SECURITY INVOKER VIEW stock_alarm AS
SELECT w.name AS warehouse, p.sku, s.pieces
  FROM stock s JOIN warehouse w ON w.id = s.warehouse JOIN product p ON p.id = s.product
 WHERE s.pieces < 8;
