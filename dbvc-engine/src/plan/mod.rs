//! What would be done, as a value made by pure code: no clock, connection or environment.
//!
//! `--dry-run` prints a [`Plan`], `migrate` runs it, `plan.json` stores it: one path.

mod facts;
mod forward;
mod known;
mod migrate_findings;
mod rollback;
mod standing;
mod step;
#[cfg(test)]
mod tests;

pub use facts::{ScriptFacts, inspect};
pub use forward::{MigrateOptions, migrate};
pub use known::{Known, history_digest};
pub use migrate_findings::{about_the_script, lacks_undo};
pub use rollback::{RollbackOptions, Selection, StoredUndo, rollback};
pub(crate) use standing::is_meant_for;
pub use standing::{Standing, State, standings};
pub use step::{Again, Plan, Resume, Step, StepScript};
