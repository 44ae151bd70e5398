-- A bit of everything that a server in a container can do: without full-text search, and without file groups of its own.
CREATE SCHEMA garden;
GO
CREATE ROLE keeper;
GO
CREATE ROLE helper;
ALTER ROLE keeper ADD MEMBER helper;
GO
CREATE TYPE dbo.phone FROM varchar(20) NOT NULL;
GO
CREATE TYPE dbo.plant_list AS TABLE (id int NOT NULL PRIMARY KEY, name nvarchar(40) DEFAULT N'?', INDEX by_name (name));
GO
CREATE SEQUENCE dbo.numbers AS bigint START WITH 100 INCREMENT BY 5 MINVALUE 1 MAXVALUE 9000 CYCLE CACHE 20;
GO
CREATE SEQUENCE dbo.tickets AS int;
GO
CREATE PARTITION FUNCTION by_year (date) AS RANGE RIGHT FOR VALUES ('20240101', '20250101');
GO
CREATE PARTITION SCHEME years AS PARTITION by_year ALL TO ([PRIMARY]);
GO
CREATE XML SCHEMA COLLECTION garden.leaflet AS
  N'<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema"><xsd:element name="leaf" type="xsd:string"/></xsd:schema>';
GO
CREATE FUNCTION dbo.litres (@size smallint) RETURNS decimal(9, 2) WITH SCHEMABINDING AS
BEGIN
  RETURN @size / 10.0
END
GO
CREATE TABLE garden.pots (
  id int IDENTITY PRIMARY KEY,
  material nvarchar(40) NULL DEFAULT N'clay',
  size smallint NOT NULL CONSTRAINT pots_size DEFAULT 3 CHECK (size > 0),
  volume AS dbo.litres(size),
  code uniqueidentifier ROWGUIDCOL NOT NULL DEFAULT NEWID(),
  CONSTRAINT pots_volume CHECK (dbo.litres(size) < 100),
  UNIQUE (material, size DESC)
);
GO
CREATE TABLE garden.plants (
  id int IDENTITY(10, 2) CONSTRAINT plants_pk PRIMARY KEY WITH (FILLFACTOR = 80, PAD_INDEX = ON),
  name nvarchar(40) COLLATE Latin1_General_BIN2 NOT NULL,
  pot int NULL REFERENCES garden.pots (id) ON DELETE SET NULL ON UPDATE CASCADE,
  humour varchar(10) NOT NULL DEFAULT 'dry' CONSTRAINT plants_humour CHECK (humour IN ('dry', 'wet', 'damp')),
  label AS UPPER(name) + N'!' PERSISTED,
  contact dbo.phone MASKED WITH (FUNCTION = 'partial(0,"xxx",4)'),
  extra xml(DOCUMENT garden.leaflet) NULL,
  place geography NULL,
  cost money NULL,
  stamp rowversion
) WITH (DATA_COMPRESSION = PAGE);
CREATE INDEX plants_by_name ON garden.plants (name DESC) INCLUDE (pot, cost) WHERE pot IS NOT NULL AND humour = 'dry'
  WITH (DATA_COMPRESSION = ROW, ALLOW_PAGE_LOCKS = OFF);
