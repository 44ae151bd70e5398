//! When something that failed is tried again.
//!
//! A schema change waits for its lock in a queue, and everything that comes after it waits behind it. So it waits only
//! for [`LOCK_TIMEOUT`], gives up, lets the queue drain, and tries again after a pause that grows: a long reader delays
//! the migration and not the site.
//!
//! Only what is known to be undone is tried again: a transaction as a whole, or a single statement that its own failure
//! undid. The caller sees to that.

use std::time::{Duration, Instant};

use crate::error::{DriverError, ErrorKind};
use crate::lock::jittered;

/// How long a statement waits for a lock of a server when nothing else is said.
pub const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a migration is tried again because of locks when nothing else is said.
pub const LOCK_PATIENCE: Duration = Duration::from_mins(2);

/// How often a deadlock or a failed serialization is tried again. Those are over once one of the two has given way.
const CONFLICTS: u32 = 5;

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// The tries of one migration, or of one statement outside a transaction.
#[derive(Debug)]
pub(super) struct Retry {
    patience: Duration,
    begun: Instant,
    conflicts: u32,
    times: u32,
}

impl Retry {
    pub(super) fn new(patience: Duration) -> Self {
        Self {
            patience,
            begun: Instant::now(),
            conflicts: 0,
            times: 0,
        }
    }

    /// The pause before another try; none where another try is not worth it.
    pub(super) fn pause_after(&mut self, error: &DriverError) -> Option<Duration> {
        match error.kind {
            ErrorKind::LockTimeout if self.begun.elapsed() < self.patience => {}
            ErrorKind::Conflict if self.conflicts < CONFLICTS => self.conflicts += 1,
            _ => return None,
        }
        let pause = FIRST_PAUSE * 2_u32.saturating_pow(self.times.min(8));
        self.times += 1;
        Some(jittered(pause.min(LONGEST_PAUSE)))
    }

    /// Tries after the first.
    pub(super) fn times(&self) -> u32 {
        self.times
    }
}

/// Why it is tried again, for people: what happened, and who is in the way as far as the server tells.
pub(super) fn why(error: &DriverError) -> String {
    let mut why = error.to_string();
    for note in &error.notes {
        why.push_str("; ");
        why.push_str(note);
    }
    why
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Operation;

    fn error(kind: ErrorKind) -> DriverError {
        DriverError::new(kind, Operation::Execute, "it did not go")
    }

    #[test]
    fn a_lock_that_stays_taken_is_asked_for_until_the_patience_ends() {
        let mut patient = Retry::new(Duration::from_mins(1));
        let pauses: Vec<Duration> = (0..20)
            .map_while(|_| patient.pause_after(&error(ErrorKind::LockTimeout)))
            .collect();
        assert_eq!(pauses.len(), 20);
        assert!(pauses[0] < Duration::from_secs(1), "{pauses:?}");
        assert!(
            pauses.iter().all(|pause| *pause <= LONGEST_PAUSE * 2),
            "{pauses:?}"
        );
        assert_eq!(
            Retry::new(Duration::ZERO).pause_after(&error(ErrorKind::LockTimeout)),
            None
        );
    }

    #[test]
    fn a_conflict_is_tried_again_a_few_times() {
        let mut retry = Retry::new(Duration::ZERO);
        let times = (0..20)
            .map_while(|_| retry.pause_after(&error(ErrorKind::Conflict)))
            .count();
        assert_eq!(times, 5);
    }

    #[test]
    fn nothing_else_is_tried_again() {
        for kind in [
            ErrorKind::Statement,
            ErrorKind::StatementTimeout,
            ErrorKind::ConnectionLost,
            ErrorKind::LockLost,
            ErrorKind::Cancelled,
            ErrorKind::Denied,
        ] {
            let mut retry = Retry::new(LOCK_PATIENCE);
            assert_eq!(retry.pause_after(&error(kind)), None, "{kind:?}");
        }
    }
}
