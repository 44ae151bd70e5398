//! The use cases: what the command line, an HTTP API and tests call. Each takes a [`Context`] and returns a value.

mod as_applied;
pub mod audit;
mod baseline;
mod context;
mod create;
mod drift;
mod expected;
mod failed;
mod generate;
mod history;
mod lock;
mod locked;
mod migrate;
mod opening;
mod prove;
mod rehearsal;
mod release;
mod replay;
mod rollback;
mod scratch;
mod script;
mod snapshot;
mod status;
mod validate;
mod verify;

pub use baseline::{BaselineOptions, baseline};
pub use context::{Context, OnDrift, Policy, Settings};
pub use create::{CreateReport, create};
pub use drift::{
    Against, Correction, DriftOptions, DriftReport, Expected, TrailTold, adopt_drift, approve_drift, drift,
};
pub use failed::{ExitClass, Failed};
pub use generate::{GenerateReport, generate};
pub use history::{HistoryOptions, HistoryReport, history};
pub use lock::{LockReport, lock_break, lock_status};
pub use migrate::{Approve, MigrateReport, MigrateRequest, migrate, migrate_plan, plan_migrate};
pub use prove::{Loss, LossBasis, Proof, ProveReport, Verdict, prove};
pub use release::{Release, ReleaseInfo, ReleaseReport, ReleaseRequest, release, releases};
pub use replay::{replay, replay_directory, schema_of_file};
pub use rollback::{plan_rollback, rollback};
pub use scratch::Scratched;
pub use script::write_script;
pub use snapshot::{SnapshotReport, SnapshotRequest, keep_snapshot, read_schema, snapshot};
pub use status::{StatusEntry, StatusReport, status};
pub use validate::{ValidateOptions, ValidateReport, validate};
pub use verify::{VerifyOptions, VerifyReport, verify};

pub use crate::execute::{Durable, InFlight, StepOutcome, StepReport};
pub use crate::plan::{MigrateOptions, RollbackOptions, Selection};
