//! Single changes of a catalogue: each shows in the difference, is written, and so is its undoing.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use dbvc_engine::diff::{DiffOptions, diff};
use dbvc_engine::driver::{Altered, DdlWriter as _};
use dbvc_engine::schema::Database;

use super::super::MsSqlDdl;
use super::super::tests::{batches, read_again};
use crate::introspect::tests::{changed, shop};

/// Words of the catalogue, what stands there instead, what the report says, and what the script has in it.
type Mutation = (&'static str, &'static str, &'static str, &'static str);

#[rustfmt::skip]
const MUTATIONS: &[Mutation] = &[
    // Columns.
    ("100|4|size|smallint|sys|0|smallint|52|2|5|0|0|", "100|4|size|int|sys|0|int|56|4|10|0|0|", "column size: type: smallint → int", "ALTER COLUMN [size] int NOT NULL"),
    ("100|3|material|nvarchar|sys|0|nvarchar|231|80|", "100|3|material|nvarchar|sys|0|nvarchar|231|160|", "nvarchar(40) → nvarchar(80)", "ALTER COLUMN [material] nvarchar(80) NULL"),
    ("100|3|material|nvarchar|sys|0|nvarchar|231|80|0|0|1", "100|3|material|nvarchar|sys|0|nvarchar|231|80|0|0|0", "column material: nullable: yes → no", "SET [material] = (N'clay') WHERE [material] IS NULL"),
    ("|1|Latin1_General_CI_AS||||||300|(N'clay')", "|1|Latin1_General_BIN2||||||300|(N'clay')", "column material: collation", "COLLATE Latin1_General_BIN2"),
    ("(N'clay')", "(N'tin')", "default: (N'clay') → (N'tin')", "ADD DEFAULT (N'tin') FOR [material]"),
    ("301|((3))|pots_size|0", "301|((3))|DF__x|1", "default name: pots_size → none", "DROP CONSTRAINT [pots_size]"),
    ("301|((3))|pots_size|0", "||", "default: ((3)) → none", "DROP CONSTRAINT [pots_size]"),
    ("([dbo].[litres]([size]))|0|", "([dbo].[litres]([size])*(2))|0|", "generated.expression", "ADD [volume] AS ([dbo].[litres]([size])*(2))"),
    ("(upper([name])+N'!')|1", "(upper([name])+N'!')|0", "generated.stored", "ADD [label] AS (upper([name])+N'!')"),
    ("303|('dry')|DF__plants__humour__3C|1", "303|('wet')|DF__plants__humour__3C|1", "default: ('dry') → ('wet')", "sys.default_constraints"),
    ("101|7|seen|datetime2|sys|0|datetime2|42|8|27|3|", "101|7|seen|datetime2|sys|0|datetime2|42|8|27|7|", "datetime2(3) → datetime2(7)", "[seen] datetime2(7) SPARSE NULL"),
    ("|1|0|0|0|1|NOT_APPLICABLE|0||||||||U\n101|8", "|0|0|0|0|1|NOT_APPLICABLE|0||||||||U\n101|8", "sparse: yes → none", "DROP SPARSE"),
    ("partial(0,\"xxx\",4)", "default()", "mask", "ADD MASKED WITH (FUNCTION = 'default()')"),
    ("partial(0,\"xxx\",4)", "", "mask", "DROP MASKED"),
    ("|0|0|1|0|1|NOT_APPLICABLE|0||||||||U\n101|1", "|0|0|0|0|1|NOT_APPLICABLE|0||||||||U\n101|1", "rowguidcol", "DROP ROWGUIDCOL"),
    ("|AS_ROW_START|1|", "|AS_ROW_START|0|", "hidden", "DROP HIDDEN"),
    ("101|1|id|int|sys|0|int|56|4|10|0|0||10|2|1|", "101|1|id|int|sys|0|int|56|4|10|0|0||1|1|1|", "identity", "Not written: table garden.plants: column id"),
    ("|2|amount|money|sys|0|money|60|8|19|4|", "|2|amount|decimal|sys|0|decimal|106|9|19|4|", "money → decimal(19, 4)", "SYSTEM_VERSIONING = OFF"),
    ("104|2|plant|int|sys|0|int|56|4|10|", "104|2|plant|bigint|sys|0|bigint|127|8|19|", "column plant: type: int → bigint", "DROP CONSTRAINT [sales_plant]"),
    // Keys, conditions, foreign keys.
    ("101|1|plants_pk|CLUSTERED|1|1|0|402|0|0|80", "101|1|plants_pk|CLUSTERED|1|1|0|402|0|0|90", "fillfactor: 80 → 90", "DROP FULLTEXT INDEX ON [garden].[plants]"),
    ("102|1|prices_pk|CLUSTERED", "102|2|prices_pk|NONCLUSTERED", "method", "PRIMARY KEY NONCLUSTERED ([id])"),
    ("material|1|0|0|0|0\n", "code|1|0|0|0|0\n", "key UQ__pots__9F", "sys.key_constraints"),
    ("|size|2|0|0|1|0", "|size|2|0|0|0|0", "key UQ__pots__9F", "ADD UNIQUE NONCLUSTERED ([material], [size])"),
    ("PK__pots__3213E83F|CLUSTERED|1|1|0|400|1", "pots_pk|CLUSTERED|1|1|0|400|0", "key pots_pk", "ADD CONSTRAINT [pots_pk] PRIMARY KEY CLUSTERED ([id])"),
    ("([size]>(0))|1", "([size]>(1))|1", "expression: ([size]>(0)) → ([size]>(1))", "c.definition = N'([size]>(0))'"),
    ("100|501|pots_volume|([dbo].[litres]([size])<(100))", "100|501|pots_volume|([dbo].[litres]([size])<(99))", "check pots_volume", "DROP CONSTRAINT [pots_volume]"),
    ("plants_named|(len([name])>(0))|0|1|1|0", "plants_named|(len([name])>(0))|0|0|0|0", "disabled: yes → none", "ADD CONSTRAINT [plants_named] CHECK (len([name])>(0))"),
    ("plants_humour|([humour]='damp' OR [humour]='wet' OR [humour]='dry')|0|0|1|0", "plants_humour|([humour]='damp' OR [humour]='wet' OR [humour]='dry')|0|0|0|0", "unvalidated: yes → none", "ADD CONSTRAINT [plants_humour] CHECK"),
    ("101|504|plants_far|([id]>(0))|0|0|1|1", "101|504|plants_far|([id]>(0))|0|0|0|0", "not for replication: yes → none", "ADD CONSTRAINT [plants_far] CHECK ([id]>(0))"),
    ("SET_NULL|CASCADE", "SET_NULL|NO_ACTION", "on_update: cascade → none", "sys.foreign_keys"),
    ("sales_plant|0|NO_ACTION|NO_ACTION|0|0|1", "sales_plant|0|CASCADE|NO_ACTION|0|0|1", "on_delete: none → cascade", "ON DELETE CASCADE"),
    ("sales_plant|0|NO_ACTION|NO_ACTION|0|0|1", "sales_plant|0|NO_ACTION|NO_ACTION|0|0|0", "unvalidated: yes → none", "ADD CONSTRAINT [sales_plant] FOREIGN KEY"),
    // Indexes.
    ("|name|1|0|0|1|0", "|name|1|0|0|0|0", "index plants_by_name", "NONCLUSTERED INDEX [plants_by_name] ON [garden].[plants] ([name]) INCLUDE"),
    ("AND [humour]='dry')|1", "AND [humour]='wet')|1", "filter", "WHERE ([pot] IS NOT NULL AND [humour]='wet')"),
    ("archive|FG||1|ROW|ROW", "archive|FG||1|NONE|NONE", "compression: row → none", "DROP INDEX [plants_by_name]"),
    ("archive|FG||1|ROW|ROW", "PRIMARY|FG||0|ROW|ROW", "options.mssql.on", "DATA_COMPRESSION = ROW"),
    ("plants_by_pot|NONCLUSTERED|0|0|0|||0|0|0|1", "plants_by_pot|NONCLUSTERED|1|0|0|||0|0|0|1", "unique: none → yes", "CREATE UNIQUE NONCLUSTERED INDEX [plants_by_pot]"),
    ("plants_by_pot|NONCLUSTERED|0|0|0|||0|0|0|1", "plants_by_pot|NONCLUSTERED|0|0|0|||0|0|0|0", "disabled: on → none", "CREATE NONCLUSTERED INDEX [plants_by_pot]"),
    ("COLUMNSTORE|60|", "COLUMNSTORE|0|", "compression delay: 60 → none", "NONCLUSTERED COLUMNSTORE INDEX [plants_columns]"),
    ("|extra_x|PATH|", "|extra_x|VALUE|", "xml sort: path → value", "FOR VALUE"),
    ("GEOGRAPHY_GRID||MEDIUM|HIGH", "GEOGRAPHY_GRID||LOW|HIGH", "grids", "GRIDS = (LEVEL_1 = LOW"),
    ("105|3|visits_by_who|NONCLUSTERED|0", "105|3|visits_by_who|NONCLUSTERED|1", "unique", "ADD INDEX [visits_by_who] UNIQUE NONCLUSTERED ([who])"),
    ("201|1|counted_by_pot|CLUSTERED|1|0|0|||0|0|0", "201|1|counted_by_pot|CLUSTERED|1|0|0|||0|50|0", "index counted_by_pot", "DROP INDEX [counted_by_pot] ON [garden].[counted]"),
    // Tables.
    ("101|garden|plants||1|AUTO|1", "101|garden|plants||1|TABLE|1", "lock escalation", "LOCK_ESCALATION = TABLE"),
    ("101|garden|plants||1|AUTO|1", "101|garden|plants||1|AUTO|0", "large values out of row", "'large value types out of row', '0'"),
    ("|FG|1||||PAGE|PAGE|1\n102", "|FG|1||||ROW|ROW|1\n102", "compression: page → row", "REBUILD PARTITION = ALL WITH (DATA_COMPRESSION = ROW)"),
    ("|prices_before|6|MONTH|", "|prices_before|1|YEAR|", "history retention", "HISTORY_RETENTION_PERIOD = 1 YEAR"),
    ("106|dbo|old_notes||0", "106|dbo|old_notes||1", "ansi nulls", "Not written: table dbo.old_notes: ansi nulls"),
    // Programs.
    ("where p.humour = 'dry'", "where p.humour = 'damp'", "view garden.dry", "CREATE OR ALTER VIEW [garden].[dry]"),
    ("SET humour = 'wet' WHERE", "SET humour = 'damp' WHERE", "routine dbo.water", "CREATE OR ALTER PROCEDURE [dbo].[water]"),
    ("RETURN @size / 10.0", "RETURN @size / 20.0", "routine dbo.litres", "DROP COLUMN [volume]"),
    ("COUNT_BIG(*) AS number FROM", "COUNT_BIG(*) AS number, SUM(id) AS total FROM", "view garden.counted", "DROP VIEW [garden].[counted]"),
    ("204|IF|dbo|in_pot", "204|TF|dbo|in_pot", "returns", "DROP FUNCTION [dbo].[in_pot]"),
    ("207|P|dbo|legacy||CREATE PROCEDURE dbo.legacy AS SELECT \"a\" = 1|0|0|0", "207|P|dbo|legacy||CREATE PROCEDURE dbo.legacy AS SELECT \"a\" = 1|0|1|0", "ansi nulls: off → none", "SET QUOTED_IDENTIFIER OFF"),
    ("AFTER INSERT, UPDATE AS", "AFTER UPDATE AS", "trigger garden.touch of plants", "CREATE OR ALTER TRIGGER [garden].[touch]"),
    ("101|U|0| INSERT| UPDATE", "101|U|0|| UPDATE", "first: insert → none", "@order = 'None', @stmttype = 'INSERT'"),
    ("dry|200|V|1|", "dry|200|V|0|", "disabled: yes → none", "ENABLE TRIGGER [garden].[dry_in] ON [garden].[dry]"),
    ("PRINT 'no'", "PRINT 'never'", "trigger no_drops of the database", "CREATE OR ALTER TRIGGER [no_drops]"),
    ("200|2|name|nvarchar|sys|0|nvarchar|231|80", "200|2|name|nvarchar|sys|0|nvarchar|231|100", "view garden.dry", "sp_refreshsqlmodule"),
    // The rest.
    ("80|dbo|numbers||bigint|sys|0|127|bigint|19|0|100|5", "80|dbo|numbers||bigint|sys|0|127|bigint|19|0|200|5", "start: 100 → 200", "RESTART WITH 200"),
    ("|100|5|1|9000|1|1|20", "|100|5|1|9000|0|0|", "cycle", "NO CYCLE NO CACHE"),
    ("260|dbo|phone||varchar|20", "260|dbo|phone||varchar|30", "type dbo.phone", "Not written: type dbo.phone"),
    ("(N'?')", "(N'!')", "type dbo.plant_list", "DROP TYPE [dbo].[plant_list]"),
    ("[garden].[plants]|\nrole", "[garden].[pots]|\nrole", "synonym dbo.flora", "DROP SYNONYM [dbo].[flora]"),
    ("[db_datareader] [keeper]", "[db_datareader]", "role helper", "ALTER ROLE [keeper] DROP MEMBER [helper]"),
    ("|BLOCK|AFTER INSERT|", "|BLOCK|BEFORE UPDATE|", "security policy garden.who_sees", "DROP SECURITY POLICY [garden].[who_sees]"),
    ("([pot], [humour])", "([pot])", "statistics garden.by_two on plants", "DROP STATISTICS [garden].[plants].[by_two]"),
    ("STOPLIST = SYSTEM", "STOPLIST = OFF", "fulltext index garden.plants", "DROP FULLTEXT INDEX ON [garden].[plants]"),
    ("|2|date|2025-01-01", "|2|date|2026-01-01", "partition function by_year", "Not written: partition function by_year"),
    // Rights and notes.
    ("1|101|0|G|SELECT|helper|R", "1|101|0|D|SELECT|helper|R", "SELECT → DENY SELECT", "DENY SELECT ON OBJECT::[garden].[plants] TO [helper]"),
    ("1|101|0|W|UPDATE", "1|101|0|G|UPDATE", "grants.keeper", "REVOKE UPDATE ON OBJECT::[garden].[plants] FROM [keeper] CASCADE"),
    ("1|101|6|D|SELECT", "1|101|6|G|SELECT", "column contact: grants", "GRANT SELECT ([contact]) ON OBJECT::[garden].[plants]"),
    ("schema|5||garden|keeper", "schema|5||garden|helper", "owner: keeper → helper", "ALTER AUTHORIZATION ON SCHEMA::[garden] TO [helper]"),
    ("What grows: it's alive", "What grows", "comment", "sp_updateextendedproperty"),
    ("1|101|2|MS_Description|Its name\n", "", "column name: comment", "sp_dropextendedproperty"),
    ("|Sensitivity|low", "|Sensitivity|high", "property.Sensitivity: low → high", "@name = N'Sensitivity', @value = N'high'"),
    ("For the tour", "For guests", "index plants_by_pot: comment", "@level2type = N'INDEX'"),
    ("1|101|0|MS_Description|What", "1|301|0|MS_Description|Big\n1|101|0|MS_Description|What", "property.default.MS_Description", "@level2type = N'CONSTRAINT', @level2name = N'pots_size'"),
    ("1|101|0|MS_Description|What", "1|300|0|MS_Description|Dear\n1|101|0|MS_Description|What", "property.default.MS_Description", "Not written: table garden.pots: the note MS_Description on the default of material"),
    ("1|101|0|MS_Description|What", "1|500|0|MS_Description|Not flat\n1|101|0|MS_Description|What", "check", "Not written: table garden.pots: the note MS_Description on the check"),
    ("1|101|0|MS_Description|What", "8|600|2|MS_Description|Its name\n1|101|0|MS_Description|What", "property.column name.MS Description", "Not written: type dbo.plant_list: the note on column name.MS_Description"),
    ("1|101|0|MS_Description|What", "8|261|2|Sensitivity|low\n1|101|0|MS_Description|What", "property.column name.Sensitivity", "Not written: type dbo.plant_list: the note on column name.Sensitivity"),
];

