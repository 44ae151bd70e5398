//! Working under the lock.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::migrate::give_back;
use super::opening::Opening;
use super::{Context, Failed, InFlight};
use crate::driver::{Access, Identity, LAYOUT, Lease, LockKind, Session, now};
use crate::error::{DriverError, ErrorKind};
use crate::execute::{Run, RunReport};
use crate::lock::{Keeper, acquire, jittered};
use crate::plan::Plan;

const INSTALL_TRIES: u32 = 20;

impl Context<'_> {
    /// Refuses where the audit trail has lost its head, asks the sinks without which nothing is to be written, makes sure of
    /// the record's tables, and takes the lock on the opening's session. Whoever writes to the record comes by here:
    /// without a head the first write would fail, and outside a transaction that would be after the first statement.
    pub(super) async fn take_lock(&self, opening: &mut Opening, purpose: &str) -> Result<Lease, Failed> {
        if opening.survey.trail != Some(true) && opening.survey.layout == Some(LAYOUT) {
            self.trail_stands(opening.session.as_mut()).await?;
        }
        self.sinks_answer(opening.session.as_mut()).await?;
        if opening.survey.layout != Some(LAYOUT) {
            self.unless_cancelled(self.install(opening.session.as_mut()))
                .await?
                .map_err(|error| Failed::driver(&self.target, &error))?;
        }
        let request = self.lock_request(purpose);
        let acquired = acquire(
            opening.session.as_mut(),
            &request,
            self.settings.lock_wait,
            &self.cancel,
            self.observer,
        )
        .await
        .map_err(|error| Failed::lock(&self.target, &error))?;
        opening.asked = acquired.asked;
        Ok(acquired.lease)
    }

    /// The same while the connection for the work is opened: a server attends to both at once. Not where somebody holds
    /// the lock, and the wait may be long. If it does not open, the work says so when it comes to it.
    pub(super) async fn take_lock_for_work(
        &self,
        opening: &mut Opening,
        purpose: &str,
    ) -> Result<Lease, Failed> {
        let in_process = opening.session.capabilities().lock == LockKind::File;
        if in_process || opening.survey.holder.is_some() {
            return self.take_lock(opening, purpose).await;
        }
        let (lease, worker) = tokio::join!(self.take_lock(opening, purpose), self.connect(Access::ReadWrite));
        opening.worker = worker.ok();
        lease
    }

    /// Creates the record. Starters that race here meet each other's half-made tables, so they try again.
    pub(super) async fn install(&self, session: &mut dyn Session) -> Result<(), DriverError> {
        let identity = Identity {
            database: self.settings.database.clone(),
            environment: self.settings.environment.clone(),
            tool_version: self.tool_version.clone(),
        };
        let mut tries = 0;
        loop {
            match session.install(&identity).await {
                Err(error) if error.kind.is_retryable() && tries < INSTALL_TRIES => {
                    tries += 1;
                    tokio::time::sleep(jittered(Duration::from_millis(100))).await;
                }
                other => return other,
            }
        }
    }

    /// Runs a plan under the lock that the opening's session holds, and gives the lock back whatever happens.
    pub(super) async fn run_locked(
        &self,
        mut opening: Opening,
        lease: Lease,
        plan: &Plan,
        in_flight: Option<InFlight>,
    ) -> Result<RunReport, Failed> {
        let before = match self.before_run(&mut opening, plan, &lease.fence).await {
            Ok(before) => before,
            Err(failed) => {
                let failed = give_back(opening, &lease, failed).await;
                return Err(self.refused(failed).await);
            }
        };
        let cancel = self.cancel.child_token();
        let target = self.target(Access::ReadWrite);
        let asked = self.renewed(&mut opening, &lease).await?;
        let keeper = Keeper::start(
            opening.session,
            (lease, asked),
            cancel.clone(),
            self.driver.clone(),
            target.clone(),
        );
        let worker = match opening.worker {
            Some(worker) => Ok(worker),
            None => self.connect(Access::ReadWrite).await,
        };
        let report = match worker {
            Ok(runner) => {
                let mut run = self.run_with(&keeper, cancel, &target, in_flight);
                run.plan_digest = plan.digest();
                Ok(run.run(runner, plan).await)
            }
            Err(failed) => Err(failed),
        };
        if let (Ok(ran), false) = (&report, keeper.lost().is_cancelled()) {
            self.after_run(before, keeper.fence(), ran).await;
            self.sign_run(keeper.fence()).await;
        }
        self.release(keeper).await;
        self.ship_run(report?).await
    }

    /// Renews a lease that has aged before anybody kept it, while somebody was asked. Gives the moment from which its end
    /// counts.
    pub(super) async fn renewed(&self, opening: &mut Opening, lease: &Lease) -> Result<Duration, Failed> {
        let is_file = opening.session.capabilities().lock == LockKind::File;
        if is_file || now().saturating_sub(opening.asked) < lease.ttl / 3 {
            return Ok(opening.asked);
        }
        let asked = now();
        let renewed = opening.session.renew(lease).await;
        renewed.map_err(|error| Failed::driver(&self.target, &error))?;
        Ok(asked)
    }

    pub(super) fn run_with<'a>(
        &'a self,
        keeper: &Keeper,
        cancel: CancellationToken,
        target: &'a crate::driver::Target,
        in_flight: Option<InFlight>,
    ) -> Run<'a> {
        Run {
            driver: self.driver.clone(),
            target,
            who: self.who(),
            observer: self.observer,
            cancel,
            lost: keeper.lost().clone(),
            lease: keeper.ends().clone(),
            fence: keeper.fence().clone(),
            placeholders: self.settings.placeholders.clone(),
            statement_timeout: self.settings.statement_timeout,
            lock_timeout: self.settings.lock_timeout,
            lock_patience: self.settings.lock_patience,
            in_flight,
            durable: self.settings.durable,
            plan_digest: String::new(),
            overrides: self.settings.audit.overrides.clone(),
        }
    }

    /// A lock that cannot be given back ends with its session or its lease; the work is done all the same.
    pub(super) async fn release(&self, keeper: Keeper) {
        if let Err(error) = keeper.release().await
            && error.kind != ErrorKind::LockLost
        {
            let diagnostic = crate::diagnostic::Diagnostic::warning(
                "DBVC4011",
                format!("the lock could not be given back: {error}"),
            )
            .help("nothing to do: the next run sees that its holder is gone");
            self.observer.on(&crate::observe::Event::Diagnostic(&diagnostic));
        }
    }
}
