-- Repeatable: Open purchases
-- Created: 2026-11-02
-- Description: What still waits for payment or for a parcel, oldest first.

CREATE OR REPLACE VIEW report.open_purchase AS
SELECT p.purchase_no, p.state, p.ordered_on, c.customer_no, c.preferred_channel
  FROM shop.purchase AS p JOIN shop.customer AS c USING (customer_id)
 WHERE p.state IN ('ordered', 'paid')
 ORDER BY p.ordered_on, p.purchase_no;
