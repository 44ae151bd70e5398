use dbvc_engine::driver::{Effect, Rows};

use super::*;

fn sql(batch: &str) -> String {
    about(batch).thing().map(Thing::sql).unwrap_or_default()
}

fn counted(count: u8) -> [Rows; 1] {
    [Rows {
        columns: Vec::new(),
        cells: vec![vec![Some(count.to_string())]],
    }]
}

#[test]
fn each_kind_of_thing_is_looked_for_where_it_is_kept() {
    for (batch, asked) in [
        (
            "CREATE DATABASE shop COLLATE Latin1_General_100_CI_AS",
            "SELECT COUNT(*) FROM sys.databases WHERE name = N'shop'",
        ),
        (
            "create fulltext catalog [my cat] as default",
            "SELECT COUNT(*) FROM sys.fulltext_catalogs WHERE name = N'my cat'",
        ),
        (
            "CREATE FULLTEXT INDEX ON dbo.t (body) KEY INDEX pk",
            "SELECT COUNT(*) FROM sys.fulltext_indexes WHERE object_id = OBJECT_ID(N'[dbo].[t]')",
        ),
        (
            "-- all\nCREATE UNIQUE NONCLUSTERED INDEX i ON dbo.[o'clock] (a)",
            "SELECT COUNT(*) FROM sys.indexes WHERE object_id = OBJECT_ID(N'[dbo].[o''clock]') AND name = N'i'",
        ),
        (
            "DROP TABLE IF EXISTS a.t",
            "SELECT COUNT(*) FROM sys.objects WHERE object_id = OBJECT_ID(N'[a].[t]') AND type IN ('U')",
        ),
        (
            "CREATE PROC p AS BEGIN INSERT INTO t VALUES (1) END",
            "SELECT COUNT(*) FROM sys.objects WHERE object_id = OBJECT_ID(N'[p]') AND type IN ('P', 'PC')",
        ),
        (
            "CREATE TRIGGER keep ON DATABASE FOR DROP_TABLE AS ROLLBACK",
            "SELECT COUNT(*) FROM sys.triggers WHERE name = N'keep'",
        ),
        (
            "DROP TRIGGER keep ON ALL SERVER",
            "SELECT COUNT(*) FROM sys.server_triggers WHERE name = N'keep'",
        ),
        (
            "CREATE TABLE t (a int REFERENCES u (a) ON DELETE CASCADE ON UPDATE NO ACTION);",
            "SELECT COUNT(*) FROM sys.objects WHERE object_id = OBJECT_ID(N'[t]') AND type IN ('U')",
        ),
        (
            "CREATE TYPE dbo.name FROM nvarchar(50)",
            "SELECT COUNT(*) FROM sys.types WHERE user_type_id = TYPE_ID(N'[dbo].[name]')",
        ),
    ] {
        assert_eq!(sql(batch), asked, "{batch}");
    }
}

#[test]
fn what_is_there_after_making_it_was_done_and_after_dropping_it_was_not() {
    let makes = about("CREATE DATABASE shop");
    assert!(matches!(makes.effect(&counted(1)), Effect::Done(_)));
    assert!(matches!(makes.effect(&counted(0)), Effect::Absent(_)));
    let drops = about("DROP DATABASE IF EXISTS shop");
    assert!(matches!(drops.effect(&counted(1)), Effect::Absent(_)));
    assert!(matches!(drops.effect(&counted(0)), Effect::Done(_)));
}

#[test]
fn what_does_no_harm_twice_is_run_again() {
    for batch in [
        "ALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT ON",
        "BACKUP DATABASE a TO DISK = 'x'",
        "ALTER INDEX ALL ON t REBUILD",
        "GRANT SELECT ON t TO ann",
        "GRANT INSERT, UPDATE, EXECUTE ON SCHEMA::dbo TO ann WITH GRANT OPTION",
        "CREATE OR ALTER PROCEDURE p AS INSERT INTO t VALUES (1)",
        "ALTER INDEX i ON t DISABLE",
        "RECONFIGURE",
    ] {
        assert!(matches!(about(batch).effect(&[]), Effect::Absent(_)), "{batch}");
    }
}

#[test]
fn a_batch_of_which_only_a_part_shows_is_not_judged() {
    for batch in [
        "CREATE TABLE t (id int) INSERT INTO t VALUES (1)",
        "CREATE TABLE t (id int); UPDATE u SET n = n + 1",
        "CREATE TABLE t (id int) DELETE FROM u",
        "CREATE INDEX i ON t (a); p",
        "CREATE DATABASE AUDIT SPECIFICATION s FOR SERVER AUDIT a",
        "DROP DATABASE SCOPED CREDENTIAL c",
        "DROP TABLE a, b",
        "SELECT id INTO copy FROM t",
        "SELECT 1 UPDATE t SET n = n + 1",
        "SELECT NEXT VALUE FOR s",
        "CHECKPOINT; sp_rename 'a', 'b'",
        "GRANT SELECT ON t TO ann; UPDATE t SET n = n + 1",
        "INSERT INTO t VALUES (1)",
        "UPDATE t SET a = 1",
        "ALTER DATABASE a MODIFY NAME = b",
        "ALTER DATABASE CURRENT SET RECOVERY SIMPLE; EXEC p",
        "EXEC sp_rename 'a', 'b'",
        "DECLARE @a int = 1; CREATE TABLE t (id int)",
        "",
    ] {
        let question = about(batch);
        assert!(
            matches!(question.effect(&[]), Effect::Unknown(_)),
            "{batch}: {question:?}"
        );
    }
}
