-- Migration: V1.22.0 Load first products
-- Version: 1.22.0
-- Created: 2026-09-24
-- Description: Categories and products, by COPY with its escapes.

INSERT INTO shop.category (name) VALUES ('Writing'), ('Paper');
INSERT INTO shop.category (parent_id, name)
SELECT category_id, unnest(ARRAY['Pens', 'Inks']) FROM shop.category WHERE name = 'Writing';

COPY shop.product (sku, name, price, barcode, weight, tags, details) FROM stdin;
PE-0001	Fountain pen "Heron"; fine	39.00	4006381333931	24 g	{pen,gift}	{"nib": "F", "colours": ["blue", "red; dark"]}
PE-0002	Pencil	1.20	40063	6 g	{pen}	{}
IN-0001	Ink 30 ml, it's blue-black	8.50	\N	110 g	{ink,"a b"}	{"html": "<b>dark; deep</b>"}
IN-0002	Ink “Rosé” 🌸	9.00	\N	110 g	{ink,gift}	{"path": "C:\\\\ink\\\\rose"}
PA-0001	Notebook A5 -- dotted	14.90	17	310 g	{paper}	{"pages": 192}
PA-0002	Letter paper $1 $$ /* 50 sheets	12.00	18	260 g	{paper,gift}	{"pages": 50}
\.

UPDATE shop.product AS p
   SET category_id = c.category_id
  FROM shop.category AS c
 WHERE c.name = CASE left(p.sku, 2) WHEN 'PE' THEN 'Pens' WHEN 'IN' THEN 'Inks' ELSE 'Paper' END;
