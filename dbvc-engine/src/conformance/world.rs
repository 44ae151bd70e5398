//! What one rule finds: an empty database, and short ways to the states that rules begin with.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use uuid::Uuid;

use super::rule::{Stop, cell, done};
use super::script::{Ear, Statements, statement};
use super::{Harness, Samples, Scratch};
use crate::driver::{
    Access, Action, Actor, AppliedState, DdlRollback, Driver, End, EntryStatus, Fence, Heard, Identity,
    Lease, Limits, LockAttempt, LockOwner, LockRequest, NewExecution, Outcome, Queued, Registration, Session,
    StatementSource, Target, Unit,
};
use crate::error::{DriverError, ErrorKind, Operation};

/// The lock's name in all rules.
pub(super) const LOCK: &str = "dbvc";

/// One rule's surroundings.
pub struct World {
    pub(super) harness: Arc<dyn Harness>,
    pub(super) driver: Arc<dyn Driver>,
    scratch: Scratch,
    /// Schema changes commit by themselves here, so that units can only be of rows.
    rows_only: AtomicBool,
}

/// The tables that units of these rules make, or write rows about.
const STAGE: [&str; 7] = ["made", "more", "most", "one", "two", "three", "four"];

impl std::fmt::Debug for World {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("World")
            .field("scratch", &self.scratch)
            .finish_non_exhaustive()
    }
}

/// A session that holds the lock.
pub(super) struct Locked {
    pub(super) session: Box<dyn Session>,
    pub(super) lease: Lease,
}

impl World {
    /// Gets an empty database.
    pub async fn open(harness: Arc<dyn Harness>) -> Result<Self, Stop> {
        let scratch = harness
            .fresh()
            .await
            .map_err(|reason| Stop::Unavailable(reason.0))?;
        Ok(Self {
            driver: harness.driver(),
            harness,
            scratch,
            rows_only: AtomicBool::new(false),
        })
    }

    pub(super) fn target(&self) -> &Target {
        &self.scratch.target
    }

    pub(super) fn samples(&self) -> Samples {
        self.harness.samples()
    }

    /// Looks from outside that nothing was made; the rule is broken when something was.
    #[track_caller]
    pub(super) fn untouched(&self) -> Result<(), Stop> {
        match &self.scratch.untouched {
            Some(look) => look().map_err(Stop::broken),
            None => Ok(()),
        }
    }

    /// A session that may write.
    pub(super) async fn session(&self) -> Result<Box<dyn Session>, DriverError> {
        self.driver.connect(self.target()).await
    }

    /// A session that may only read.
    pub(super) async fn reader(&self) -> Result<Box<dyn Session>, DriverError> {
        let target = self.target().clone().with_access(Access::ReadOnly);
        self.driver.connect(&target).await
    }

    /// A session on a database that has the record.
    pub(super) async fn installed(&self) -> Result<Box<dyn Session>, DriverError> {
        let mut session = self.session().await?;
        session.install(&identity()).await?;
        Ok(session)
    }

    /// A session on a database that has the record, and the lock.
    pub(super) async fn locked(&self) -> Result<Locked, Stop> {
        let mut session = self.installed().await?;
        let lease = acquire(session.as_mut(), &request("ann")).await?;
        Ok(Locked { session, lease })
    }

    /// The same, for rules about units: where a unit cannot make tables, those of these rules are there already.
    pub(super) async fn locked_for_units(&self) -> Result<Locked, Stop> {
        let mut locked = self.locked().await?;
        if locked.session.capabilities().ddl != DdlRollback::Transaction {
            self.rows_only.store(true, Ordering::Relaxed);
            let marks = "CREATE TABLE marks (name varchar(100) NOT NULL PRIMARY KEY)";
            done(execute(locked.session.as_mut(), [marks]).await)?;
            self.stage(&mut locked, &STAGE).await?;
        }
        Ok(locked)
    }

    /// Puts up more tables for units that cannot make them.
    pub(super) async fn stage(&self, locked: &mut Locked, tables: &[&str]) -> Result<(), Stop> {
        if self.is_rows_only() {
            for table in tables {
                make_table(locked.session.as_mut(), table).await?;
            }
        }
        Ok(())
    }

