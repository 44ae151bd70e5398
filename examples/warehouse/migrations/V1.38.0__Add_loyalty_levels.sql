-- Migration: V1.38.0 Add loyalty levels
-- Version: 1.38.0
-- Created: 2026-10-10
-- Description: Customers climb levels by what they bought.

CREATE TYPE shop.loyalty_level AS ENUM ('paper', 'copper', 'silver');

CREATE TABLE shop.loyalty (
    customer_id  bigint PRIMARY KEY REFERENCES shop.customer (customer_id) ON DELETE CASCADE,
    level        shop.loyalty_level NOT NULL DEFAULT 'paper',
    points       integer NOT NULL DEFAULT 0 CHECK (points >= 0)
);

CREATE FUNCTION shop.level_for(points integer) RETURNS shop.loyalty_level
    LANGUAGE sql IMMUTABLE STRICT
RETURN CASE WHEN points >= 400 THEN 'silver' WHEN points >= 200 THEN 'copper' ELSE 'paper' END::shop.loyalty_level;

CREATE FUNCTION shop.set_level() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN
    NEW.level := shop.level_for(NEW.points); RETURN NEW;
END$$;
CREATE TRIGGER loyalty_level BEFORE INSERT OR UPDATE OF points ON shop.loyalty
    FOR EACH ROW EXECUTE FUNCTION shop.set_level();

INSERT INTO shop.loyalty (customer_id, points)
SELECT p.customer_id, floor(sum(l.total))::integer
  FROM shop.purchase AS p JOIN shop.purchase_line AS l USING (purchase_id)
 WHERE p.state IN ('paid', 'shipped') GROUP BY p.customer_id;
