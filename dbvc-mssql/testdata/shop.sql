SET ANSI_NULLS ON;
SET ANSI_PADDING ON;
SET ANSI_WARNINGS ON;
SET ARITHABORT ON;
SET CONCAT_NULL_YIELDS_NULL ON;
SET NUMERIC_ROUNDABORT OFF;
SET QUOTED_IDENTIFIER ON;
GO

CREATE SCHEMA [garden];
GO

CREATE TYPE [dbo].[phone] FROM varchar(20) NOT NULL;
GO

CREATE TYPE [dbo].[plant_list] AS TABLE (
  [id] int NOT NULL,
  [name] nvarchar(40) DEFAULT (N'?') NULL,
  PRIMARY KEY CLUSTERED ([id])
);
GO

CREATE SEQUENCE [dbo].[numbers] AS bigint START WITH 100 INCREMENT BY 5 MINVALUE 1 MAXVALUE 9000 CYCLE CACHE 20;
GO

CREATE SEQUENCE [dbo].[receipts] AS decimal(30, 0) START WITH 1 INCREMENT BY 1 MINVALUE 1 MAXVALUE 999999999999999999999999999999 NO CYCLE NO CACHE;
GO

CREATE SEQUENCE [dbo].[tickets] AS int START WITH 1 INCREMENT BY 1 MINVALUE -2147483648 MAXVALUE 2147483647 NO CYCLE CACHE;
GO

CREATE TABLE [dbo].[members] (
  [id] int NOT NULL
) AS NODE;
GO

-- Not written: table dbo.outside: its rows are elsewhere, and how they are reached is not in the catalogue as a whole.

CREATE TABLE [dbo].[prices_before] (
  [id] int NOT NULL,
  [amount] money NOT NULL,
  [valid_from] datetime2(7) NOT NULL,
  [valid_to] datetime2(7) NOT NULL
)
WITH (DATA_COMPRESSION = PAGE);
GO

CREATE CLUSTERED INDEX [ix_prices_before] ON [dbo].[prices_before] ([valid_to], [valid_from]);
GO

CREATE TABLE [dbo].[prices] (
  [id] int NOT NULL,
  [amount] money NOT NULL,
  [valid_from] datetime2(7) GENERATED ALWAYS AS ROW START HIDDEN NOT NULL,
  [valid_to] datetime2(7) GENERATED ALWAYS AS ROW END HIDDEN NOT NULL,
  PERIOD FOR SYSTEM_TIME ([valid_from], [valid_to]),
  CONSTRAINT [prices_pk] PRIMARY KEY CLUSTERED ([id])
)
WITH (SYSTEM_VERSIONING = ON (HISTORY_TABLE = [dbo].[prices_before], HISTORY_RETENTION_PERIOD = 6 MONTH));
GO

CREATE TABLE [dbo].[stays] (
  [id] int NOT NULL,
  [since] datetime2(7) GENERATED ALWAYS AS ROW START NOT NULL,
  [till] datetime2(7) GENERATED ALWAYS AS ROW END NOT NULL,
  PERIOD FOR SYSTEM_TIME ([since], [till]),
  CONSTRAINT [stays_pk] PRIMARY KEY CLUSTERED ([id])
)
WITH (SYSTEM_VERSIONING = ON);
GO

CREATE TABLE [dbo].[visits] (
  [id] int NOT NULL,
  [who] nvarchar(20) NOT NULL,
  CONSTRAINT [visits_pk] PRIMARY KEY NONCLUSTERED HASH ([id]) WITH (BUCKET_COUNT = 1024),
  INDEX [visits_by_who] NONCLUSTERED ([who])
)
WITH (MEMORY_OPTIMIZED = ON, DURABILITY = SCHEMA_ONLY);
GO

-- Not written: routine dbo.hidden: it was made WITH ENCRYPTION, so the server does not give its text.

SET ANSI_NULLS OFF;
SET QUOTED_IDENTIFIER OFF;
GO
CREATE PROCEDURE [dbo].[legacy] AS SELECT "a" = 1
GO

