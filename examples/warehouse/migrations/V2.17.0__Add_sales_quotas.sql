-- Migration: V2.17.0 Add sales quotas
-- Version: 2.17.0
-- Created: 2026-10-30
-- Description: Quotas of a year must add up to its plan; looked at when the transaction ends.

CREATE TABLE mart.sales_plan (
    year   smallint PRIMARY KEY,
    total  numeric(14, 2) NOT NULL
);
CREATE TABLE mart.sales_quota (
    year     smallint NOT NULL REFERENCES mart.sales_plan (year) DEFERRABLE INITIALLY DEFERRED,
    country  char(2) NOT NULL REFERENCES ref.country (code),
    quota    numeric(14, 2) NOT NULL,
    PRIMARY KEY (year, country)
);

CREATE FUNCTION mart.quotas_add_up() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    missing numeric := (SELECT p.total - coalesce(sum(q.quota), 0)
                          FROM mart.sales_plan AS p LEFT JOIN mart.sales_quota AS q USING (year)
                         WHERE p.year = NEW.year GROUP BY p.total);
BEGIN
    IF missing <> 0 THEN
        RAISE check_violation USING MESSAGE = format('quotas of %s miss the plan by %s', NEW.year, missing);
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER quotas_add_up AFTER INSERT OR UPDATE ON mart.sales_quota
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION mart.quotas_add_up();

-- Quotas before their plan: allowed, since both checks wait for the end.
INSERT INTO mart.sales_quota VALUES (2027, 'DE', 40000), (2027, 'FR', 35000), (2027, 'JP', 25000);
INSERT INTO mart.sales_plan VALUES (2027, 100000);
SET CONSTRAINTS ALL IMMEDIATE;
