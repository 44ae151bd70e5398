//! What is written, beside the golden file, and read by somebody else's parser.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;

use super::MsSqlDdl;
use crate::introspect::tests::shop;
use crate::second_reader::refusal;
use dbvc_engine::driver::DdlWriter as _;
use dbvc_engine::schema::{Body, Database, ObjectKey, ObjectKind, Table};
use dbvc_engine::sql::{Dialect, SegmentKind, split};

/// What the second reader, sqlparser 0.63, does not know of T-SQL: the place where it stops (the form is told at
/// [`refusal`]), and why.
const UNREAD: &[(&str, &str)] = &[
    // Statements that it has none of.
    ("CREATE |SYNONYM ", "it has none"),
    ("DROP |SYNONYM ", "it has none"),
    ("CREATE |FULLTEXT CATALOG ", "it has none"),
    ("DROP |FULLTEXT CATALOG ", "it has none"),
    ("CREATE |FULLTEXT INDEX ", "it has none"),
    ("DROP |FULLTEXT INDEX ", "it has none"),
    ("CREATE |PARTITION FUNCTION ", "it has none"),
    ("DROP |PARTITION FUNCTION ", "it has none"),
    ("CREATE |PARTITION SCHEME ", "it has none"),
    ("DROP |PARTITION SCHEME ", "it has none"),
    ("CREATE |DEFAULT ", "it has none"),
    ("DROP |DEFAULT ", "it has none"),
    ("CREATE |RULE ", "it has none"),
    ("DROP |RULE ", "it has none"),
    ("CREATE |XML SCHEMA COLLECTION ", "it has none"),
    ("DROP |XML SCHEMA COLLECTION ", "it has none"),
    ("CREATE |SECURITY POLICY ", "it has none"),
    ("DROP |SECURITY POLICY ", "it has none"),
    ("CREATE |STATISTICS ", "it has none"),
    ("DROP |STATISTICS ", "it has none"),
    ("CREATE TYPE [].[] |FROM ", "types are PostgreSQL's to it"),
    ("CREATE TYPE [].[] AS |TABLE ", "types are PostgreSQL's to it"),
    ("|DISABLE TRIGGER ", "it has none outside ALTER TABLE"),
    ("|ENABLE TRIGGER ", "it has none outside ALTER TABLE"),
    ("ALTER |AUTHORIZATION ", "it has none but of schemas"),
    ("ALTER |SEQUENCE ", "it has none"),
    // Indexes.
    (
        "CREATE |CLUSTERED INDEX ",
        "it has none but plain and unique ones",
    ),
    (
        "CREATE |NONCLUSTERED INDEX ",
        "it has none but plain and unique ones",
    ),
    (
        "CREATE |NONCLUSTERED COLUMNSTORE INDEX ",
        "it has none but plain and unique ones",
    ),
    (
        "CREATE |UNIQUE CLUSTERED INDEX ",
        "it has none but plain and unique ones",
    ),
    (
        "CREATE |UNIQUE NONCLUSTERED INDEX ",
        "it has none but plain and unique ones",
    ),
    (
        "CREATE |PRIMARY XML INDEX ",
        "it has none but plain and unique ones",
    ),
    ("CREATE |XML INDEX ", "it has none but plain and unique ones"),
    ("CREATE |SPATIAL INDEX ", "it has none but plain and unique ones"),
    (
        "ADD INDEX [] |NONCLUSTERED ",
        "it has none in tables with that word",
    ),
    (
        "ADD INDEX [] UNIQUE |NONCLUSTERED ",
        "it has none in tables with that word",
    ),
    // Tables and sequences.
    ("CREATE SEQUENCE … |INCREMENT BY ", "it wants it before START"),
    (") AS |NODE", "it has no graphs"),
    ("GENERATED ALWAYS AS |ROW START ", "it has no periods"),
    ("HISTORY_RETENTION_PERIOD = … |MONTH", "it has no periods"),
    ("HISTORY_RETENTION_PERIOD = … |YEAR", "it has no periods"),
    ("PRIMARY KEY NONCLUSTERED |HASH ", "it has no such keys"),
    ("PRIMARY KEY CLUSTERED ([]) |WITH (", "it has no options of keys"),
    ("AS ([]|.[", "it has no computed columns"),
    ("AS (upper|(", "it has no computed columns"),
    ("DEFAULT (NEXT |VALUE FOR ", "it has none in a default"),
    (")\n|ON [", "it has no file groups and partition schemes"),
    ("IDENTITY(10, 2) |NOT FOR REPLICATION ", "it has none"),
    ("CHECK |NOT FOR REPLICATION ", "it has none"),
    ("|WITH NOCHECK ADD CONSTRAINT ", "it has none"),
    ("ADD CONSTRAINT [] |DEFAULT ", "it has no DEFAULT … FOR"),
    ("ADD DEFAULT |(", "it has no DEFAULT … FOR"),
    ("ALTER TABLE [].[] |REBUILD ", "it has none"),
    ("ALTER COLUMN [] |ADD ", "it has none of that"),
    ("ALTER COLUMN [] |DROP ", "it has none of that"),
    ("ALTER COLUMN [] |*", "it has none with the type alone"),
    ("FOR XML PATH(|N''", "it takes no national text there"),
    // Programs.
    (
        "PROCEDURE … |",
        "it wants a semicolon behind a body of one statement",
    ),
    ("CREATE PROCEDURE [].[] |@", "it wants brackets around parameters"),
    (
        "CREATE OR ALTER PROCEDURE [].[] |@",
        "it wants brackets around parameters",
    ),
    ("FUNCTION … |", "it wants a semicolon behind the last statement"),
    ("FUNCTION … |WITH SCHEMABINDING ", "it has no such functions"),
    ("VIEW … WITH |SCHEMABINDING ", "it has no such views"),
    (
        "TRIGGER … |",
        "it wants a semicolon behind a body of one statement",
    ),
    (
        "TRIGGER [] ON DATABASE FOR |DROP_TABLE ",
        "it has no triggers of a database",
    ),
    // Rights.
    ("ON SCHEMA|::", "it has no such names"),
    ("ON TYPE|::", "it has no such names"),
    ("ON OBJECT|::", "it has no such names"),
    ("GRANT CREATE |TABLE ", "it has no rights on the database"),
];

