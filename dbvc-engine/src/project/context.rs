//! What every use case works on.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::audit::AuditSettings;
use crate::driver::{Access, Actor, Driver, LockOwner, LockRequest, Target};
use crate::execute::{Durable, LOCK_PATIENCE, Who};
use crate::lock::{LEASE, LOCK_NAME};
use crate::migration::DirectoryLayout;
use crate::observe::Observer;
use crate::text::Placeholders;

/// One database of a project, in one environment, and whoever works on it.
pub struct Context<'a> {
    /// The database family.
    pub driver: Arc<dyn Driver>,
    /// The database.
    pub target: Target,
    /// What the project says about it.
    pub settings: Settings,
    /// Told what happens.
    pub observer: &'a dyn Observer,
    /// Fires when the work must stop.
    pub cancel: CancellationToken,
    /// Who works.
    pub actor: Actor,
    /// The process on the actor's machine.
    pub pid: u32,
    /// The run's number.
    pub run: Uuid,
    /// dbvc's version.
    pub tool_version: String,
    /// Why, as the person said.
    pub reason: Option<String>,
}

/// What a project says about a database.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The database's name in the project.
    pub database: String,
    /// The environment's name.
    pub environment: String,
    /// Where its files are and how they are named.
    pub layout: DirectoryLayout,
    /// Values for `${name}`.
    pub placeholders: Placeholders,
    /// What the environment demands.
    pub policy: Policy,
    /// The longest a statement may run.
    pub statement_timeout: Option<Duration>,
    /// The longest a statement may wait for a lock in the database.
    pub lock_timeout: Option<Duration>,
    /// How long a migration is tried again because of locks in the database.
    pub lock_patience: Duration,
    /// How long to wait for another run to end.
    pub lock_wait: Duration,
    /// When what is committed must be on disk.
    pub durable: Durable,
    /// How long the lock's lease lasts without being renewed.
    pub lock_lease: Duration,
    /// Where scratch databases are made, if not beside the database.
    pub scratch: Option<Target>,
    /// The tables whose rows belong to a release, by name or full name.
    pub seed_tables: Vec<String>,
    /// The audit trail's sinks and keys.
    pub audit: AuditSettings,
}

impl Settings {
    /// How long to wait for another run to end, where nobody says.
    pub const LOCK_WAIT: Duration = Duration::from_mins(1);

    /// Files and names, and of all else what holds where nobody says anything: no placeholders, no demands, no time limits,
    /// no sinks, scratch databases beside the database.
    pub fn new(database: impl Into<String>, environment: impl Into<String>, layout: DirectoryLayout) -> Self {
        Self {
            database: database.into(),
            environment: environment.into(),
            layout,
            placeholders: Placeholders::default(),
            policy: Policy::default(),
            statement_timeout: None,
            lock_timeout: None,
            lock_patience: LOCK_PATIENCE,
            lock_wait: Self::LOCK_WAIT,
            durable: Durable::default(),
            lock_lease: LEASE,
            scratch: None,
            seed_tables: Vec::new(),
            audit: AuditSettings::default(),
        }
    }
}

/// What an environment demands. Enforced here and not by memory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policy {
    /// Migrations older than the newest may run without being asked for one by one.
    pub out_of_order: bool,
    /// Every versioned migration needs an undo script.
    pub require_undo: bool,
    /// `dbvc.sum` must be there and right.
    pub require_sum: bool,
    /// What `migrate` does where the schema is not as expected.
    pub on_drift: OnDrift,
}

/// What `migrate` does where something was changed past dbvc.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnDrift {
    /// It runs. Where the record keeps snapshots, it says what it found.
    #[default]
    Ignore,
    /// It refuses before the first statement.
    Refuse,
}

impl std::fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context")
            .field("target", &self.target)
            .field("settings", &self.settings)
            .field("actor", &self.actor)
            .field("run", &self.run)
            .finish_non_exhaustive()
    }
}

impl Context<'_> {
    /// The two names that a plan carries.
    pub(super) fn names(&self) -> (&str, &str) {
        (&self.settings.database, &self.settings.environment)
    }

    pub(super) fn target(&self, access: Access) -> Target {
        self.target.clone().with_access(access)
    }

    pub(super) fn who(&self) -> Who {
        Who {
            run: self.run,
            actor: self.actor.clone(),
            environment: self.settings.environment.clone(),
            reason: self.reason.clone(),
            tool_version: self.tool_version.clone(),
        }
    }

    pub(super) fn lock_request(&self, purpose: &str) -> LockRequest {
        LockRequest {
            name: LOCK_NAME.to_owned(),
            owner: LockOwner {
                run: self.run,
                actor: self.actor.clone(),
                pid: self.pid,
                purpose: purpose.to_owned(),
            },
            ttl: self.settings.lock_lease,
        }
    }
}
