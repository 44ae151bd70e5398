-- Migration: V2.8.0 Load greetings
-- Version: 2.8.0
-- Created: 2026-10-21
-- Description: Greetings in many scripts; this file begins with a byte order mark.

CREATE TABLE ref.greeting (language text PRIMARY KEY, "text" text NOT NULL, "größe;länge" integer GENERATED ALWAYS AS (char_length("text")) STORED);

COPY ref.greeting (language, "text") FROM STDIN WITH (FORMAT csv, HEADER true, QUOTE '"', DELIMITER ';');
language;text
de;"Grüß Gott; schön, dass Sie da sind"
el;Καλημέρα
ja;ようこそ 🎌
he;שלום
en;"Say ""hello""; it costs nothing"
hi;नमस्ते 🙏🏽
\.

INSERT INTO ref.greeting VALUES ('fr', U&'Bonjour \00E0 tous'), ('sv', E'Hej d\u00e5; v\u00e4lkommen');
