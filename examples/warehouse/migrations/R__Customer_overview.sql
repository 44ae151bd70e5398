-- Repeatable: Customer overview
-- Created: 2026-11-02
-- Description: One line for each customer, with what they bought.

CREATE OR REPLACE VIEW report.customer_overview AS
SELECT c.customer_no, c.full_name, c.country_code, count(p.purchase_id) AS purchases,
       coalesce(sum(t.total), 0) AS bought
  FROM shop.customer AS c
  LEFT JOIN shop.purchase AS p ON p.customer_id = c.customer_id AND p.state <> 'basket'
  LEFT JOIN LATERAL (SELECT sum(total) AS total FROM shop.purchase_line AS l WHERE l.purchase_id = p.purchase_id) AS t ON true
 GROUP BY c.customer_id, c.customer_no, c.full_name, c.country_code;
