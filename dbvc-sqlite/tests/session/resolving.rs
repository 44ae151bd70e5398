//! What became of a statement, asked of a real catalogue.

use dbvc_engine::driver::Effect;

use crate::stage::{Stage, run, statement};

#[tokio::test]
async fn the_catalogue_tells_what_became_of_a_schema_change() {
    let stage = Stage::new();
    let mut session = stage.open().await;
    let statements = [
        "CREATE TABLE t(a, b)",
        "CREATE INDEX i ON t(a)",
        "CREATE VIEW v AS SELECT a FROM t",
        "CREATE TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END",
    ];
    run(&mut session, &statements).await;
    for (sql, done) in [
        ("CREATE TABLE IF NOT EXISTS T(a)", true),
        ("CREATE TABLE u(a)", false),
        ("CREATE UNIQUE INDEX i ON t(a)", true),
        ("CREATE INDEX j ON t(a)", false),
        ("CREATE VIEW \"v\" AS SELECT 1", true),
        ("CREATE TRIGGER h AFTER INSERT ON t BEGIN SELECT 1; END", false),
        ("DROP TABLE u", true),
        ("DROP TABLE IF EXISTS t", false),
        ("DROP VIEW v", false),
        ("ALTER TABLE t ADD COLUMN b int", true),
        ("ALTER TABLE main.t ADD c", false),
        ("ALTER TABLE t DROP COLUMN b", false),
        ("ALTER TABLE t DROP c", true),
        ("VACUUM", false),
        ("PRAGMA journal_mode = wal", false),
    ] {
        let effect = session.effect(&statement(sql), None).await.expect(sql);
        let found = matches!(effect, Effect::Done(_));
        assert!(found || matches!(effect, Effect::Absent(_)), "{sql}: {effect:?}");
        assert_eq!(found, done, "{sql}: {effect:?}");
    }
    for sql in [
        "INSERT INTO t VALUES (1, 2)",
        "DROP TABLE other.t",
        "CREATE TEMP TABLE x(a)",
        "ALTER TABLE t RENAME TO s",
    ] {
        let effect = session.effect(&statement(sql), None).await.expect(sql);
        assert!(matches!(effect, Effect::Unknown(_)), "{sql}: {effect:?}");
    }
}
