-- Migration: V2.6.0 Add price lists
-- Version: 2.6.0
-- Created: 2026-10-19
-- Description: A function that writes a function for each price list: three levels of quotes.

CREATE FUNCTION shop.make_price_list(list_name text, factor numeric) RETURNS void
LANGUAGE plpgsql AS $make$
BEGIN
    EXECUTE format($list$
        CREATE FUNCTION shop.%1$I() RETURNS TABLE (sku text, price numeric, remark text)
        LANGUAGE plpgsql STABLE AS $body$
        BEGIN
            RETURN QUERY EXECUTE $query$
                SELECT p.sku, round(p.price * $1, 2), $r$list; with 'quotes' and $$$r$ FROM shop.product AS p ORDER BY p.sku;
            $query$ USING %2$L::numeric;
        END;
        $body$;
    $list$, 'price_list_' || list_name, factor);
END;
$make$;

SELECT shop.make_price_list(n, f) FROM (VALUES ('friends', 0.9), ('schools', 0.8)) AS l (n, f);
DO LANGUAGE plpgsql 'BEGIN PERFORM * FROM shop.price_list_friends(); IF NOT FOUND THEN RAISE ''no; nothing''; END IF; END;';