SET ANSI_NULLS ON;
SET QUOTED_IDENTIFIER ON;
GO
CREATE FUNCTION [dbo].[litres] (@size smallint) RETURNS decimal(9, 2) WITH SCHEMABINDING AS BEGIN RETURN @size / 10.0 END
GO

CREATE TABLE [garden].[pots] (
  [id] int IDENTITY(1, 1) NOT NULL,
  [material] nvarchar(40) DEFAULT (N'clay') NULL,
  [size] smallint CONSTRAINT [pots_size] DEFAULT ((3)) NOT NULL,
  [volume] AS ([dbo].[litres]([size])),
  [code] uniqueidentifier ROWGUIDCOL DEFAULT (newid()) NOT NULL,
  PRIMARY KEY CLUSTERED ([id]),
  UNIQUE NONCLUSTERED ([material], [size] DESC),
  CHECK ([size]>(0)),
  CONSTRAINT [pots_volume] CHECK ([dbo].[litres]([size])<(100))
);
GO

CREATE FUNCTION [dbo].[own_rows] (@who sysname) RETURNS TABLE WITH SCHEMABINDING AS RETURN SELECT 1 AS ok WHERE @who = USER_NAME()
GO

CREATE PROCEDURE [dbo].[take_list] @list dbo.plant_list READONLY AS SELECT id FROM @list
GO

CREATE SYNONYM [dbo].[flora] FOR [garden].[plants];
GO

-- Not written: assembly shapes: the catalogue says too little of it.

-- For a database that was made with COLLATE Latin1_General_CI_AS.

CREATE FULLTEXT CATALOG [words] WITH ACCENT_SENSITIVITY = ON;
GO

CREATE PARTITION FUNCTION [by_year](date) AS RANGE RIGHT FOR VALUES (N'2024-01-01', N'2025-01-01');
GO

CREATE PARTITION SCHEME [years] AS PARTITION [by_year] TO ([PRIMARY], [PRIMARY], [archive]);
GO

CREATE TABLE [dbo].[sales] (
  [number] bigint CONSTRAINT [sales_number] DEFAULT (NEXT VALUE FOR [dbo].[numbers]) NOT NULL,
  [plant] int NOT NULL,
  [sold_on] date NOT NULL,
  CONSTRAINT [sales_pk] PRIMARY KEY CLUSTERED ([number], [sold_on])
)
ON [years]([sold_on]);
GO

CREATE ROLE [keeper];
GO

CREATE ROLE [helper];
ALTER ROLE [db_datareader] ADD MEMBER [helper];
ALTER ROLE [keeper] ADD MEMBER [helper];
GO

-- Not written: clr type dbo.point3d: the catalogue says too little of it.

CREATE DEFAULT [dbo].[nothing] AS ''
GO

SET ANSI_NULLS OFF;
SET ANSI_PADDING OFF;
GO
CREATE TABLE [dbo].[old_notes] (
  [text] varchar(max) NULL
)
ON [archive];
GO
SET ANSI_NULLS ON;
SET ANSI_PADDING ON;
GO
EXEC sys.sp_bindefault N'[dbo].[nothing]', N'[dbo].[old_notes].[text]';
GO

-- Not written: queue dbo.orders: the catalogue says too little of it.

CREATE RULE [dbo].[some] AS @it > 0
GO

CREATE XML SCHEMA COLLECTION [garden].[leaflet] AS N'<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema"/>';
GO

CREATE TABLE [garden].[plants] (
  [id] int IDENTITY(10, 2) NOT FOR REPLICATION NOT NULL,
  [name] nvarchar(40) COLLATE Latin1_General_BIN2 NOT NULL,
  [pot] int NULL,
  [humour] varchar(10) DEFAULT ('dry') NOT NULL,
  [label] AS (upper([name])+N'!') PERSISTED,
  [contact] [dbo].[phone] MASKED WITH (FUNCTION = 'partial(0,"xxx",4)') NULL,
  [seen] datetime2(3) SPARSE NULL,
  [extra] xml(DOCUMENT [garden].[leaflet]) NULL,
  [place] geography NULL,
  [stamp] timestamp NOT NULL,
  CONSTRAINT [plants_pk] PRIMARY KEY CLUSTERED ([id]) WITH (FILLFACTOR = 80, PAD_INDEX = ON),
  CONSTRAINT [plants_far] CHECK NOT FOR REPLICATION ([id]>(0))
)
WITH (DATA_COMPRESSION = PAGE);
GO

