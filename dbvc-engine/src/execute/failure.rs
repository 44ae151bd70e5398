//! What is said when a step fails.

use super::run::Worked;
use super::words::{
    cancelled, command, first_line, lock_was_lost, on_file, on_place, statement_failed, unreadable, unwritten,
};
use crate::diagnostic::Diagnostic;
use crate::driver::{Action, Cause, Failure};
use crate::error::{DriverError, ErrorKind};
use crate::execute::StepOutcome;
use crate::plan::Step;
use crate::sql::{ScriptError, Statement};

/// What a failure means for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FailureClass {
    /// Nothing of the failed step remains.
    RolledBack,
    /// Some of it remains.
    Partial,
    /// Someone asked to stop.
    Cancelled,
    /// The lock was lost.
    LockLost,
    /// The connection was lost.
    Connection,
}

impl FailureClass {
    /// The audit trail's word for it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::RolledBack => "rolled-back",
            Self::Partial => "partial",
            Self::Cancelled => "cancelled",
            Self::LockLost => "lock-lost",
            Self::Connection => "connection-lost",
        }
    }
}

/// A step that failed.
#[derive(Debug)]
pub struct StepFailure {
    /// What it means for the caller.
    pub class: FailureClass,
    /// What people are told.
    pub diagnostic: Box<Diagnostic>,
    /// Statements of the step whose effect remains.
    pub statements_kept: u32,
    /// Steps before it that were committed, and that the server lost when it crashed.
    pub vanished: usize,
    worked: Worked,
    recorded: bool,
}

/// The kind of error, as the audit trail has it.
pub(super) fn error_class(cause: &Cause) -> String {
    match cause {
        Cause::Driver(error) => match serde_json::to_value(error.kind) {
            Ok(serde_json::Value::String(word)) => word,
            _ => String::new(),
        },
        Cause::Script(_) => "script".to_owned(),
    }
}

impl StepFailure {
    fn new(class: FailureClass, diagnostic: Diagnostic, kept: u32) -> Self {
        Self {
            class,
            diagnostic: Box::new(diagnostic),
            statements_kept: kept,
            vanished: 0,
            worked: Worked::default(),
            recorded: false,
        }
    }

    /// How the step ended.
    pub(super) fn outcome(&self) -> StepOutcome {
        if self.class == FailureClass::Partial || self.statements_kept > 0 {
            StepOutcome::Partial
        } else {
            StepOutcome::Failed
        }
    }

    /// What the failed step did.
    pub(super) fn report(&self) -> Worked {
        Worked {
            statements: self.statements_kept,
            ..self.worked
        }
    }

    pub(super) fn worked(&mut self, worked: Worked) {
        self.worked = worked;
        match worked.retries {
            0 => {}
            1 => self.note("it was tried once more"),
            more => self.note(format!("it was tried {more} times more")),
        }
    }

    /// A crash took steps whose commits had not reached the disk.
    pub(super) fn lost_with_the_server(&mut self, steps: usize) {
        self.vanished = steps;
        if steps > 0 {
            self.note(format!(
                "the server crashed before the last {} it had committed reached its disk; schema and history lost \
                 them together, and the next run applies them again",
                counted(steps)
            ));
            self.diagnostic
                .help
                .push("`durable = \"migration\"` in dbvc.toml makes each one wait for the disk".into());
        }
    }

    /// Whether the failure goes into the history: the lock is ours and the database answers.
    pub(super) fn is_recorded(&self) -> bool {
        self.recorded
    }

    /// One line for the history.
    pub(super) fn summary(&self) -> String {
        let mut summary = self.diagnostic.message.clone();
        if let Some(label) = self.diagnostic.labels.first() {
            if let Some(at) = label.at {
                summary.push_str(" at ");
                summary.push_str(&at.to_string());
            }
            if !label.text.is_empty() {
                summary.push_str(": ");
                summary.push_str(&label.text);
            }
        }
        summary
    }

    pub(super) fn note(&mut self, note: impl Into<String>) {
        self.diagnostic.notes.push(note.into());
    }

    pub(super) fn note_unrecorded(&mut self, error: &DriverError) {
        self.note(format!(
            "the failure itself could not be written to the history: {error}"
        ));
    }

    pub(super) fn nothing_changed(&mut self) {
        self.class = match self.class {
            FailureClass::Partial => FailureClass::RolledBack,
            other => other,
        };
        self.note("no statement of it took effect");
    }

