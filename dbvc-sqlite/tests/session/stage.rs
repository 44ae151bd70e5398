//! A folder with a database, and sessions on it.

use std::path::PathBuf;
use std::time::Duration;

use dbvc_engine::driver::{
    Access, Action, Actor, AppliedState, Cause, End, EntryStatus, Fence, Heard, Identity, Lease, Limits,
    LockAttempt, LockOwner, LockRequest, NewExecution, Notice, Outcome, Session, Target, Unit,
};
use dbvc_engine::error::DriverError;
use dbvc_engine::sql::{Dialect, ScriptReader, Statement};
use dbvc_engine::text::{Origin, Placeholders, TextInMemory};
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) struct Stage(TempDir);

pub(crate) struct Deaf;

impl Heard for Deaf {
    fn notice(&mut self, _: Notice) {}
    fn progress(&mut self, _: u32) {}
}

impl Stage {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.0.path())
            .expect("a folder")
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into_owned()
            })
            .collect();
        names.sort();
        names
    }

    pub(crate) fn target(&self, name: &str) -> Target {
        Target::parse(&format!("sqlite://{}/{name}", self.0.path().display())).expect("a URL")
    }

    pub(crate) async fn try_open(&self, name: &str, access: Access) -> Result<Box<dyn Session>, DriverError> {
        dbvc_sqlite::driver()
            .connect(&self.target(name).with_access(access))
            .await
    }

    pub(crate) async fn open(&self) -> Box<dyn Session> {
        self.open_as("app.db").await
    }

    pub(crate) async fn open_as(&self, name: &str) -> Box<dyn Session> {
        self.try_open(name, Access::ReadWrite).await.expect("a session")
    }

    /// A session with the record made and the lock taken.
    pub(crate) async fn ready(&self) -> (Box<dyn Session>, Lease) {
        let mut session = self.open().await;
        session.install(&identity()).await.expect("a record");
        let lease = locked(&mut session).await;
        (session, lease)
    }
}

pub(crate) fn identity() -> Identity {
    Identity {
        database: "app".into(),
        environment: "test".into(),
        tool_version: "0".into(),
    }
}

fn actor() -> Actor {
    Actor {
        user: "ann".into(),
        host: "here".into(),
        ci_job: None,
        git_commit: None,
        git_branch: None,
    }
}

pub(crate) fn request() -> LockRequest {
    LockRequest {
        name: "migrate".into(),
        owner: LockOwner {
            run: Uuid::now_v7(),
            actor: actor(),
            pid: std::process::id(),
            purpose: "migrate".into(),
        },
        ttl: Duration::from_secs(30),
    }
}

pub(crate) async fn locked(session: &mut Box<dyn Session>) -> Lease {
    match session.try_lock(&request()).await.expect("an answer") {
        LockAttempt::Acquired(lease) => lease,
        LockAttempt::Held(holder) => panic!("held by {holder:?}"),
    }
}

pub(crate) fn execution(migration: &str) -> NewExecution {
    NewExecution {
        run: Uuid::now_v7(),
        action: Action::Migrate,
        migration: migration.into(),
        version: Some(migration.into()),
        description: "it's a \"test\" \\ ü".into(),
        kind: "versioned".into(),
        script: format!("V{migration}__test.sql"),
        checksum: "sha256-1:00".into(),
        registration: None,
        statements: 1,
        transactional: true,
        actor: actor(),
        environment: "test".into(),
        reason: None,
        tool_version: "0".into(),
        in_run: None,
    }
}

pub(crate) fn completed() -> End {
    End {
        status: EntryStatus::Completed,
        statements_done: 0,
        duration: None,
        error: None,
        state: Some(AppliedState::Applied),
        error_class: None,
        of: None,
    }
}

pub(crate) async fn apply(
    session: &mut Box<dyn Session>,
    fence: &Fence,
    script: &str,
    limits: &Limits,
) -> Outcome {
    let text = TextInMemory::new(script);
    let mut source = ScriptReader::new(
        text,
        &Dialect::SQLITE,
        Placeholders::default(),
        "V1__test.sql",
        Origin::START,
    );
    let (execution, end) = (execution("1"), completed());
    let unit = Unit {
        fence,
        execution: &execution,
        end: &end,
        durable: true,
    };
    session.apply(&unit, &mut source, limits, &mut Deaf).await
}

pub(crate) fn statement(sql: &str) -> Statement {
    Statement::new(sql, Origin::START)
}

pub(crate) async fn run_with(session: &mut Box<dyn Session>, sql: &str, limits: &Limits) -> Outcome {
    session.execute(&[statement(sql)], limits, &mut Deaf).await
}

/// Runs statements one by one; each must succeed.
pub(crate) async fn run(session: &mut Box<dyn Session>, statements: &[&str]) {
    for sql in statements {
        let outcome = run_with(session, sql, &Limits::default()).await;
        assert!(outcome.failure.is_none(), "{sql}: {:?}", outcome.failure);
    }
}

pub(crate) fn error_of(outcome: Outcome) -> DriverError {
    match outcome.failure.expect("a failure").cause {
        Cause::Driver(error) => error,
        Cause::Script(error) => panic!("{error}"),
    }
}

/// The first cell of a query's answer.
pub(crate) async fn ask(session: &mut Box<dyn Session>, sql: &str) -> String {
    let rows = session.query(sql, &Limits::default()).await.expect(sql);
    rows.cells[0][0].clone().unwrap_or_default()
}
