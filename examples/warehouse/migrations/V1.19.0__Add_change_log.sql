-- Migration: V1.19.0 Add change log
-- Version: 1.19.0
-- Created: 2026-09-21
-- Description: Logs every change of a price; other tables are added by one call.

CREATE TABLE ops.change_log (
    change_id    bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    changed_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    relation     regclass NOT NULL,
    operation    text NOT NULL CHECK (operation IN ('INSERT', 'UPDATE', 'DELETE')),
    before_row   jsonb,
    after_row    jsonb
);

CREATE FUNCTION ops.log_change() RETURNS trigger LANGUAGE plpgsql AS $fn$
BEGIN
    IF TG_OP = 'DELETE' THEN
        INSERT INTO ops.change_log (relation, operation, before_row) VALUES (TG_RELID, TG_OP, to_jsonb(OLD));
        RETURN OLD;
    END IF;
    INSERT INTO ops.change_log (relation, operation, before_row, after_row)
    VALUES (TG_RELID, TG_OP, CASE TG_OP WHEN 'UPDATE' THEN to_jsonb(OLD) END, to_jsonb(NEW));
    RETURN NEW;
END;
$fn$;

-- A function that writes a trigger: dollar quotes inside dollar quotes.
CREATE FUNCTION ops.watch(target regclass, columns text[]) RETURNS void LANGUAGE plpgsql AS $outer$
DECLARE
    list text := (SELECT string_agg(quote_ident(c), ', ') FROM unnest(columns) AS c);
BEGIN
    EXECUTE format($inner$
        CREATE TRIGGER change_log_%s AFTER UPDATE OF %s ON %s
            FOR EACH ROW EXECUTE FUNCTION ops.log_change(); -- ends here; $$ is only text
    $inner$, array_to_string(columns, '_'), list, target);
END;
$outer$;

SELECT ops.watch('shop.product', ARRAY['price']);
