//! The use cases on a real SQLite file.

use std::path::Path;
use std::time::Duration;

use dbvc_engine::driver::{Actor, Target};
use dbvc_engine::migration::DirectoryLayout;
use dbvc_engine::observe::Silent;
use dbvc_engine::plan::State;
use dbvc_engine::project::{
    Against, BaselineOptions, Context, DriftOptions, ExitClass, Expected, Failed, MigrateReport,
    MigrateRequest, RollbackOptions, Selection, Settings, baseline, drift, migrate, rollback, status,
};
use sqlx::{Connection as _, SqliteConnection};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir_all(folder.path().join("migrations")).expect("a folder");
        std::fs::create_dir_all(folder.path().join("rollback")).expect("a folder");
        Self(folder)
    }

    fn write(&self, path: &str, text: &str) {
        std::fs::write(self.0.path().join(path), text).expect("a file");
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn context(&self) -> Context<'static> {
        let database = self.path().join("app.db");
        let layout = DirectoryLayout {
            root: self.path().into(),
            migrations: self.path().join("migrations"),
            rollback: Some(self.path().join("rollback")),
            ..DirectoryLayout::default()
        };
        Context {
            driver: dbvc_sqlite::driver(),
            target: Target::parse(&format!("sqlite://{}", database.display())).expect("a URL"),
            settings: Settings {
                lock_wait: Duration::from_secs(5),
                lock_patience: Duration::from_secs(5),
                ..Settings::new("app", "development", layout)
            },
            observer: &Silent,
            cancel: CancellationToken::new(),
            actor: Actor {
                user: "ann".into(),
                host: "here".into(),
                ci_job: None,
                git_commit: None,
                git_branch: None,
            },
            pid: std::process::id(),
            run: Uuid::now_v7(),
            tool_version: "0".into(),
            reason: None,
        }
    }

    async fn migrate(&self) -> Result<MigrateReport, Failed> {
        migrate(&self.context(), &MigrateRequest::default(), &mut |_| Ok(())).await
    }

    async fn states(&self) -> Vec<(String, State)> {
        let report = status(&self.context()).await.expect("a status");
        report
            .migrations
            .into_iter()
            .map(|entry| (entry.migration, entry.state))
            .collect()
    }
}

