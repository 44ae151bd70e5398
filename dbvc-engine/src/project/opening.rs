//! How every use case begins: read the files, connect, ask the database once.

use std::pin::pin;
use std::time::Duration;

use crate::diagnostic::Diagnostic;
use crate::driver::{Access, Applied, AppliedState, Holder, LAYOUT, Session, Survey};
use crate::execute::open;
use crate::migration::{MigrationSet, Problem, Script, directory, sum};
use crate::plan::{Known, Plan, ScriptFacts, Standing, StepScript, inspect, standings};
use crate::sql::{ScriptError, connect_database};
use crate::text::{LineColumn, TextError};
use crate::wrap::ReadOnly;

use super::failed::problem;
use super::{Context, ExitClass, Failed};

/// The project's files and the database's record, side by side.
pub(super) struct Opening {
    pub(super) session: Box<dyn Session>,
    /// A second connection, for the work that the first one holds the lock for, where it was opened already.
    pub(super) worker: Option<Box<dyn Session>>,
    /// The moment before the lock was asked for, once it was.
    pub(super) asked: Duration,
    pub(super) set: MigrationSet,
    /// Without what [`Known`] has of it.
    pub(super) survey: Survey,
    pub(super) known: Known,
}

impl Opening {
    pub(super) fn standings(&self, context: &Context<'_>) -> Vec<Standing> {
        standings(&self.set, &self.known, &context.settings.environment)
    }

    /// Whether what stops a plan may be another run's unfinished work: then the lock is to be waited for first, and the
    /// plan to be made anew under it.
    pub(super) fn must_wait(&self, plan: &Plan) -> bool {
        let unfinished = |applied: &Applied| applied.state == AppliedState::Partial;
        plan.is_blocked()
            && self.survey.holder.as_ref().is_some_and(Holder::lives)
            && self.known.applied.values().any(|applied| unfinished(applied))
    }

    /// Asks the database again, for a plan made under the lock.
    pub(super) async fn ask_again(&mut self, context: &Context<'_>) -> Result<(), Failed> {
        self.survey = survey(context, self.session.as_mut()).await?;
        self.known = Known::new(std::mem::take(&mut self.survey.applied));
        Ok(())
    }

    /// Says goodbye. All that was to be read has been read.
    pub(super) async fn close(self) {
        if let Some(worker) = self.worker {
            let _ = worker.close().await;
        }
        let _ = self.session.close().await;
    }
}