fn way(before: &Database, after: &Database) -> Altered {
    MsSqlDdl.alter(before, after).unwrap()
}

/// What all of them write.
pub(crate) fn scripts() -> Vec<String> {
    let before = shop();
    let mut nothing = shop();
    nothing
        .objects
        .retain(|key, _| matches!(&*key.name, "dbo" | "defaults"));
    let mutated = MUTATIONS.iter().map(|(old, new, ..)| changed(&[(old, new)]));
    let ways = mutated
        .chain([nothing])
        .flat_map(|after| [way(&before, &after).sql, way(&after, &before).sql]);
    ways.collect()
}

#[test]
fn every_single_change_shows_and_is_written_and_so_is_its_undoing() {
    assert!(MUTATIONS.len() >= 60);
    let before = shop();
    let mut wrong = Vec::new();
    for (old, new, says, writes) in MUTATIONS {
        let after = changed(&[(old, new)]);
        let told = diff(&before, &after, DiffOptions::default()).to_string();
        let there = way(&before, &after);
        if !told.replace('_', " ").contains(&says.replace('_', " ")) {
            wrong.push(format!("=== {old}\n  should say {says:?}, and says:\n{told}"));
        }
        if !there.sql.contains(writes) {
            wrong.push(format!(
                "=== {old}\n  should write {writes:?}, and writes:\n{}",
                there.sql
            ));
        }
        wrong.extend(read_again(&there.sql));
        let back = way(&after, &before);
        wrong.extend(read_again(&back.sql));
        if batches(&back.sql).len() <= 1 && back.left_out.is_empty() {
            wrong.push(format!("=== {old}: nothing leads back"));
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn nothing_is_written_where_nothing_differs() {
    let written = way(&shop(), &shop());
    assert_eq!(written, Altered::default());
}

#[test]
fn names_that_the_server_made_up_do_not_show_and_move_nothing() {
    let other = changed(&[
        ("PK__pots__3213E83F", "PK__pots__AAAA"),
        ("UQ__pots__9F", "UQ__pots__BBBB"),
        ("CK__pots__size__5F", "CK__pots__CCCC"),
        ("FK__plants__pot__60", "FK__plants__DDDD"),
        ("DF__pots__material__1A2B", "DF__pots__EEEE"),
        ("PK__TT_plant__5E", "PK__TT_FFFF"),
        ("MSSQL_TemporalHistoryFor_109", "MSSQL_TemporalHistoryFor_777"),
    ]);
    let found = diff(&shop(), &other, DiffOptions::default());
    assert!(found.is_empty(), "{found}");
    assert_eq!(way(&shop(), &other), Altered::default());
}

#[test]
fn what_holds_a_column_goes_before_it_changes_and_comes_after() {
    let after = changed(&[(
        "100|4|size|smallint|sys|0|smallint|52|2|5|0|0|",
        "100|4|size|int|sys|0|int|56|4|10|0|0|",
    )]);
    let sql = way(&shop(), &after).sql;
    let place = |words: &str| sql.find(words).unwrap_or_else(|| panic!("{words}\n{sql}"));
    let changed = place("ALTER COLUMN [size] int");
    for words in [
        "DROP CONSTRAINT [pots_size]",
        "DROP CONSTRAINT [pots_volume]",
        "DROP COLUMN [volume]",
        "sys.check_constraints",
        "sys.key_constraints",
    ] {
        assert!(place(words) < changed, "{words}\n{sql}");
    }
    for words in [
        "ADD [volume] AS ([dbo].[litres]([size]))",
        "ADD CONSTRAINT [pots_size] DEFAULT ((3)) FOR [size]",
        "ADD UNIQUE NONCLUSTERED ([material], [size] DESC)",
        "ADD CHECK ([size]>(0))",
        "ADD CONSTRAINT [pots_volume] CHECK",
    ] {
        assert!(place(words) > changed, "{words}\n{sql}");
    }
    assert!(!sql.contains("Destroys data"), "{sql}");
}

#[test]
fn a_foreign_key_leaves_the_key_that_it_points_to_before_that_goes() {
    let after = changed(&[(
        "101|1|plants_pk|CLUSTERED|1|1|0|402|0|0|80",
        "101|1|plants_pk|CLUSTERED|1|1|0|402|0|0|90",
    )]);
    let written = way(&shop(), &after);
    let sql = &written.sql;
    let place = |words: &str| sql.find(words).unwrap_or_else(|| panic!("{words}\n{sql}"));
    assert!(place("DROP CONSTRAINT [sales_plant]") < place("DROP CONSTRAINT [plants_pk]"));
    assert!(place("DROP INDEX [extra_path]") < place("DROP INDEX [extra_x]"));
    assert!(place("DROP INDEX [extra_x]") < place("DROP CONSTRAINT [plants_pk]"));
    assert!(place("ADD CONSTRAINT [plants_pk]") < place("CREATE PRIMARY XML INDEX [extra_x]"));
    assert!(place("ADD CONSTRAINT [plants_pk]") < place("ADD CONSTRAINT [sales_plant]"));
    assert_eq!(
        written.no_transaction.as_deref(),
        Some("full-text catalogs and indexes cannot be made in a transaction")
    );
}

#[test]
fn what_is_destroyed_is_told_before() {
    let mut after = shop();
    after.objects.retain(|key, _| key.name != "sales");
    let written = way(&shop(), &after);
    assert_eq!(written.losses, ["table dbo.sales with its rows"]);
    let told = written
        .sql
        .find("-- Destroys data: table dbo.sales with its rows.");
    let done = written.sql.find("DROP TABLE [dbo].[sales]");
    assert!(told.is_some() && told < done, "{}", written.sql);
}

#[test]
fn from_nothing_and_to_nothing() {
    let mut nothing = shop();
    let kept = |key: &str| matches!(key, "dbo" | "defaults");
    nothing.objects.retain(|key, _| kept(&key.name));
    let there = way(&nothing, &shop());
    assert_eq!(read_again(&there.sql), Vec::<String>::new());
    assert!(there.sql.contains("CREATE TABLE [garden].[plants]"));
    let back = way(&shop(), &nothing);
    assert_eq!(read_again(&back.sql), Vec::<String>::new());
    for name in ["plants", "pots", "sales", "prices", "prices_before", "visits"] {
        assert!(back.sql.contains(&format!(".[{name}];")), "{name}\n{}", back.sql);
    }
    let place = |words: &str| {
        back.sql
            .find(words)
            .unwrap_or_else(|| panic!("{words}\n{}", back.sql))
    };
    assert!(place("DROP SECURITY POLICY") < place("DROP TABLE [garden].[plants]"));
    assert!(place("DROP VIEW [garden].[counted]") < place("DROP TABLE [garden].[plants]"));
    assert!(place("DROP TABLE [garden].[pots]") < place("DROP SCHEMA [garden]"));
    assert!(place("DROP TABLE [dbo].[sales]") < place("DROP PARTITION SCHEME [years]"));
    assert!(place("DROP PARTITION SCHEME [years]") < place("DROP PARTITION FUNCTION [by_year]"));
    assert!(place("DROP TABLE [garden].[pots]") < place("DROP FUNCTION [dbo].[litres]"));
}