#[tokio::test]
async fn looking_at_a_database_that_does_not_exist_makes_nothing() {
    let folder = Folder::new();
    folder.write(
        "migrations/V1.0.0__Create_users.sql",
        "CREATE TABLE users(id integer primary key);",
    );
    assert_eq!(folder.states().await, [("1.0.0".to_owned(), State::Pending)]);
    let names: Vec<_> = std::fs::read_dir(folder.path())
        .expect("a folder")
        .flatten()
        .collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[tokio::test]
async fn a_database_goes_forward_fails_and_comes_back() {
    let folder = Folder::new();
    folder.write(
        "migrations/V1.0.0__Create_users.sql",
        "CREATE TABLE users(id integer primary key, name text);",
    );
    folder.write("rollback/V1.0.0__Create_users_rollback.sql", "DROP TABLE users;");
    folder.write(
        "migrations/V1.1.0__Add_orders.sql",
        "CREATE TABLE orders(id int);\nCREATE INDEX i ON orders(nmae);",
    );
    let failed = folder.migrate().await.expect_err("a failing migration");
    assert_eq!(failed.exit, ExitClass::RolledBack);
    let label = &failed.diagnostics[0].labels[0];
    assert_eq!(
        label.at.map(|at| (at.line, at.column)),
        Some((2, 26)),
        "{:?}",
        failed.diagnostics
    );
    assert_eq!(
        folder.states().await,
        [
            ("1.0.0".to_owned(), State::Applied),
            ("1.1.0".to_owned(), State::Failed)
        ]
    );
    folder.write(
        "migrations/V1.1.0__Add_orders.sql",
        "CREATE TABLE orders(id int, name text);\nCREATE INDEX i ON orders(name);",
    );
    folder.write("rollback/V1.1.0__Add_orders_rollback.sql", "DROP TABLE orders;");
    let report = folder.migrate().await.expect("a mended migration");
    assert_eq!(report.to.as_deref(), Some("1.1.0"));
    let again = folder.migrate().await.expect("nothing to do");
    assert!(again.steps.is_empty());
    let all = RollbackOptions {
        selection: Selection::To("0".parse().expect("a version")),
    };
    let back = rollback(&folder.context(), &all, None, &mut |_| Ok(()))
        .await
        .expect("a rollback");
    assert_eq!((back.steps.len(), back.to), (2, None));
    let report = status(&folder.context()).await.expect("a status");
    assert_eq!((report.tables, report.version), (0, None));
}

#[tokio::test]
async fn a_script_outside_a_transaction_goes_on_where_it_failed() {
    let folder = Folder::new();
    let script = |second: &str| {
        format!("-- dbvc: no-transaction\nCREATE TABLE a(x);\n{second};\nINSERT INTO a VALUES (1);\n")
    };
    folder.write("migrations/V1__Fill_a.sql", &script("CREATE TABLE b(x"));
    let failed = folder.migrate().await.expect_err("a failing statement");
    assert_eq!(failed.exit, ExitClass::Partial, "{:?}", failed.diagnostics);
    assert_eq!(folder.states().await, [("1".to_owned(), State::Partial)]);
    folder.write("migrations/V1__Fill_a.sql", &script("CREATE TABLE b(x)"));
    folder.migrate().await.expect("the rest");
    assert_eq!(folder.states().await, [("1".to_owned(), State::Applied)]);
}

const NAMES: &str = "migrations/R__Names.sql";

/// Migrated, with a repeatable migration.
async fn migrated() -> Folder {
    let folder = Folder::new();
    for (version, table) in [("1.0.0", "users"), ("1.1.0", "orders")] {
        folder.write(
            &format!("migrations/V{version}__Create_{table}.sql"),
            &format!("CREATE TABLE {table}(id integer primary key, name text);"),
        );
        folder.write(
            &format!("rollback/V{version}__Create_{table}_rollback.sql"),
            &format!("DROP TABLE {table};"),
        );
    }
    folder.write(
        NAMES,
        "DROP VIEW IF EXISTS names;\nCREATE VIEW names AS SELECT name FROM users;",
    );
    folder.migrate().await.expect("a migrated database");
    folder
}

impl Folder {
    /// How many objects differ from what the applied migrations make, and what is not known of that.
    async fn drift(&self) -> (usize, Vec<String>) {
        let options = DriftOptions {
            against: Some(Against::Migrations),
            ..DriftOptions::default()
        };
        let report = drift(&self.context(), &options).await.expect("a comparison");
        let Expected::Migrations { unknown, .. } = report.expected else {
            panic!("another expectation");
        };
        (report.found.changes.len(), unknown)
    }

    /// Behind dbvc's back.
    async fn sql(&self, sql: &'static str) {
        let url = format!("sqlite://{}?mode=rwc", self.path().join("app.db").display());
        let mut connection = SqliteConnection::connect(&url).await.expect("the file");
        sqlx::raw_sql(sql)
            .execute(&mut connection)
            .await
            .expect("it runs");
        connection.close().await.expect("closed");
    }
}

#[tokio::test]
async fn drift_expects_the_migrations_that_ran_with_the_texts_that_ran() {
    let folder = migrated().await;
    // Newer and older ones wait, and the files are not what they were.
    folder.write("migrations/V1.2.0__Create_beds.sql", "CREATE TABLE beds(id int);");
    folder.write("migrations/V1.0.5__Create_pots.sql", "CREATE TABLE pots(id int);");
    folder.write(
        NAMES,
        "DROP VIEW IF EXISTS names;\nCREATE VIEW names AS SELECT id FROM users;",
    );
    for file in [
        "migrations/V1.1.0__Create_orders.sql",
        "rollback/V1.1.0__Create_orders_rollback.sql",
    ] {
        std::fs::remove_file(folder.path().join(file)).expect("gone");
    }
    assert_eq!(folder.drift().await, (0, Vec::new()));
    folder.sql("DROP VIEW names").await;
    assert_eq!(folder.drift().await, (1, Vec::new()));
}

#[tokio::test]
async fn drift_does_not_know_whether_a_rollback_took_along_what_a_repeatable_migration_made() {
    let folder = migrated().await;
    let last = RollbackOptions {
        selection: Selection::Count(1),
    };
    rollback(&folder.context(), &last, None, &mut |_| Ok(()))
        .await
        .expect("a rollback");
    for sql in ["SELECT 1", "DROP VIEW names"] {
        folder.sql(sql).await;
        let (found, unknown) = folder.drift().await;
        assert_eq!((found, unknown.len()), (0, 1), "{sql}: {unknown:?}");
        assert!(
            unknown[0].starts_with("R__Names ran before a rollback"),
            "{unknown:?}"
        );
    }
    folder.sql("CREATE VIEW names AS SELECT 7 AS other").await;
    assert_eq!(folder.drift().await.0, 1);
}

#[tokio::test]
async fn drift_says_where_nobody_has_the_text_that_ran() {
    let folder = migrated().await;
    folder.write(
        "migrations/V1.1.0__Create_orders.sql",
        "CREATE TABLE orders(id int);",
    );
    folder
        .sql("UPDATE version_control_migration_registry SET up_script = NULL WHERE version = '1.1.0'")
        .await;
    let (found, unknown) = folder.drift().await;
    assert_eq!((found, unknown.len()), (1, 1), "{unknown:?}");
    assert!(unknown[0].contains("its file was edited since"), "{unknown:?}");
}

#[tokio::test]
async fn drift_takes_a_declared_baseline_for_what_the_files_up_to_it_make() {
    let folder = Folder::new();
    folder.write(
        "migrations/V1.0.0__Create_users.sql",
        "CREATE TABLE users(id integer primary key, name text);",
    );
    folder
        .sql("CREATE TABLE users(id integer primary key, name text)")
        .await;
    let options = BaselineOptions {
        version: "1.0.0".parse().expect("a version"),
        description: "As it was".into(),
    };
    baseline(&folder.context(), &options).await.expect("a baseline");
    let (found, unknown) = folder.drift().await;
    assert_eq!((found, unknown.len()), (0, 1), "{unknown:?}");
    folder.sql("CREATE TABLE notes(id integer)").await;
    assert_eq!(folder.drift().await.0, 1);
}