CREATE PRIMARY XML INDEX [extra_x] ON [garden].[plants] ([extra]);
GO

CREATE SPATIAL INDEX [places] ON [garden].[plants] ([place]) USING GEOGRAPHY_GRID WITH (GRIDS = (LEVEL_1 = MEDIUM, LEVEL_2 = HIGH, LEVEL_3 = LOW, LEVEL_4 = MEDIUM), CELLS_PER_OBJECT = 16);
GO

CREATE NONCLUSTERED INDEX [plants_by_name] ON [garden].[plants] ([name] DESC) INCLUDE ([pot], [seen]) WHERE ([pot] IS NOT NULL AND [humour]='dry') WITH (ALLOW_PAGE_LOCKS = OFF, OPTIMIZE_FOR_SEQUENTIAL_KEY = ON, DATA_COMPRESSION = ROW) ON [archive];
GO

CREATE NONCLUSTERED INDEX [plants_by_pot] ON [garden].[plants] ([pot]);
ALTER INDEX [plants_by_pot] ON [garden].[plants] DISABLE;
GO

CREATE NONCLUSTERED COLUMNSTORE INDEX [plants_columns] ON [garden].[plants] ([humour], [pot]) WITH (COMPRESSION_DELAY = 60);
GO

CREATE XML INDEX [extra_path] ON [garden].[plants] ([extra]) USING XML INDEX [extra_x] FOR PATH;
GO

ALTER TABLE [garden].[plants] WITH NOCHECK ADD CONSTRAINT [plants_humour] CHECK ([humour]='damp' OR [humour]='wet' OR [humour]='dry');
GO

ALTER TABLE [garden].[plants] WITH NOCHECK ADD CONSTRAINT [plants_named] CHECK (len([name])>(0));
ALTER TABLE [garden].[plants] NOCHECK CONSTRAINT [plants_named];
ALTER TABLE [garden].[plants] SET (LOCK_ESCALATION = AUTO);
EXEC sys.sp_tableoption N'[garden].[plants]', 'large value types out of row', '1';
GO

CREATE VIEW [garden].[counted] WITH SCHEMABINDING AS
SELECT pot, COUNT_BIG(*) AS number FROM garden.plants GROUP BY pot
GO

CREATE UNIQUE CLUSTERED INDEX [counted_by_pot] ON [garden].[counted] ([pot]);
GO

CREATE VIEW [garden].[dry] as
select p.id, p.name from garden.plants as p where p.humour = 'dry'
GO

CREATE FUNCTION [dbo].[all_names] () RETURNS @found TABLE (name nvarchar(80)) AS BEGIN INSERT @found SELECT name FROM garden.plants; RETURN END
GO

CREATE FUNCTION [dbo].[in_pot] (@pot int) RETURNS TABLE AS RETURN SELECT id, name FROM garden.plants WHERE pot = @pot
GO

-- Waters.
CREATE PROCEDURE [dbo].[water] @plant int AS
BEGIN
  SET NOCOUNT ON;
  UPDATE garden.plants SET humour = 'wet' WHERE id = @plant;
END
GO

CREATE TRIGGER [garden].[dry_in] ON garden.dry INSTEAD OF INSERT AS SET NOCOUNT ON
GO

DISABLE TRIGGER [garden].[dry_in] ON [garden].[dry];
GO

CREATE TRIGGER [garden].[touch] ON garden.plants AFTER INSERT, UPDATE AS SET NOCOUNT ON
GO

EXEC sys.sp_settriggerorder @triggername = N'[garden].[touch]', @order = 'First', @stmttype = 'INSERT';
GO

EXEC sys.sp_settriggerorder @triggername = N'[garden].[touch]', @order = 'Last', @stmttype = 'UPDATE';
GO