impl Context<'_> {
    /// Reads the project's files; every fault at once. Where the environment demands a sum file, it must be right.
    pub(super) fn read_files(&self) -> Result<MigrationSet, Failed> {
        self.judge(directory::read(&self.settings.layout))
    }

    /// The same in a thread of its own, which reads while this one waits for the database.
    async fn read_files_aside(&self) -> Result<MigrationSet, Failed> {
        let layout = self.settings.layout.clone();
        match tokio::task::spawn_blocking(move || directory::read(&layout)).await {
            Ok(read) => self.judge(read),
            Err(stopped) => match stopped.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(cancelled()),
            },
        }
    }

    fn judge(&self, read: Result<MigrationSet, Vec<Problem>>) -> Result<MigrationSet, Failed> {
        let set = read.map_err(|problems| Failed::problems(&problems))?;
        if self.settings.policy.require_sum {
            let faults = self.sum_faults(&set);
            if !faults.is_empty() {
                return Err(Failed::problems(&faults));
            }
        }
        Ok(set)
    }

    /// What is wrong with the folder's sum file. One that is not there is only wrong where it is demanded.
    pub(super) fn sum_faults(&self, set: &MigrationSet) -> Vec<Problem> {
        match sum::read(set) {
            Ok(Some(sum)) => sum::check(set, &sum),
            Ok(None) if self.settings.policy.require_sum => vec![Problem {
                code: "DBVC1022",
                path: self.settings.layout.shown(&sum::path(set)),
                at: None,
                message: "there is no sum file, and this environment demands one".into(),
                help: Some("write it with `dbvc validate --fix`".into()),
            }],
            Ok(None) => Vec::new(),
            Err(problem) => vec![problem],
        }
    }

    /// Waits for work that can be left where it is: nothing but reading has begun.
    pub(super) async fn unless_cancelled<T>(&self, work: impl Future<Output = T>) -> Result<T, Failed> {
        tokio::select! {
            done = work => Ok(done),
            () = self.cancel.cancelled() => Err(cancelled()),
        }
    }

    /// Opens a session. One that may only read is wrapped, so that no mistake of ours can write.
    pub(super) async fn connect(&self, access: Access) -> Result<Box<dyn Session>, Failed> {
        let target = self.target(access);
        let failed = |error: &crate::error::DriverError| Failed::driver(&target, error);
        let connecting = self.unless_cancelled(self.driver.connect(&target)).await?;
        let session = connecting.map_err(|error| failed(&error))?;
        Ok(match access {
            Access::ReadWrite => session,
            Access::ReadOnly => Box::new(ReadOnly::new(session)),
        })
    }

    /// Reads the files, connects and asks once. What is wrong with the files is told before what is wrong with the
    /// database: who can mend the one may have no hand in the other.
    pub(super) async fn open(&self, access: Access) -> Result<Opening, Failed> {
        let mut reading = pin!(self.read_files_aside());
        let mut asking = pin!(self.connect_and_ask(access));
        let (set, asked) = tokio::select! {
            set = &mut reading => (set?, asking.await),
            asked = &mut asking => (reading.await?, asked),
        };
        let (session, mut survey) = asked?;
        let known = Known::new(std::mem::take(&mut survey.applied));
        Ok(Opening {
            session,
            worker: None,
            asked: Duration::ZERO,
            set,
            survey,
            known,
        })
    }

    /// The same without the project's files, for what is about the database alone.
    pub(super) async fn open_database(&self, access: Access) -> Result<Opening, Failed> {
        let (session, mut survey) = self.connect_and_ask(access).await?;
        let known = Known::new(std::mem::take(&mut survey.applied));
        Ok(Opening {
            session,
            worker: None,
            asked: Duration::ZERO,
            set: MigrationSet::default(),
            survey,
            known,
        })
    }

    pub(super) async fn connect_and_ask(&self, access: Access) -> Result<(Box<dyn Session>, Survey), Failed> {
        let mut session = self.connect(access).await?;
        let survey = survey(self, session.as_mut()).await?;
        Ok((session, survey))
    }

    /// What a script holds, or what is wrong with it.
    pub(super) fn facts(&self, script: &StepScript) -> Result<ScriptFacts, Box<Diagnostic>> {
        let read = || -> Result<ScriptFacts, ScriptError> {
            inspect(
                open(script, &self.settings.placeholders, self.driver.dialect())?,
                self.driver.as_ref(),
            )
        };
        let mut facts = read().map_err(|error| Box::new(script_problem(script, &error)))?;
        let here = self.target.is_known().then(|| self.target.name_in_scripts());
        facts.flaws.retain(|(_, flaw)| {
            let named = flaw.database.as_ref();
            named.is_none_or(|name| here.as_ref().is_some_and(|here| name.eq_ignore_ascii_case(here)))
        });
        if self.target.is_stand_in() && self.settings.scratch.is_none() && !facts.beyond.is_empty() {
            return Err(Box::new(reaches_beyond(script, &facts)));
        }
        let Some(here) = here else {
            return Ok(facts);
        };
        for (at, line) in &facts.connects {
            if connect_database(line).is_some_and(|name| name != here) {
                return Err(Box::new(foreign_connect(script, *at, line, &here)));
            }
        }
        for (at, name) in &facts.uses {
            if !name.eq_ignore_ascii_case(&here) {
                return Err(Box::new(foreign_connect(
                    script,
                    *at,
                    &format!("USE {name}"),
                    &here,
                )));
            }
        }
        Ok(facts)
    }

    pub(super) fn file_facts(&self, script: &Script) -> Result<ScriptFacts, Box<Diagnostic>> {
        self.facts(&StepScript::File(Box::new(script.clone())))
    }
}

