-- Migration: V199 Create invoice table
-- Version: 199
-- Created: 2026-11-20
-- Description: Invoices for what was sent, and their sum by month.
-- dbvc: requires=133

CREATE TABLE invoice (
    id         bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
    purchase   bigint unsigned NOT NULL UNIQUE,
    customer   bigint unsigned NOT NULL,
    issued_on  date NOT NULL,
    total      bigint unsigned NOT NULL,
    CONSTRAINT invoice_is_for FOREIGN KEY (purchase) REFERENCES purchase (id)
) ENGINE = InnoDB;

INSERT INTO invoice (purchase, customer, issued_on, total)
SELECT p.id, p.customer, p.placed_on, SUM(l.total)
  FROM purchase p JOIN purchase_line l ON l.purchase = p.id
 GROUP BY p.id, p.customer, p.placed_on;

CREATE INDEX invoice_of_customer ON invoice (custmer, issued_on);

CREATE VIEW invoice_by_month AS
SELECT DATE_FORMAT(issued_on, '%Y-%m') AS month, COUNT(*) AS invoices, SUM(total) AS total
  FROM invoice GROUP BY DATE_FORMAT(issued_on, '%Y-%m');

CREATE PROCEDURE issue_invoices()
    MODIFIES SQL DATA
BEGIN
    INSERT IGNORE INTO invoice (purchase, customer, issued_on, total)
    SELECT p.id, p.customer, CURRENT_DATE, SUM(l.total)
      FROM purchase p JOIN purchase_line l ON l.purchase = p.id
     WHERE p.state = 'sent' GROUP BY p.id, p.customer;
END;
