//! Work on a scratch database that goes back and forth: the lock is taken once, and one session does it all.

use tokio_util::sync::CancellationToken;

use super::migrate::stop_if_blocked;
use super::opening::{Opening, survey};
use super::{Context, ExitClass, Failed};
use crate::driver::{Access, Limits, Rows, Session, Target};
use crate::lock::Keeper;
use crate::migration::{MigrationKey, MigrationSet};
use crate::plan::{
    Known, MigrateOptions, Plan, RollbackOptions, Selection, Step, migrate, rollback, standings,
};
use crate::schema::Database;

/// A session on a scratch database with the lock held, and the project's files.
pub(super) struct Rehearsal<'a> {
    context: &'a Context<'a>,
    keeper: Keeper,
    worker: Box<dyn Session>,
    cancel: CancellationToken,
    target: Target,
    set: MigrationSet,
    known: Known,
}

impl<'a> Rehearsal<'a> {
    /// Reads the project's files and takes the lock.
    pub(super) async fn open(context: &'a Context<'a>) -> Result<Self, Failed> {
        let opening = context.open(Access::ReadWrite).await?;
        Self::with(context, opening).await
    }

    /// The same with files that were read elsewhere.
    pub(super) async fn of(context: &'a Context<'a>, set: MigrationSet) -> Result<Self, Failed> {
        let (session, mut survey) = context.connect_and_ask(Access::ReadWrite).await?;
        let known = Known::new(std::mem::take(&mut survey.applied));
        let opening = Opening {
            session,
            worker: None,
            asked: std::time::Duration::ZERO,
            set,
            survey,
            known,
        };
        Self::with(context, opening).await
    }

    async fn with(context: &'a Context<'a>, mut opening: Opening) -> Result<Self, Failed> {
        let lease = context.take_lock_for_work(&mut opening, "rehearse").await?;
        let worker = match opening.worker.take() {
            Some(worker) => worker,
            None => context.connect(Access::ReadWrite).await?,
        };
        let cancel = context.cancel.child_token();
        let target = context.target(Access::ReadWrite);
        let keeper = Keeper::start(
            opening.session,
            (lease, opening.asked),
            cancel.clone(),
            context.driver.clone(),
            target.clone(),
        );
        Ok(Self {
            context,
            keeper,
            worker,
            cancel,
            target,
            set: opening.set,
            known: opening.known,
        })
    }

    /// Gives the lock back.
    pub(super) async fn close(self) {
        let _ = self.worker.close().await;
        self.context.release(self.keeper).await;
    }

    pub(super) fn set(&self) -> &MigrationSet {
        &self.set
    }

    /// All that is to be run on an empty database, in order.
    pub(super) fn forward(&self) -> Result<Plan, Failed> {
        let standings = standings(&self.set, &self.known, &self.context.settings.environment);
        let options = MigrateOptions::default();
        let plan = migrate(
            self.context.names(),
            &self.known,
            &standings,
            &options,
            &mut |script| self.context.file_facts(script),
        );
        stop_if_blocked(&plan)?;
        Ok(plan)
    }

    /// What takes one migration out again.
    pub(super) async fn backward(&mut self, key: &MigrationKey) -> Result<Plan, Failed> {
        self.ask_again().await?;
        let standings = standings(&self.set, &self.known, &self.context.settings.environment);
        let options = RollbackOptions {
            selection: Selection::One(key.clone()),
        };
        let plan = rollback(
            self.context.names(),
            &self.known,
            &standings,
            &options,
            &mut |_| None,
            &mut |script| self.context.facts(script),
        );
        stop_if_blocked(&plan)?;
        Ok(plan)
    }

    /// Runs these steps.
    pub(super) async fn run(&mut self, steps: Vec<Step>) -> Result<(), Failed> {
        let (database, environment) = self.context.names();
        let plan = Plan {
            database: database.to_owned(),
            environment: environment.to_owned(),
            history: self.known.digest.clone(),
            current: None,
            steps,
            findings: Vec::new(),
        };
        let run = self
            .context
            .run_with(&self.keeper, self.cancel.clone(), &self.target, None);
        let report = run.run_on(&mut self.worker, &plan).await;
        match report.failure {
            None => Ok(()),
            Some(failure) => Err(Failed::step(failure)),
        }
    }

    /// How the record has it after what ran since.
    async fn ask_again(&mut self) -> Result<(), Failed> {
        let found = survey(self.context, self.worker.as_mut()).await?;
        self.known = Known::new(found.applied);
        Ok(())
    }

    /// The schema as it is now.
    pub(super) async fn schema(&mut self) -> Result<Database, Failed> {
        let read = self.context.unless_cancelled(self.worker.introspect()).await?;
        read.map_err(|error| Failed::driver(&self.target, &error))
    }

    /// The login that does it all.
    pub(super) fn login(&self) -> String {
        self.worker.server().login.clone()
    }

    /// The answer to a query.
    pub(super) async fn query(&mut self, sql: &str) -> Result<Rows, Failed> {
        let limits = Limits {
            cancel: self.cancel.clone(),
            ..Limits::default()
        };
        let read = self.worker.query(sql, &limits).await;
        read.map_err(|error| Failed::driver(&self.target, &error))
    }

    pub(super) fn context(&self) -> &Context<'a> {
        self.context
    }
}

/// What went wrong on a scratch database left the real one alone: it is a finding about the files.
pub(super) fn on_scratch(context: &Context<'_>, mut failed: Failed) -> Failed {
    if matches!(failed.exit, ExitClass::RolledBack | ExitClass::Partial) {
        failed.exit = ExitClass::Findings;
        for diagnostic in &mut failed.diagnostics {
            diagnostic.notes = vec![format!(
                "this happened on a scratch database; {} was not touched",
                context.target
            )];
            diagnostic.help.clear();
        }
    }
    failed
}
