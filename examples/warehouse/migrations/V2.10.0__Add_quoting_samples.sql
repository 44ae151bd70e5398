-- Migration: V2.10.0 Add quoting samples
-- Version: 2.10.0
-- Created: 2026-10-23
-- Description: Every way to hide a semicolon that this shop has met; import rules are tested against them.

CREATE TABLE ops."quoting;sample" ("id ""no""" integer PRIMARY KEY, "a--b" text, "c/*d" text DEFAULT 'x;y'); -- one; line
/* a comment; /* with one inside; */ still the comment; 'no string */
INSERT INTO ops."quoting;sample" VALUES
    (1, 'it''s; fine', E'it\'s; fine too\\'),
    (2, $$dollar; 'quoted'$$, $a$one $b$ two; $$ three $a$),
    (3, 'continued; '
        'here', N'national; text'),
    (4, U&'d\0061t\+000061; ok', U&'d!0061t!+000061;' UESCAPE '!'),
    (5, $größe$tag with letters; ok$größe$, B'1010'::text || ';' || X'1F'::text),
    (6, '--', '/*'), (7, '*/', '\'), (8, '$$', $q$';$q$);;

SELECT 1 AS "a;b", 5 /*;*/ - -3 AS c, '{1,2;}'::text AS d, (ARRAY[1, 2])[1] AS e, 1 --;
    + 1 AS f;

PREPARE one_sample (integer) AS SELECT "a--b" FROM ops."quoting;sample" WHERE "id ""no""" = $1;
EXECUTE one_sample(1); DEALLOCATE one_sample;

CREATE FUNCTION ops.count_semicolons("in" text) RETURNS integer LANGUAGE sql IMMUTABLE
BEGIN ATOMIC ; SELECT CASE WHEN "in" IS NULL THEN 0 ELSE (length("in") - length(replace("in", ';', '')))::integer END AS "end"; ; END;
COMMENT ON TABLE ops."quoting;sample" IS $$No harm; only strings.$$
