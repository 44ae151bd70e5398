-- Migration: V1.9.0 Add hash functions
-- Version: 1.9.0
-- Created: 2026-09-11
-- Description: Hash keys for the vault: the same input gives the same key everywhere.

CREATE FUNCTION vault.hash_key(VARIADIC parts text[]) RETURNS char(32)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT md5(array_to_string(ARRAY(SELECT upper(btrim(p)) FROM unnest(parts) AS p), ';', '^^'))::char(32); $$;

CREATE FUNCTION vault.hash_diff(document jsonb) RETURNS char(32)
    LANGUAGE plpgsql IMMUTABLE STRICT AS $body$
DECLARE
    flat text := '';
    pair record;
BEGIN
    FOR pair IN SELECT key, value FROM jsonb_each_text(document) ORDER BY key COLLATE "C" LOOP
        flat := flat || pair.key || $sep$=$sep$ || coalesce(pair.value, $null$^^$null$) || ';';
    END LOOP;
    RETURN md5(flat);
END;
$body$;

COMMENT ON FUNCTION vault.hash_key(text[]) IS $$Upper case, trimmed, joined by ';'; NULL counts as ^^$$;
