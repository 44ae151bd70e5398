-- Migration: V2.7.0 Import legacy ratings
-- Version: 2.7.0
-- Created: 2026-10-20
-- Description: From the old shop, whose files end their lines with CR LF, as this one does.

CREATE TABLE raw.legacy_rating (
    sku      text NOT NULL,
    stars    smallint NOT NULL CHECK (stars BETWEEN 1 AND 5),
    remark   text
);

INSERT INTO raw.legacy_rating (sku, stars, remark) VALUES
    ('PE-0001', 5, 'Writes like butter; thanks!'),
    ('IN-0002', 4, 'Smells of nothing.
Second line of the remark; still one string.'),
    ('PA-0001', 3, NULL);

CREATE FUNCTION raw.stars(rating integer) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN repeat('★', rating) || repeat('☆', 5 - rating);
END;
$$;