/// The batches of a script.
pub(super) fn batches(script: &str) -> Vec<String> {
    split(script, &Dialect::MSSQL)
        .into_iter()
        .filter(|placed| placed.segment.kind == SegmentKind::Statement)
        .map(|placed| placed.code(script).to_owned())
        .collect()
}

/// Has every batch read by another parser. Gives what it does not understand, but for the forms of [`UNREAD`].
pub(super) fn read_again(script: &str) -> Vec<String> {
    read_and_noted(script, &mut BTreeSet::new())
}

fn read_and_noted(script: &str, met: &mut BTreeSet<&'static str>) -> Vec<String> {
    let batches = batches(script).into_iter();
    batches.filter_map(|batch| refusal(&batch, UNREAD, met)).collect()
}

#[test]
fn the_list_of_what_is_not_read_has_no_entry_that_is_not_needed() {
    let mut met = BTreeSet::new();
    let mut wrong = read_and_noted(&MsSqlDdl.create(&shop()).sql, &mut met);
    for script in super::alter::tests::scripts() {
        wrong.extend(read_and_noted(&script, &mut met));
    }
    let unneeded: Vec<&str> = UNREAD
        .iter()
        .map(|(form, _)| *form)
        .filter(|form| !met.contains(form))
        .collect();
    assert_eq!(unneeded, [""; 0], "{}", wrong.join("\n\n"));
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn the_script_of_the_shop_is_the_golden_one() {
    let written = MsSqlDdl.create(&shop());
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/shop.sql");
    if std::env::var_os("DBVC_BLESS").is_some() {
        std::fs::write(path, &written.sql).unwrap();
    }
    let golden = std::fs::read_to_string(path).unwrap();
    assert_eq!(written.sql, golden, "DBVC_BLESS=1 writes {path} anew");
    let left: Vec<String> = written.left_out.iter().map(|(key, _)| key.to_string()).collect();
    assert_eq!(
        left,
        [
            "table dbo.outside",
            "routine dbo.hidden",
            "assembly shapes",
            "clr type dbo.point3d",
            "queue dbo.orders"
        ]
    );
}

#[test]
fn another_parser_reads_what_is_written() {
    let script = MsSqlDdl.create(&shop()).sql;
    assert!(batches(&script).len() > 60);
    assert_eq!(read_again(&script), Vec::<String>::new());
}

#[test]
fn every_program_is_alone_in_its_batch() {
    let script = MsSqlDdl.create(&shop()).sql;
    for batch in batches(&script) {
        let makes = [
            "CREATE VIEW",
            "CREATE PROCEDURE",
            "CREATE FUNCTION",
            "CREATE TRIGGER",
            "CREATE SCHEMA",
        ];
        for word in makes {
            if let Some(at) = batch.find(word) {
                let before = batch[..at].trim();
                assert!(before.is_empty() || before.starts_with("--"), "{batch}");
            }
        }
    }
}

#[test]
fn nothing_is_written_of_an_empty_database_but_the_settings() {
    let mut empty = Database::new("mssql");
    let dbo = ObjectKey::new(ObjectKind::Schema, "dbo");
    empty
        .objects
        .insert(dbo, dbvc_engine::schema::Object::new(Body::Schema {}));
    let statements = batches(&MsSqlDdl.create(&empty).sql);
    assert!(
        statements.iter().all(|batch| batch.starts_with("SET ")),
        "{statements:?}"
    );
}

#[test]
fn what_no_script_writes_of_notes_and_rows_is_told() {
    let described = crate::introspect::tests::changed(&[(
        "1|101|0|MS_Description|What",
        "1|300|0|MS_Description|Dear\n1|301|0|MS_Description|Big\n1|500|0|MS_Description|Not flat\n\
         8|600|2|MS_Description|Its name\n1|101|0|MS_Description|What",
    )]);
    let plain = MsSqlDdl.create(&shop()).left_out;
    let written = MsSqlDdl.create(&described);
    let told: Vec<String> = written.left_out[..]
        .iter()
        .filter(|told| !plain.contains(told))
        .map(|(key, reason)| format!("{key}: {reason}"))
        .collect();
    assert_eq!(told.len(), 3, "{told:#?}");
    for what in [
        "default of material",
        "on the check",
        "column name.MS_Description",
    ] {
        assert!(told.iter().any(|told| told.contains(what)), "{what}: {told:#?}");
    }
    assert!(
        written.sql.contains("@level2name = N'pots_size'"),
        "{}",
        written.sql
    );
    let variant = Table {
        columns: [(
            "any".to_owned(),
            dbvc_engine::schema::Column {
                data_type: dbvc_engine::schema::DataType::new(
                    dbvc_engine::schema::TypeFamily::Other,
                    "sql_variant",
                ),
                ..dbvc_engine::schema::Column::default()
            },
        )]
        .into(),
        ..Table::default()
    };
    let key = ObjectKey::within(ObjectKind::Table, "dbo", "bag");
    let rows = MsSqlDdl.rows(&key, &variant).unwrap();
    assert!(rows.altered[0].contains("column any"), "{:?}", rows.altered);
}

#[test]
fn rows_are_read_as_literals_and_counted_columns_are_opened() {
    let shop = shop();
    let key = ObjectKey::within(ObjectKind::Table, "garden", "plants");
    let Body::Table(table) = &shop.objects[&key].body else {
        panic!("no table")
    };
    let rows = MsSqlDdl.rows(&key, table).unwrap();
    assert_eq!(rows.before, ["SET IDENTITY_INSERT [garden].[plants] ON"]);
    assert_eq!(rows.after, ["SET IDENTITY_INSERT [garden].[plants] OFF"]);
    assert_eq!(
        rows.insert,
        "INSERT INTO [garden].[plants] ([id], [name], [pot], [humour], [contact], [seen], [extra], [place]) VALUES"
    );
    assert_eq!(rows.literals[0], "COALESCE(CONVERT(nvarchar(60), [id]), N'NULL')");
    assert!(rows.literals[1].contains("REPLACE(CONVERT(nvarchar(max), [name]), N'''', N'''''')"));
    assert!(
        rows.query(None, 5)
            .ends_with("ORDER BY [id] OFFSET 0 ROWS FETCH NEXT 5 ROWS ONLY")
    );
}
