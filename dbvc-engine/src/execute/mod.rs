//! Running a plan. This and the lock are all in dbvc that changes a target.

mod book;
mod describe;
mod entry;
mod failure;
mod group;
mod place;
mod resume;
mod retry;
mod run;
mod source;
mod stepwise;
mod transactional;
mod words;

pub use describe::Who;
pub use failure::{FailureClass, StepFailure};
pub use retry::{LOCK_PATIENCE, LOCK_TIMEOUT};
pub use run::{Durable, InFlight, Run, RunReport, StepOutcome, StepReport};
pub use source::open;
