//! What is written, beside the golden file, and read by somebody else's parser.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;

use super::MsSqlDdl;
use crate::introspect::tests::shop;
use crate::second_reader::refusal;
use dbvc_engine::driver::DdlWriter as _;
use dbvc_engine::schema::{Body, Database, ObjectKey, ObjectKind};
use dbvc_engine::sql::{Dialect, SegmentKind, split};

/// What the second reader, sqlparser 0.63, does not know of T-SQL: what a batch holds, and why it cannot be read.
const UNREAD: &[(&str, &str)] = &[
    ("GRANT CREATE", "it has no rights on the database"),
    ("SCHEMABINDING", "it has no views and functions with that word"),
    (
        "CREATE OR ALTER",
        "it has no bodies of one statement and no parameters then",
    ),
    ("CREATE FUNCTION", "it wants another form of RETURN for a query"),
    (
        "CREATE TRIGGER",
        "it wants a semicolon behind a body of one statement",
    ),
    (")\nON [", "it has no file groups and partition schemes"),
    ("ADD MEMBER", "roles are PostgreSQL's to it"),
    ("DROP MEMBER", "roles are PostgreSQL's to it"),
    ("CREATE TYPE", "types are PostgreSQL's to it"),
    ("CREATE SEQUENCE", "it has no NO CYCLE before CACHE"),
    ("ALTER SEQUENCE", "it has none"),
    ("PARTITION FUNCTION", "it has none"),
    ("PARTITION SCHEME", "it has none"),
    ("XML SCHEMA COLLECTION", "it has none"),
    ("SECURITY POLICY", "it has none"),
    ("FULLTEXT", "it has none but in MySQL's tables"),
    ("STATISTICS", "it has none with a name"),
    ("CREATE SYNONYM", "it has none"),
    ("DROP SYNONYM", "it has none"),
    ("CREATE DEFAULT", "it has none"),
    ("CREATE RULE", "it has none"),
    ("CREATE TRIGGER [no_drops]", "it has no triggers of a database"),
    (
        "INDEX",
        "it has none with the words CLUSTERED and COLUMNSTORE, nor DROP INDEX with a table in brackets",
    ),
    ("PRIMARY KEY", "it has none with the word CLUSTERED behind"),
    ("UNIQUE NONCLUSTERED", "it has none with that word behind"),
    ("PERIOD FOR", "it has none"),
    ("SYSTEM_VERSIONING", "it has no ALTER TABLE … SET"),
    ("LOCK_ESCALATION", "it has no ALTER TABLE … SET"),
    ("SPARSE", "it has no such columns"),
    ("HIDDEN", "it has no such columns"),
    ("MASKED", "it has no such columns"),
    ("ROWGUIDCOL", "it has no such columns"),
    ("PERSISTED", "it has no such columns"),
    ("ALTER AUTHORIZATION", "it has none but of schemas"),
    ("::", "it has no rights on OBJECT::"),
    ("DENY", "it has none with columns"),
    ("NOCHECK", "it has none"),
    ("NOT FOR REPLICATION", "it has none"),
    ("DISABLE TRIGGER", "it has none outside ALTER TABLE"),
    ("ENABLE TRIGGER", "it has none outside ALTER TABLE"),
    ("DROP TRIGGER", "it has none without a table"),
    ("DROP DEFAULT", "it has none"),
    ("DROP RULE", "it has none"),
    ("ADD CONSTRAINT", "it has no DEFAULT … FOR"),
    ("ADD DEFAULT", "it has no DEFAULT … FOR"),
    ("ALTER COLUMN", "it has none with the type alone"),
    ("REBUILD", "it has none"),
    ("AS NODE", "it has none"),
    ("] AS (", "it has no computed columns"),
    (
        "CREATE PROCEDURE",
        "it wants a semicolon behind a body of one statement",
    ),
    ("FOR XML PATH", "it has no XML methods"),
    ("CHANGE_TRACKING", "it has none"),
    ("READONLY", "it has no parameters of table types"),
    ("RETURNS @found", "it has no functions of several statements"),
    ("PRINT", "it has none within a trigger"),
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