    pub(super) fn left_behind(&mut self, found: &str, cleanup: &str) {
        self.note(format!(
            "{found}; the next `dbvc migrate` runs `{cleanup}` and tries again"
        ));
    }

    /// The statement was no transaction of its own.
    pub(super) fn may_have_kept_part(&mut self) {
        self.note("that statement may have committed part of its work before it failed; look before you run it again");
    }

    /// A transaction that failed and was rolled back.
    pub(super) fn rolled_back(step: &Step, failure: &Failure, ran: u32, lock_lost: bool) -> Self {
        let mut failed = Self::of(step, failure, None, FailureClass::RolledBack, lock_lost);
        failed.note(match ran {
            0 => "nothing changed".to_owned(),
            1 => format!(
                "1 of {} statements ran and was rolled back; nothing changed",
                step.statements
            ),
            _ => format!(
                "{ran} of {} statements ran and were rolled back; nothing changed",
                step.statements
            ),
        });
        failed
    }

    /// A script outside a transaction that failed on the way.
    pub(super) fn broken_off(
        step: &Step,
        failure: &Failure,
        statement: Option<&Statement>,
        done: u32,
        lock_lost: bool,
    ) -> Self {
        let mut failed = Self::of(step, failure, statement, FailureClass::Partial, lock_lost);
        failed.statements_kept = done;
        if done > 0 {
            failed.note(format!(
                "{done} of {} statements took effect and stay; the record knows which",
                step.statements
            ));
            failed.diagnostic.help.push("the next run goes on with the statement that failed; statements that are done must stay as they are".into());
        }
        failed
    }

    fn of(
        step: &Step,
        failure: &Failure,
        statement: Option<&Statement>,
        class: FailureClass,
        lock_lost: bool,
    ) -> Self {
        let statement = failure.statement.as_deref().or(statement);
        let error = match &failure.cause {
            Cause::Script(error) => {
                return Self {
                    recorded: true,
                    ..Self::new(class, unreadable(step, error), 0)
                };
            }
            Cause::Driver(error) => error,
        };
        let mut failed = Self::driver(step, error, statement, class, lock_lost);
        if let Some(why) = step.again.filter(|_| error.kind == ErrorKind::Statement) {
            failed.note(format!("it has run before, and runs again because {why}"));
            failed.diagnostic.help.push(
                "a repeatable migration must stand being run twice: `create or replace`, `drop … if exists`"
                    .into(),
            );
        }
        failed
    }

    fn driver(
        step: &Step,
        error: &DriverError,
        statement: Option<&Statement>,
        class: FailureClass,
        lock_lost: bool,
    ) -> Self {
        let (class, recorded) = match error.kind {
            ErrorKind::LockLost => (FailureClass::LockLost, false),
            ErrorKind::Cancelled if lock_lost => (FailureClass::LockLost, false),
            ErrorKind::Cancelled => (FailureClass::Cancelled, true),
            ErrorKind::TrailBroken => (class, false),
            kind if kind.ends_session() => (FailureClass::Connection, class == FailureClass::RolledBack),
            _ => (class, true),
        };
        let diagnostic = match class {
            FailureClass::LockLost => lock_was_lost(step),
            FailureClass::Cancelled => cancelled(step, statement),
            _ => statement_failed(step, error, statement),
        };
        Self {
            recorded,
            ..Self::new(class, diagnostic, 0)
        }
    }

    pub(super) fn cancelled_before(step: &Step, lock_lost: bool) -> Self {
        if lock_lost {
            return Self::new(FailureClass::LockLost, lock_was_lost(step), 0);
        }
        Self::new(
            FailureClass::Cancelled,
            cancelled(step, None).note("it was not begun"),
            0,
        )
    }

    /// The script could not be read before anything ran.
    pub(super) fn unreadable(step: &Step, error: &ScriptError) -> Self {
        Self::new(FailureClass::RolledBack, unreadable(step, error), 0)
    }

