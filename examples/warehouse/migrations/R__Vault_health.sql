-- Repeatable: Vault health
-- Created: 2026-11-02
-- Description: Counts and gaps in the vault: a satellite without rows is a load that failed.

CREATE OR REPLACE VIEW report.vault_health AS
SELECT 'customer' AS hub, count(*) AS keys, count(*) FILTER (WHERE s.customer_hk IS NULL) AS without_satellite
  FROM vault.customer_h AS h LEFT JOIN vault.customer_now AS s USING (customer_hk)
UNION ALL
SELECT 'product; texts', count(*), count(*) FILTER (WHERE NOT EXISTS (
           SELECT FROM vault.product_text_s AS s WHERE s.product_hk = h.product_hk))
  FROM vault.product_h AS h;
