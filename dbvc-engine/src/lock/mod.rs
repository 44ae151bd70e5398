//! The lock as a run uses it: wait for it, keep it, give it back.
//!
//! An adapter only makes single tries ([`crate::driver::LockStore`]); waiting, backing off and renewing are here, once.

mod keeper;
mod wait;

pub use keeper::Keeper;
pub(crate) use wait::jittered;
pub use wait::{AcquireError, acquire};

use std::time::Duration;

/// How long a lease lasts without being renewed.
pub const LEASE: Duration = Duration::from_secs(30);

/// The lock's name. One run at a time works on a database, whatever the project calls it.
pub const LOCK_NAME: &str = "migrate";