    pub(super) fn is_rows_only(&self) -> bool {
        self.rows_only.load(Ordering::Relaxed)
    }

    /// The statement of a unit that makes a table, or where that would commit by itself, one that leaves a row instead.
    pub(super) fn makes(&self, table: &str) -> String {
        if self.is_rows_only() {
            format!("INSERT INTO marks (name) VALUES ('{table}')")
        } else {
            create_table(table)
        }
    }

    /// Whether a unit with that statement was committed.
    pub(super) async fn has_made(&self, table: &str) -> Result<bool, Stop> {
        if !self.is_rows_only() {
            return self.has_table(table).await;
        }
        Ok(self.count(&format!("marks WHERE name = '{table}'")).await? > 0)
    }

    /// The rows of a table.
    pub(super) async fn count(&self, table: &str) -> Result<u64, Stop> {
        let mut session = self.session().await?;
        count(session.as_mut(), table).await
    }

    /// Whether a table is there, as a new session sees it.
    pub(super) async fn has_table(&self, table: &str) -> Result<bool, Stop> {
        let mut session = self.session().await?;
        let sql = format!("SELECT count(*) FROM {table}");
        match session.query(&sql, &Limits::default()).await {
            Ok(_) => Ok(true),
            Err(error) if error.kind == ErrorKind::Statement => Ok(false),
            Err(error) => Err(error.into()),
        }
    }
}

impl Locked {
    pub(super) fn fence(&self) -> Fence {
        self.lease.fence.clone()
    }

    /// Applies `migration` with this script.
    pub(super) async fn apply(
        &mut self,
        migration: &str,
        source: &mut dyn StatementSource,
        limits: &Limits,
    ) -> Outcome {
        let fence = self.fence();
        apply(self.session.as_mut(), &fence, migration, source, limits).await
    }
}

pub(super) async fn apply(
    session: &mut dyn Session,
    fence: &Fence,
    migration: &str,
    source: &mut dyn StatementSource,
    limits: &Limits,
) -> Outcome {
    let unit = Unit {
        fence,
        execution: &execution(migration),
        end: &ended(AppliedState::Applied),
        durable: true,
    };
    session.apply(&unit, source, limits, &mut Ear::default()).await
}

/// Applies units one after another.
pub(super) async fn apply_in_turn(
    session: &mut dyn Session,
    fence: &Fence,
    units: Vec<(String, Statements)>,
    limits: &Limits,
    heard: &mut dyn Heard,
) -> Vec<Outcome> {
    let end = End {
        duration: None,
        ..ended(AppliedState::Applied)
    };
    let (executions, scripts): (Vec<_>, Vec<_>) = units
        .into_iter()
        .map(|(migration, script)| (execution(&migration), script))
        .unzip();
    let mut queue: Vec<Queued<'_>> = executions
        .iter()
        .zip(scripts)
        .map(|(execution, script)| Queued {
            unit: Unit {
                fence,
                execution,
                end: &end,
                durable: false,
            },
            source: Box::new(script),
            limits: limits.clone(),
        })
        .collect();
    session.apply_in_turn(&mut queue, heard).await
}

/// Runs statements without limits.
pub(super) async fn execute<S: Into<String>>(
    session: &mut dyn Session,
    statements: impl IntoIterator<Item = S>,
) -> Outcome {
    let statements: Vec<_> = statements.into_iter().map(statement).collect();
    session
        .execute(&statements, &Limits::default(), &mut Ear::default())
        .await
}

/// Makes `table (id integer PRIMARY KEY, name varchar(100))`.
pub(super) async fn make_table(session: &mut dyn Session, table: &str) -> Result<(), Stop> {
    done(execute(session, [create_table(table)]).await).map(drop)
}

pub(super) fn create_table(table: &str) -> String {
    format!("CREATE TABLE {table} (id integer NOT NULL PRIMARY KEY, name varchar(100))")
}

pub(super) fn insert(table: &str, id: u32) -> String {
    format!("INSERT INTO {table} (id, name) VALUES ({id}, 'n{id}')")
}

