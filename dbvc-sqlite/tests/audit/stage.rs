//! A project with an SQLite file.

use std::sync::Arc;
use std::time::Duration;

use dbvc_engine::audit::{AuditDriver, FindingKind, SigningKey, SinkTarget};
use dbvc_engine::driver::{Actor, Secret, Target};
use dbvc_engine::migration::DirectoryLayout;
use dbvc_engine::observe::Silent;
use dbvc_engine::project::audit::{
    AuditSettings, ChainReport, ChainRequest, LogRequest, OnSinkFailure, SinkSettings, log, verify,
};
use dbvc_engine::project::{Context, Failed, MigrateReport, MigrateRequest, Settings, migrate};
use sqlx::{AssertSqlSafe, Connection as _};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::sink::Memory;

/// The first secret key of RFC 8032, 7.1.
pub(crate) const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";

pub(crate) struct Project {
    pub(crate) folder: TempDir,
    pub(crate) sink: Option<(Memory, OnSinkFailure)>,
    pub(crate) signs: bool,
    /// Further sinks.
    pub(crate) more: Vec<SinkSettings>,
    /// The chain that the settings demand.
    pub(crate) pin: Option<String>,
}

impl Project {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["migrations", "rollback"] {
            std::fs::create_dir_all(folder.path().join(name)).expect("a folder");
        }
        Self {
            folder,
            sink: None,
            signs: false,
            more: Vec::new(),
            pin: None,
        }
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        std::fs::write(self.folder.path().join(path), text).expect("a file");
    }

    /// Tables `t1` to `t<count>`, a migration and an undo script each.
    pub(crate) fn write_tables(&self, count: u32) {
        for number in 1..=count {
            self.write(
                &format!("migrations/V{number}.0__Make_t{number}.sql"),
                &format!("CREATE TABLE t{number}(x int);"),
            );
            self.write(
                &format!("rollback/V{number}.0__Make_t{number}_rollback.sql"),
                &format!("DROP TABLE t{number};"),
            );
        }
    }

    fn database(&self) -> std::path::PathBuf {
        self.folder.path().join("app.db")
    }

    pub(crate) fn context(&self) -> Context<'static> {
        let memory = self.sink.iter().map(|(sink, on)| sink.settings(*on));
        let sinks = memory.chain(self.more.iter().cloned()).collect();
        let key = SigningKey::from_pem(KEY).expect("a key");
        let layout = DirectoryLayout {
            root: self.folder.path().into(),
            migrations: self.folder.path().join("migrations"),
            rollback: Some(self.folder.path().join("rollback")),
            ..DirectoryLayout::default()
        };
        Context {
            driver: dbvc_sqlite::driver(),
            target: Target::parse(&format!("sqlite://{}", self.database().display())).expect("a URL"),
            settings: Settings {
                lock_wait: Duration::from_secs(5),
                lock_patience: Duration::from_secs(5),
                audit: AuditSettings {
                    sinks,
                    database_id: self.pin.clone(),
                    signing_key: self.signs.then_some(key),
                    ..AuditSettings::default()
                },
                ..Settings::new("app", "test", layout)
            },
            observer: &Silent,
            cancel: CancellationToken::new(),
            actor: Actor {
                user: "ann".into(),
                host: "here".into(),
                git_commit: Some("c0ffee".into()),
                git_branch: Some("main".into()),
                ci_job: None,
            },
            pid: std::process::id(),
            run: Uuid::now_v7(),
            tool_version: "0".into(),
            reason: Some("ticket 7".into()),
        }
    }

    pub(crate) async fn migrate(&self) -> Result<MigrateReport, Failed> {
        migrate(&self.context(), &MigrateRequest::default(), &mut |_| Ok(())).await
    }

    /// The actions of all events.
    pub(crate) async fn actions(&self) -> Vec<String> {
        let events = log(&self.context(), &LogRequest::default())
            .await
            .expect("a log")
            .events;
        let word = |event: &dbvc_engine::audit::AuditEvent| {
            let value = serde_json::to_value(event.action).expect("a word");
            value.as_str().expect("a word").to_owned()
        };
        events.iter().map(|logged| word(&logged.event)).collect()
    }

    pub(crate) async fn verify(&self) -> ChainReport {
        let context = self.context();
        let request = ChainRequest {
            sinks: context.settings.audit.sinks.clone(),
            ..ChainRequest::default()
        };
        verify(&context, &request).await.expect("a check")
    }

    /// Behind dbvc's back.
    pub(crate) async fn sql(&self, sql: &str) {
        let url = format!("sqlite://{}", self.database().display());
        let mut connection = sqlx::SqliteConnection::connect(&url).await.expect("the file");
        sqlx::raw_sql(AssertSqlSafe(sql.replace('#', "version_control_")))
            .execute(&mut connection)
            .await
            .unwrap_or_else(|error| panic!("{error} in {sql}"));
        connection.close().await.expect("closed");
    }

    /// Gives it a sink that is a file.
    pub(crate) fn with_file(mut self, name: &str) -> Self {
        let url = format!("file:{}", self.folder.path().join(name).display());
        self.more
            .push(sink(dbvc_engine::audit::jsonl::driver(), name, &url));
        self
    }

    /// Gives it a sink that is a SQLite file.
    pub(crate) fn with_sqlite(mut self, name: &str) -> Self {
        let url = format!("sqlite:{}", self.folder.path().join(name).display());
        self.more.push(sink(dbvc_sqlite::audit_driver(), name, &url));
        self
    }

    /// The chain's name.
    pub(crate) async fn chain(&self) -> String {
        self.verify().await.database_id
    }

    /// What kinds of things a check finds, and in which place.
    pub(crate) async fn kinds(&self) -> Vec<(String, FindingKind)> {
        let report = self.verify().await;
        let found = report.all_findings();
        found
            .map(|finding| (finding.place.clone(), finding.kind))
            .collect()
    }

    /// Another project with the same files and a copy of the database.
    pub(crate) fn copy(&self) -> Self {
        let copy = Self {
            sink: self.sink.clone(),
            more: self.more.clone(),
            pin: self.pin.clone(),
            signs: self.signs,
            ..Self::new()
        };
        std::fs::copy(self.database(), copy.database()).expect("a copy");
        copy
    }
}

fn sink(driver: Arc<dyn AuditDriver>, name: &str, url: &str) -> SinkSettings {
    SinkSettings {
        driver,
        target: SinkTarget {
            name: name.to_owned(),
            url: Secret::new(url),
            options: std::collections::BTreeMap::new(),
        },
        on_failure: OnSinkFailure::Warn,
    }
}