    /// The connection broke at the commit and the database cannot be asked.
    pub(super) fn in_doubt(step: &Step, failure: &Failure, unknown: &DriverError, floating: usize) -> Self {
        let mut failed = Self::of(step, failure, None, FailureClass::Connection, false);
        failed.recorded = false;
        failed.note(format!(
            "whether it was committed is not known, because the database cannot be asked: {unknown}"
        ));
        if floating > 0 {
            failed.note(format!(
                "if the server crashed, the last {} before it may be gone too, each with its entry in the history",
                counted(floating)
            ));
        }
        failed.diagnostic.help.push(format!(
            "when the server is back, `dbvc status` tells; `{}` is safe either way",
            command(step)
        ));
        failed
    }

    /// The history could not be written.
    pub(super) fn bookkeeping(step: &Step, done: u32, error: &DriverError) -> Self {
        let class = match error.kind {
            ErrorKind::LockLost => FailureClass::LockLost,
            kind if kind.ends_session() => FailureClass::Connection,
            _ if done > 0 => FailureClass::Partial,
            _ => FailureClass::RolledBack,
        };
        let mut diagnostic = match class {
            FailureClass::LockLost => lock_was_lost(step),
            _ => unwritten(step, error),
        };
        if done > 0 {
            diagnostic = diagnostic.note(format!(
                "{done} of {} statements took effect and stay",
                step.statements
            ));
        }
        Self::new(class, diagnostic, done)
    }

    pub(super) fn finished_part_edited(step: &Step, done: u32) -> Self {
        let diagnostic = Diagnostic::error(
            "DBVC5010",
            format!("{} broke off after {done} statements, and those were edited since", step.name()),
        )
        .note("so it cannot be told what of the file is in the database")
        .help(format!("put the first {done} statements back as they were and run again; the rest may be changed"))
        .help("or write what is missing into a migration of its own and accept this one as it stands: `dbvc verify --fix`");
        let diagnostic = on_file(diagnostic, step);
        Self::new(FailureClass::Partial, diagnostic, done)
    }

    pub(super) fn in_flight_edited(step: &Step, statement: &Statement) -> Self {
        let diagnostic = Diagnostic::error(
            "DBVC5015",
            format!(
                "{} was edited where its last run broke off, but that statement took effect",
                step.name()
            ),
        )
        .note(format!("what ran was: {}", first_line(&statement.sql)))
        .help("put that statement back as it was; it will not be run again");
        let done = step.resume.as_ref().map_or(0, |resume| resume.done);
        Self::new(
            FailureClass::Partial,
            on_place(diagnostic, step, statement.origin.at, String::new()),
            done,
        )
    }

    /// What a finished statement left in its session is gone with that.
    pub(super) fn left_in_session(step: &Step, statement: &Statement, done: u32, left: &str) -> Self {
        let again = match step.action {
            Action::Rollback => format!("dbvc rollback {}", step.migration),
            _ => "dbvc migrate".to_owned(),
        };
        let diagnostic = Diagnostic::error(
            "DBVC5016",
            format!("{} broke off, and with its session {left} is gone", step.name()),
        )
        .note("statements after this one may need it; going on could write wrong data")
        .note(format!("{done} statements are done and stay"))
        .help(format!(
            "where the rest does not need it, or the file says it anew in the rest: `{again} --in-flight repeat`"
        ))
        .help("else bring the rest about by hand, and then `dbvc verify --fix`");
        let diagnostic = on_place(diagnostic, step, statement.origin.at, "it was made here".into());
        Self::new(FailureClass::Partial, diagnostic, done)
    }

    pub(super) fn effect_unknown(step: &Step, statement: &Statement, done: u32, looked_at: &str) -> Self {
        let again = match step.action {
            Action::Rollback => format!("dbvc rollback {}", step.migration),
            _ => "dbvc migrate".to_owned(),
        };
        let diagnostic = Diagnostic::error(
            "DBVC5011",
            format!(
                "{} broke off in a statement, and it cannot be told whether that took effect",
                step.name()
            ),
        )
        .note(format!("dbvc looked at: {looked_at}"))
        .note(format!("{done} statements before it are done"))
        .help(format!("if it took effect: `{again} --in-flight done`"))
        .help(format!("if it did not: `{again} --in-flight repeat`"));
        let diagnostic = on_place(
            diagnostic,
            step,
            statement.origin.at,
            "this statement was under way".into(),
        );
        Self::new(FailureClass::Partial, diagnostic, done)
    }
}

fn counted(migrations: usize) -> String {
    match migrations {
        1 => "migration".to_owned(),
        more => format!("{more} migrations"),
    }
}