pub(super) async fn survey(context: &Context<'_>, session: &mut dyn Session) -> Result<Survey, Failed> {
    let survey = context
        .unless_cancelled(session.survey())
        .await?
        .map_err(|error| Failed::driver(&context.target, &error))?;
    match survey.layout {
        Some(layout) if layout > LAYOUT => Err(Failed::one(
            ExitClass::Configuration,
            Diagnostic::error(
                "DBVC2010",
                format!("the record in {} was written by a newer dbvc", context.target),
            )
            .note(format!("its layout is {layout}; this dbvc knows up to {LAYOUT}"))
            .help("update dbvc"),
        )),
        _ => Ok(survey),
    }
}

pub(super) fn cancelled() -> Failed {
    Failed::one(
        ExitClass::Cancelled,
        Diagnostic::error("DBVC4003", "stopped; nothing was changed"),
    )
}

fn foreign_connect(script: &StepScript, at: LineColumn, line: &str, here: &str) -> Diagnostic {
    let label = crate::diagnostic::Label::place(path(script), at, format!("`{line}`"));
    Diagnostic::error("DBVC1012", format!("the script connects to another database than `{here}`"))
        .label(label)
        .help("dbvc runs a script where the configuration says: remove the line, and give the other database a migrations folder of its own")
}

/// Beside the database that it stands in for, a scratch database shares a server with it.
fn reaches_beyond(script: &StepScript, facts: &ScriptFacts) -> Diagnostic {
    let mut told = Diagnostic::error(
        "DBVC8103",
        "the script would change more than the scratch database that it is tried on",
    );
    for (at, what) in &facts.beyond {
        told = told.label(crate::diagnostic::Label::place(path(script), *at, what.clone()));
    }
    told.help("write `scratch = \"URL\"` with a server of its own below the environment; there it may run")
}

fn path(script: &StepScript) -> std::path::PathBuf {
    match script {
        StepScript::File(file) => file.shown.clone(),
        StepScript::Stored { name, .. } => name.into(),
    }
}

/// Why a script cannot be read, as people are told.
pub(super) fn script_problem(script: &StepScript, error: &ScriptError) -> Diagnostic {
    let at = match error {
        ScriptError::Text(TextError::Placeholder { at, .. }) => Some(*at),
        _ => error.origin().map(|origin| origin.at),
    };
    let help = match error {
        ScriptError::Text(TextError::Placeholder { nearest: Some(nearest), .. }) => Some(format!("did you mean `${{{nearest}}}`?")),
        ScriptError::Text(TextError::Placeholder { .. }) => {
            Some("declare it under `placeholders` in dbvc.toml or pass `--placeholder NAME=VALUE`; to leave `${…}` alone, put `-- dbvc: placeholders=off` at the top".into())
        }
        ScriptError::Text(TextError::Encoding { .. }) => Some("save the file as UTF-8".into()),
        ScriptError::Text(TextError::Changed { .. }) => Some("let the file be and run the command again".into()),
        ScriptError::Text(TextError::Read { .. }) => Some("check that the file is there and may be read".into()),
        ScriptError::ClientCommand { advice, .. } | ScriptError::Separator { advice, .. } => {
            Some(advice.clone())
        }
        ScriptError::AfterCopy { .. } | ScriptError::BinaryCopy { .. } => None,
    };
    problem(&crate::migration::Problem {
        code: "DBVC1011",
        path: path(script),
        at,
        message: match error {
            // The label has the place.
            ScriptError::Text(TextError::Placeholder { name, .. }) => {
                format!("there is no value for `${{{name}}}`")
            }
            other => other.to_string(),
        },
        help,
    })
}