pub(super) async fn count(session: &mut dyn Session, table: &str) -> Result<u64, Stop> {
    let rows = session
        .query(&format!("SELECT count(*) FROM {table}"), &Limits::default())
        .await?;
    let count = cell(&rows)?;
    count
        .parse()
        .map_err(|_| Stop::broken(format_args!("`{count}` is no number")))
}

/// Takes the lock, which must be free.
pub(super) async fn acquire(session: &mut dyn Session, request: &LockRequest) -> Result<Lease, Stop> {
    match session.try_lock(request).await? {
        LockAttempt::Acquired(lease) => Ok(lease),
        LockAttempt::Held(holder) => Err(Stop::broken(format_args!("the lock was not given: {holder:?}"))),
    }
}

/// Asks for the lock until it is given, for at most `patience`.
pub(super) async fn acquire_within(
    session: &mut dyn Session,
    request: &LockRequest,
    patience: Duration,
) -> Result<Lease, Stop> {
    let end = tokio::time::Instant::now() + patience;
    loop {
        let seen = match session.try_lock(request).await {
            Ok(LockAttempt::Acquired(lease)) => return Ok(lease),
            Ok(LockAttempt::Held(holder)) => format!("held: {holder:?}"),
            Err(error) if error.kind.is_retryable() => error.to_string(),
            Err(error) => return Err(error.into()),
        };
        if tokio::time::Instant::now() >= end {
            return Err(Stop::broken(format_args!("no lock within {patience:?}: {seen}")));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

pub(super) fn identity() -> Identity {
    Identity {
        database: "app".into(),
        environment: "test".into(),
        tool_version: "0.1.0".into(),
    }
}

pub(super) fn actor(user: &str) -> Actor {
    Actor {
        user: user.into(),
        host: "workstation".into(),
        ci_job: Some(format!("job of {user}")),
        git_commit: None,
        git_branch: None,
    }
}

/// One person's request; each call is another run.
pub(super) fn request(user: &str) -> LockRequest {
    LockRequest {
        name: LOCK.into(),
        owner: LockOwner {
            run: Uuid::now_v7(),
            actor: actor(user),
            pid: 4711,
            purpose: "migrate".into(),
        },
        ttl: Duration::from_mins(1),
    }
}

/// What the history is told of a versioned migration.
pub(super) fn execution(migration: &str) -> NewExecution {
    NewExecution {
        run: Uuid::now_v7(),
        action: Action::Migrate,
        migration: migration.into(),
        version: Some(migration.into()),
        description: format!("Describe {migration}"),
        kind: "versioned".into(),
        script: format!("V{migration}__Describe.sql"),
        checksum: format!("sha256:{migration}"),
        registration: Some(Registration {
            up_script: Some("CREATE TABLE a (x integer);\n".into()),
            down_script: Some("DROP TABLE a;\n".into()),
        }),
        statements: 3,
        transactional: true,
        actor: actor("ann"),
        environment: "test".into(),
        reason: Some("ticket 4711".into()),
        tool_version: "0.1.0".into(),
        in_run: None,
    }
}

/// A good end after which the migration stands so.
pub(super) fn ended(state: AppliedState) -> End {
    End {
        status: EntryStatus::Completed,
        statements_done: 3,
        duration: Some(Duration::from_millis(1234)),
        error: None,
        state: Some(state),
        error_class: None,
        of: None,
    }
}

/// A fence that another run has left behind: `bob` holds the lock, `ann`'s number is old.
pub(super) async fn stale(world: &World) -> Result<(Locked, Fence), Stop> {
    let Locked { mut session, lease } = world.locked_for_units().await?;
    session.unlock(&lease).await?;
    let newer = acquire(session.as_mut(), &request("bob")).await?;
    if newer.fence.token <= lease.fence.token {
        return Err(Stop::from(DriverError::new(
            ErrorKind::Protocol,
            Operation::Lock,
            "the fence did not grow",
        )));
    }
    let fence = lease.fence;
    Ok((
        Locked {
            session,
            lease: newer,
        },
        fence,
    ))
}
