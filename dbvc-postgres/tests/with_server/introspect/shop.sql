-- Roles belong to the whole server, and tests run side by side.
DO $$ BEGIN CREATE ROLE shop_reader; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
DO $$ BEGIN CREATE ROLE shop_owner; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;

CREATE SCHEMA sales;
COMMENT ON SCHEMA sales IS 'what is sold';
CREATE SCHEMA spare;

CREATE TYPE mood AS ENUM ('dry', 'wet');
CREATE DOMAIN price AS numeric(10, 2) DEFAULT 0 NOT NULL CHECK (VALUE >= 0) CONSTRAINT cheap CHECK (VALUE < 1000);
CREATE TYPE place AS (row_no integer, shelf text COLLATE "C");
CREATE TYPE span AS RANGE (subtype = float8);

CREATE SEQUENCE order_numbers START 100 INCREMENT 5 MAXVALUE 100000;

CREATE FUNCTION water(plant integer, often boolean DEFAULT true) RETURNS integer LANGUAGE plpgsql AS $body$
BEGIN
  RETURN plant;
END
$body$;
CREATE FUNCTION water(plant text) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE PROCEDURE tidy() LANGUAGE plpgsql AS 'BEGIN NULL; END';
CREATE FUNCTION touched() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE FUNCTION add_up(bigint, bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT $1 + $2';
CREATE AGGREGATE total(bigint) (SFUNC = add_up, STYPE = bigint, INITCOND = '0');

CREATE TABLE pots (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  size smallint NOT NULL DEFAULT 3,
  material text,
  UNIQUE (size, material)
);

CREATE TABLE plants (
  id serial PRIMARY KEY,
  name character varying(40) NOT NULL,
  "Latin Name" text COLLATE "C",
  pot bigint REFERENCES pots ON DELETE CASCADE,
  spare_pot bigint CONSTRAINT spare_pot REFERENCES pots (id) DEFERRABLE,
  humour mood DEFAULT 'dry',
  cost price,
  stands place,
  label text GENERATED ALWAYS AS (upper(name)) STORED,
  tags text[] NOT NULL DEFAULT '{}',
  extra jsonb,
  bought_at timestamp with time zone DEFAULT now(),
  during tstzrange,
  CONSTRAINT named CHECK (name <> ''),
  CHECK (cost < 500),
  CONSTRAINT apart EXCLUDE USING gist (during WITH &&)
);
COMMENT ON TABLE plants IS 'what grows';
COMMENT ON COLUMN plants.name IS 'for people';
COMMENT ON CONSTRAINT named ON plants IS 'no nameless ones';
CREATE INDEX plants_by_name ON plants (lower(name) DESC NULLS LAST, id) WHERE id > 0;
CREATE INDEX ON plants (pot);
CREATE UNIQUE INDEX plants_latin ON plants ("Latin Name" COLLATE "POSIX" text_pattern_ops) INCLUDE (cost);
CREATE INDEX plants_extra ON plants USING gin (extra jsonb_path_ops);
COMMENT ON INDEX plants_by_name IS 'for the search';
CREATE STATISTICS plants_together ON name, pot FROM plants;
CREATE TRIGGER touch BEFORE UPDATE ON plants FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION touched();
ALTER TABLE plants ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON plants FOR SELECT TO shop_reader USING (id > 0);
CREATE RULE no_delete AS ON DELETE TO pots WHERE OLD.size > 100 DO INSTEAD NOTHING;

CREATE TABLE sales.orders (
  number bigint NOT NULL DEFAULT nextval('order_numbers'),
  sold_on date NOT NULL,
  plant integer REFERENCES plants,
  PRIMARY KEY (number, sold_on)
) PARTITION BY RANGE (sold_on);
CREATE TABLE sales.orders_2025 PARTITION OF sales.orders FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE sales.orders_rest PARTITION OF sales.orders DEFAULT;
CREATE INDEX orders_by_plant ON sales.orders (plant);

CREATE TABLE base (made_at date);
CREATE TABLE derived (more text) INHERITS (base);
CREATE UNLOGGED TABLE scratch (id integer) WITH (fillfactor = 70);

CREATE VIEW plant_names AS SELECT id, name FROM plants;
CREATE VIEW dry_plants WITH (security_barrier) AS SELECT * FROM plant_names WHERE id IN (SELECT id FROM plants WHERE humour = 'dry');
CREATE MATERIALIZED VIEW stock AS SELECT pot, count(*) AS plants FROM plants GROUP BY pot;
CREATE UNIQUE INDEX stock_by_pot ON stock (pot);
COMMENT ON VIEW plant_names IS 'names only';

CREATE COLLATION german (provider = libc, locale = 'C');
CREATE OPERATOR === (FUNCTION = int4eq, LEFTARG = integer, RIGHTARG = integer);
CREATE CAST (mood AS integer) WITH INOUT;
CREATE TEXT SEARCH CONFIGURATION botany (COPY = simple);
CREATE PUBLICATION feed FOR TABLE pots;
CREATE FOREIGN DATA WRAPPER nowhere;
CREATE SERVER far FOREIGN DATA WRAPPER nowhere OPTIONS (host 'far');
CREATE FOREIGN TABLE distant (id integer OPTIONS (nr '1')) SERVER far OPTIONS (file 'x');
CREATE FUNCTION noticed() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN NULL; END';
CREATE EVENT TRIGGER notice_drops ON sql_drop EXECUTE FUNCTION noticed();

GRANT SELECT ON plants TO shop_reader;
GRANT UPDATE (name) ON plants TO shop_reader;
GRANT USAGE ON SCHEMA sales TO shop_reader;
ALTER DEFAULT PRIVILEGES IN SCHEMA spare GRANT SELECT ON TABLES TO shop_reader;
