//! What is in a sink's tables cannot be changed there, and a login that may do nothing else can add to them.

use std::sync::Arc;

use dbvc_engine::audit::{AuditDriver, Container, Document};
use dbvc_engine::conformance::sinks::{chain, target};
use dbvc_engine::error::ErrorKind;
use dbvc_tests::servers::{PostgresServer, TestServer as _};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};

#[tokio::test]
async fn a_sqlite_file_refuses_to_change_or_delete_an_event() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}/trail.db", folder.path().display());
    let mut sink = dbvc_sqlite::audit_driver()
        .open(&target(&url, &[]))
        .await
        .expect("it opens");
    sink.append(&chain("shop", 3)).await.expect("appended");
    sink.close().await.expect("closed");
    let mut connection = SqliteConnection::connect(&url).await.expect("a connection");
    for sql in [
        "UPDATE audit_events SET digest = 'x'",
        "DELETE FROM audit_events WHERE sequence = 3",
        "INSERT INTO audit_events (database_id, sequence, event, digest) VALUES ('shop', 2, 'x', 'x')",
        "INSERT OR REPLACE INTO audit_events (database_id, sequence, event, digest) VALUES ('shop', 2, 'x', 'x')",
    ] {
        let refused = sqlx::raw_sql(sql).execute(&mut connection).await;
        assert!(refused.is_err(), "{sql}");
    }
}

#[tokio::test]
async fn a_table_in_postgres_refuses_to_change_or_delete_an_event() {
    let Some(server) = PostgresServer::shared() else {
        return;
    };
    let url = server.create_database("closed").expect("a database");
    let driver: Arc<dyn AuditDriver> = dbvc_postgres::audit_driver();
    let mut sink = driver.open(&target(&url, &[])).await.expect("it opens");
    sink.append(&chain("shop", 3)).await.expect("appended");
    let mut connection = PgConnection::connect(&url).await.expect("a connection");
    for sql in [
        "UPDATE dbvc_audit.events SET digest = 'x' WHERE false",
        "DELETE FROM dbvc_audit.events WHERE sequence = 3",
        "TRUNCATE dbvc_audit.events",
        "UPDATE dbvc_audit.documents SET content = '{}'",
    ] {
        let refused = sqlx::raw_sql(sql).execute(&mut connection).await;
        let words = refused.expect_err(sql).to_string();
        assert!(words.contains("only added to"), "{sql}: {words}");
    }
}

#[tokio::test]
async fn a_login_that_may_only_insert_and_select_is_enough() {
    let Some(server) = PostgresServer::shared() else {
        return;
    };
    let url = server.create_database("appender").expect("a database");
    let name = url.rsplit('/').next().expect("a name").to_owned();
    let mut owner = PgConnection::connect(&url).await.expect("a connection");
    let role = format!("r_{name}");
    let make = format!("CREATE ROLE \"{role}\" LOGIN PASSWORD 'appender-only'");
    sqlx::raw_sql(AssertSqlSafe(make))
        .execute(&mut owner)
        .await
        .expect("a role");
    let mut address = url::Url::parse(&url).expect("a URL");
    address.set_username(&role).expect("a user");
    address.set_password(Some("appender-only")).expect("a password");
    let driver: Arc<dyn AuditDriver> = dbvc_postgres::audit_driver();
    let appender = target(address.as_str(), &[]);

    let refused = driver
        .open(&appender)
        .await
        .expect_err("it may not make the tables");
    assert_eq!(refused.kind, ErrorKind::Denied, "{refused:?}");
    assert!(
        refused
            .notes
            .iter()
            .any(|note| note.contains("INSERT and SELECT"))
    );

    driver
        .provision(&target(&url, &[]))
        .await
        .expect("made by the owner");
    let grants = format!(
        "GRANT USAGE ON SCHEMA dbvc_audit TO \"{role}\"; \
         GRANT INSERT, SELECT ON ALL TABLES IN SCHEMA dbvc_audit TO \"{role}\""
    );
    sqlx::raw_sql(AssertSqlSafe(grants))
        .execute(&mut owner)
        .await
        .expect("granted");
    let mut sink = driver.open(&appender).await.expect("it opens");
    sink.append(&chain("shop", 3)).await.expect("appended");
    assert_eq!(sink.read("shop", 0, 9).await.expect("read").len(), 3);
    sink.close().await.expect("closed");

    let tidy = format!("DROP OWNED BY \"{role}\"; DROP ROLE \"{role}\"");
    sqlx::raw_sql(AssertSqlSafe(tidy))
        .execute(&mut owner)
        .await
        .expect("removed");
}

#[tokio::test]
async fn a_sqlite_file_of_an_older_dbvc_learns_digests_and_keeps_what_it_has() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}/trail.db", folder.path().display());
    let driver = dbvc_sqlite::audit_driver();
    let mut sink = driver.open(&target(&url, &[])).await.expect("it opens");
    sink.append(&chain("shop", 3)).await.expect("appended");
    let document = |id: &str| Document {
        id: id.into(),
        database_id: "shop".into(),
        content: serde_json::Map::new(),
    };
    sink.keep(Container::Migrations, &[document("V1")])
        .await
        .expect("kept");
    sink.close().await.expect("closed");
    let mut connection = SqliteConnection::connect(&url).await.expect("a connection");
    sqlx::raw_sql("ALTER TABLE audit_documents DROP COLUMN digest")
        .execute(&mut connection)
        .await
        .expect("as an older one made it");
    connection.close().await.expect("closed");
    let mut sink = driver.open(&target(&url, &[])).await.expect("it opens");
    let kept = sink
        .kept("shop", Container::Migrations)
        .await
        .expect("what is there");
    assert_eq!(kept["V1"], "", "not known");
    sink.keep(Container::Migrations, &[document("V1")])
        .await
        .expect("kept");
    let kept = sink
        .kept("shop", Container::Migrations)
        .await
        .expect("what is there");
    assert_eq!(kept["V1"], document("V1").digest());
    assert_eq!(sink.read("shop", 0, 9).await.expect("events"), chain("shop", 3));
}
