-- Repeatable: Product ranking
-- Created: 2026-11-02
-- Description: Products by revenue within their category.

CREATE OR REPLACE VIEW report.product_ranking AS
SELECT g.sku, g.name, k.name AS category, sum(f.revenue) AS revenue,
       rank() OVER (PARTITION BY k.category_id ORDER BY sum(f.revenue) DESC NULLS LAST) AS place
  FROM shop.product AS g
  LEFT JOIN shop.category AS k USING (category_id)
  LEFT JOIN mart.sales_fact AS f ON f.sku = g.sku
 GROUP BY g.product_id, g.sku, g.name, k.category_id, k.name;

COMMENT ON VIEW report.product_ranking IS 'Place 1 sells best; ties share a place';