CREATE FULLTEXT INDEX ON [garden].[plants] ([name] LANGUAGE 1033) KEY INDEX [plants_pk] ON [words] WITH CHANGE_TRACKING AUTO, STOPLIST = SYSTEM;
GO

CREATE SECURITY POLICY [garden].[who_sees]
  ADD BLOCK PREDICATE [dbo].[own_rows]([name]) ON [garden].[plants] AFTER INSERT,
  ADD FILTER PREDICATE [dbo].[own_rows]([name]) ON [garden].[plants]
WITH (STATE = ON);
GO

CREATE STATISTICS [by_two] ON [garden].[plants] ([pot], [humour]);
GO

ALTER TABLE [dbo].[visits] WITH NOCHECK ADD CONSTRAINT [visits_self] FOREIGN KEY ([id]) REFERENCES [dbo].[visits] ([id]) NOT FOR REPLICATION;
ALTER TABLE [dbo].[visits] NOCHECK CONSTRAINT [visits_self];
GO

ALTER TABLE [dbo].[sales] WITH NOCHECK ADD CONSTRAINT [sales_plant] FOREIGN KEY ([plant]) REFERENCES [garden].[plants] ([id]);
GO

ALTER TABLE [garden].[plants] ADD FOREIGN KEY ([pot]) REFERENCES [garden].[pots] ([id]) ON DELETE SET NULL ON UPDATE CASCADE;
GO

ALTER AUTHORIZATION ON SCHEMA::[garden] TO [keeper];
GO

GRANT SELECT ON SCHEMA::[garden] TO [keeper];
GO

EXEC sys.sp_addextendedproperty @name = N'MS_Description', @value = N'Outdoors', @level0type = N'SCHEMA', @level0name = N'garden';
GO

GRANT EXECUTE ON TYPE::[dbo].[plant_list] TO [helper];
GO

GRANT CREATE TABLE TO [keeper];
GO

GRANT SELECT ON OBJECT::[garden].[plants] TO [helper];
GO

GRANT UPDATE ON OBJECT::[garden].[plants] TO [keeper] WITH GRANT OPTION;
GO

DENY SELECT ([contact]) ON OBJECT::[garden].[plants] TO [helper];
GO

EXEC sys.sp_addextendedproperty @name = N'MS_Description', @value = N'What grows: it''s alive', @level0type = N'SCHEMA', @level0name = N'garden', @level1type = N'TABLE', @level1name = N'plants';
GO

EXEC sys.sp_addextendedproperty @name = N'MS_Description', @value = N'Three of them', @level0type = N'SCHEMA', @level0name = N'garden', @level1type = N'TABLE', @level1name = N'plants', @level2type = N'CONSTRAINT', @level2name = N'plants_humour';
GO

EXEC sys.sp_addextendedproperty @name = N'MS_Description', @value = N'Its name', @level0type = N'SCHEMA', @level0name = N'garden', @level1type = N'TABLE', @level1name = N'plants', @level2type = N'COLUMN', @level2name = N'name';
GO

EXEC sys.sp_addextendedproperty @name = N'Sensitivity', @value = N'low', @level0type = N'SCHEMA', @level0name = N'garden', @level1type = N'TABLE', @level1name = N'plants', @level2type = N'COLUMN', @level2name = N'name';
GO

EXEC sys.sp_addextendedproperty @name = N'MS_Description', @value = N'For the tour', @level0type = N'SCHEMA', @level0name = N'garden', @level1type = N'TABLE', @level1name = N'plants', @level2type = N'INDEX', @level2name = N'plants_by_pot';
GO

EXEC sys.sp_addextendedproperty @name = N'MS_Description', @value = N'One each', @level0type = N'SCHEMA', @level0name = N'garden', @level1type = N'TABLE', @level1name = N'plants', @level2type = N'CONSTRAINT', @level2name = N'plants_pk';
GO

GRANT EXECUTE ON OBJECT::[dbo].[water] TO [helper];
GO

CREATE TRIGGER [no_drops] ON DATABASE FOR DROP_TABLE AS PRINT 'no'
GO
