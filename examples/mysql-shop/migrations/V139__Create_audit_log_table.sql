-- Migration: V139 Create audit log table
-- Version: 139
-- Created: 2026-10-28
-- Description: Written by a trigger that makes a document of the row.

CREATE TABLE audit_log (
    id     bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
    at     datetime(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    what   varchar(40) NOT NULL,
    entry  json NOT NULL
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
DELIMITER |
CREATE TRIGGER customer_is_forgotten BEFORE DELETE ON customer FOR EACH ROW
BEGIN
    INSERT INTO audit_log (what, entry)
    VALUES ('customer forgotten', JSON_OBJECT('id', OLD.id, 'country', OLD.country));
END|
DELIMITER ;
