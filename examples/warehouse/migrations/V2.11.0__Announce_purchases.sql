-- Migration: V2.11.0 Announce purchases
-- Version: 2.11.0
-- Created: 2026-10-24
-- Description: Tells listeners about new purchases, one message per statement.

CREATE FUNCTION shop.announce_purchases() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('purchases', json_build_object('added', (SELECT count(*) FROM added), 'by', current_user)::text);
    RETURN NULL;
END;
$$;

CREATE TRIGGER purchase_announce AFTER INSERT ON shop.purchase
    REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION shop.announce_purchases();
