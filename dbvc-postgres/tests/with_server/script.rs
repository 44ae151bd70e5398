//! Scripts and units to run.

use dbvc_engine::driver::{
    Action, AppliedState, Cause, End, EntryStatus, Fence, Heard, Limits, NewExecution, Notice, Outcome,
    Session, Unit,
};
use dbvc_engine::error::DriverError;
use dbvc_engine::sql::{Dialect, ScriptReader, Statement};
use dbvc_engine::text::{Origin, Placeholders, TextInMemory};
use uuid::Uuid;

use crate::place::actor;

/// Remembers what it hears.
#[derive(Default)]
pub(crate) struct Ears {
    pub(crate) notices: Vec<Notice>,
    pub(crate) progress: Vec<u32>,
}

impl Heard for Ears {
    fn notice(&mut self, notice: Notice) {
        self.notices.push(notice);
    }

    fn progress(&mut self, done: u32) {
        self.progress.push(done);
    }
}

pub(crate) fn statement(sql: &str) -> Statement {
    Statement::new(sql, Origin::START)
}

pub(crate) fn execution(migration: &str) -> NewExecution {
    NewExecution {
        run: Uuid::now_v7(),
        action: Action::Migrate,
        migration: migration.into(),
        version: Some(migration.into()),
        description: "a test's \\ 'migration'".into(),
        kind: "versioned".into(),
        script: "V1__a.sql".into(),
        checksum: "sha256:0".into(),
        registration: None,
        statements: 1,
        transactional: true,
        actor: actor(),
        environment: "test".into(),
        reason: None,
        tool_version: "0.0.0".into(),
        in_run: None,
    }
}

pub(crate) fn end() -> End {
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

pub(crate) fn reader(text: &str) -> ScriptReader<TextInMemory> {
    ScriptReader::new(
        TextInMemory::new(text.to_owned()),
        &Dialect::POSTGRES,
        Placeholders::default(),
        "a.sql",
        Origin::START,
    )
}

pub(crate) async fn apply(session: &mut dyn Session, fence: &Fence, migration: &str, text: &str) -> Outcome {
    apply_with(
        session,
        fence,
        migration,
        text,
        &Limits::default(),
        &mut Ears::default(),
    )
    .await
}

pub(crate) async fn apply_with(
    session: &mut dyn Session,
    fence: &Fence,
    migration: &str,
    text: &str,
    limits: &Limits,
    ears: &mut Ears,
) -> Outcome {
    let execution = execution(migration);
    let end = end();
    let unit = Unit {
        fence,
        execution: &execution,
        end: &end,
        durable: true,
    };
    session.apply(&unit, &mut reader(text), limits, ears).await
}

/// The error that stopped an outcome, and the statement that it is about.
pub(crate) fn failure(outcome: Outcome) -> (Option<String>, DriverError) {
    let failure = outcome.failure.expect("a failure");
    let statement = failure.statement.map(|statement| statement.sql);
    match failure.cause {
        Cause::Driver(error) => (statement, error),
        Cause::Script(error) => panic!("{error}"),
    }
}

pub(crate) fn well(outcome: &Outcome) {
    assert!(outcome.failure.is_none(), "{:?}", outcome.failure);
}
