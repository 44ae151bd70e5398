-- Migration: V1.18.0 Add touch triggers
-- Version: 1.18.0
-- Created: 2026-09-20
-- Description: Keeps touched_at right without help from the application.

CREATE FUNCTION ops.touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.touched_at := clock_timestamp();
    RETURN NEW;
END
$$;

CREATE TRIGGER customer_touch BEFORE UPDATE ON shop.customer
    FOR EACH ROW EXECUTE FUNCTION ops.touch();
CREATE TRIGGER product_touch BEFORE UPDATE OF name, price ON shop.product
    FOR EACH ROW WHEN ((OLD.name, OLD.price) IS DISTINCT FROM (NEW.name, NEW.price)) EXECUTE FUNCTION ops.touch();