CREATE INDEX plants_by_pot ON garden.plants (pot);
CREATE NONCLUSTERED COLUMNSTORE INDEX plants_columns ON garden.plants (pot, humour);
CREATE PRIMARY XML INDEX extra_x ON garden.plants (extra);
CREATE XML INDEX extra_path ON garden.plants (extra) USING XML INDEX extra_x FOR PATH;
CREATE SPATIAL INDEX places ON garden.plants (place);
CREATE STATISTICS by_two ON garden.plants (pot, humour);
ALTER TABLE garden.plants WITH NOCHECK ADD CONSTRAINT plants_named CHECK (LEN(name) > 0);
ALTER TABLE garden.plants NOCHECK CONSTRAINT plants_named;
ALTER TABLE garden.plants ADD CONSTRAINT plants_far CHECK NOT FOR REPLICATION (id > 0);
ALTER TABLE garden.plants SET (LOCK_ESCALATION = AUTO);
EXEC sp_tableoption N'garden.plants', 'large value types out of row', '1';
GO
-- What goes with nothing else: sparse columns not with compression, a policy not with an indexed view over its table.
CREATE TABLE garden.beds (
  id int CONSTRAINT beds_pk PRIMARY KEY,
  gardener nvarchar(40) NULL,
  seen datetime2(3) SPARSE NULL
);
GO
CREATE TABLE dbo.prices (
  id int CONSTRAINT prices_pk PRIMARY KEY,
  amount money NOT NULL,
  valid_from datetime2 GENERATED ALWAYS AS ROW START HIDDEN NOT NULL,
  valid_to datetime2 GENERATED ALWAYS AS ROW END HIDDEN NOT NULL,
  PERIOD FOR SYSTEM_TIME (valid_from, valid_to)
) WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = dbo.prices_before));
GO
CREATE TABLE dbo.sales (
  number bigint NOT NULL CONSTRAINT sales_number DEFAULT NEXT VALUE FOR dbo.numbers,
  plant int NOT NULL CONSTRAINT sales_plant REFERENCES garden.plants (id),
  sold_on date NOT NULL,
  CONSTRAINT sales_pk PRIMARY KEY (number, sold_on)
) ON years (sold_on);
GO
CREATE TABLE dbo.spare (a int, b varchar(20), c decimal(9, 2), d float, e bit, f datetime, g nvarchar(max));
GO
SET ANSI_NULLS OFF;
GO
CREATE TABLE dbo.old_notes (text varchar(max) NULL);
GO
SET ANSI_NULLS ON;
GO
CREATE VIEW garden.dry AS
SELECT p.id, p.name FROM garden.plants AS p WHERE p.humour = 'dry';
GO
CREATE VIEW garden.counted WITH SCHEMABINDING AS
SELECT size, COUNT_BIG(*) AS number FROM garden.pots GROUP BY size;
GO
CREATE UNIQUE CLUSTERED INDEX counted_by_size ON garden.counted (size);
GO
-- Waters.
CREATE PROC dbo.water @plant int AS
BEGIN
  SET NOCOUNT ON;
  UPDATE garden.plants SET humour = 'wet' WHERE id = @plant;
END
GO
CREATE FUNCTION dbo.in_pot (@pot int) RETURNS TABLE AS RETURN SELECT id, name FROM garden.plants WHERE pot = @pot
GO
CREATE FUNCTION dbo.all_names () RETURNS @found TABLE (name nvarchar(80)) AS
BEGIN
  INSERT @found SELECT name FROM garden.plants;
  RETURN
END
GO
CREATE PROCEDURE dbo.take_list @list dbo.plant_list READONLY AS SELECT id FROM @list
GO
SET QUOTED_IDENTIFIER OFF;
GO
CREATE PROCEDURE dbo.legacy AS SELECT 'a' AS a
GO
SET QUOTED_IDENTIFIER ON;
GO
CREATE TRIGGER garden.touch ON garden.plants AFTER INSERT, UPDATE AS SET NOCOUNT ON
GO
EXEC sp_settriggerorder N'garden.touch', 'First', 'INSERT';
GO
CREATE TRIGGER garden.dry_in ON garden.dry INSTEAD OF INSERT AS SET NOCOUNT ON
GO
CREATE SYNONYM dbo.flora FOR garden.plants;
GO
CREATE FUNCTION dbo.own_rows (@who nvarchar(40)) RETURNS TABLE WITH SCHEMABINDING AS RETURN SELECT 1 AS ok WHERE @who <> N'x'
GO
CREATE SECURITY POLICY garden.who_sees
  ADD FILTER PREDICATE dbo.own_rows(gardener) ON garden.beds,
  ADD BLOCK PREDICATE dbo.own_rows(gardener) ON garden.beds AFTER INSERT
WITH (STATE = OFF);
GO
CREATE TRIGGER no_sequences ON DATABASE FOR DROP_SYNONYM AS PRINT 'noted'
GO
EXEC sp_addextendedproperty N'MS_Description', N'What grows: it''s alive', N'SCHEMA', N'garden', N'TABLE', N'plants';
EXEC sp_addextendedproperty N'MS_Description', N'Its name', N'SCHEMA', N'garden', N'TABLE', N'plants', N'COLUMN', N'name';
EXEC sp_addextendedproperty N'Level', N'low', N'SCHEMA', N'garden', N'TABLE', N'plants', N'COLUMN', N'name';
EXEC sp_addextendedproperty N'MS_Description', N'For the tour', N'SCHEMA', N'garden', N'TABLE', N'plants', N'INDEX', N'plants_by_pot';
EXEC sp_addextendedproperty N'MS_Description', N'Outdoors', N'SCHEMA', N'garden';
GRANT SELECT ON garden.plants TO helper;
GRANT UPDATE ON garden.plants TO keeper WITH GRANT OPTION;
DENY SELECT ON garden.plants (contact) TO helper;
GRANT EXECUTE ON dbo.water TO helper;
GRANT SELECT ON SCHEMA::garden TO keeper;
GRANT EXECUTE ON TYPE::dbo.plant_list TO helper;
GRANT CREATE TABLE TO keeper;
GO
