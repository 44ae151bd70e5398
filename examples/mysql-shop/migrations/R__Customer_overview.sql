-- Repeatable: Customer overview
-- Description: How much each customer bought.

CREATE OR REPLACE SQL SECURITY INVOKER VIEW customer_overview AS
SELECT c.id, c.login, c.name, COUNT(DISTINCT p.id) AS purchases, COALESCE(SUM(l.total), 0) AS total
  FROM customer c
  LEFT JOIN purchase p ON p.customer = c.id
  LEFT JOIN purchase_line l ON l.purchase = p.id
 GROUP BY c.id, c.login, c.name;
