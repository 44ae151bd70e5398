//! The lock as a run uses it: wait for it, keep it, give it back.
//!
//! An adapter only makes single tries ([`crate::driver::LockStore`]); waiting, backing off and renewing are here, once.

mod keeper;
#[cfg(test)]
mod model;
mod steps;
mod wait;
mod work;

pub use keeper::Keeper;
pub use steps::{Held, LockSteps, Taking, break_lock, holder, try_lock};
pub(crate) use wait::jittered;
pub use wait::{AcquireError, acquire};
pub use work::{MarkedUnits, at_work};

use std::time::Duration;

/// How long a lease lasts without being renewed, where nothing else is said.
pub const LEASE: Duration = Duration::from_secs(30);

/// The shortest lease: renewed every third of it, it still outlives a slow answer.
pub const SHORTEST_LEASE: Duration = Duration::from_secs(2);

/// The longest lease: so long must others wait for a holder of which nobody can tell that it is dead.
pub const LONGEST_LEASE: Duration = Duration::from_hours(1);

/// The lock's name. One run at a time works on a database, whatever the project calls it.
pub const LOCK_NAME: &str = "migrate";
