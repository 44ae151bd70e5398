//! Waiting for the lock.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use crate::diagnostic::Diagnostic;
use crate::driver::{Holder, Lease, LockAttempt, LockRequest, Session, now};
use crate::error::DriverError;
use crate::observe::{Event, Observer};

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const WORTH_A_WORD: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// Why the lock was not had.
#[derive(Debug, thiserror::Error)]
pub enum AcquireError {
    /// Someone else held it all the time.
    #[error("another run holds the lock")]
    Held {
        /// Who.
        holder: Box<Holder>,
        /// How long was waited.
        waited: Duration,
    },
    /// Someone asked to stop waiting.
    #[error("cancelled while waiting for the lock")]
    Cancelled,
    /// The database refused.
    #[error(transparent)]
    Driver(#[from] DriverError),
}

/// A lock that was had.
#[derive(Debug)]
pub struct Acquired {
    /// It.
    pub lease: Lease,
    /// The moment, by [`now`], before it was asked for.
    pub asked: Duration,
}

/// Tries for the lock until it is had, `wait` is over, or `cancel` fires. Between two tries nothing is open on the
/// server: a waiting session would hold a snapshot, and `CREATE INDEX CONCURRENTLY` of the holder would wait for it.
pub async fn acquire(
    session: &mut dyn Session,
    request: &LockRequest,
    wait: Duration,
    cancel: &CancellationToken,
    observer: &dyn Observer,
) -> Result<Acquired, AcquireError> {
    let begun = Instant::now();
    let mut pause = FIRST_PAUSE;
    let mut told = false;
    loop {
        let asked = now();
        // Who goes away in the middle of a try may have the lock; it ends with the session.
        let tried = tokio::select! {
            tried = session.try_lock(request) => tried,
            () = cancel.cancelled() => return Err(AcquireError::Cancelled),
        };
        let holder = match tried {
            Ok(LockAttempt::Acquired(lease)) => {
                observer.on(&Event::Locked {
                    taken_from: lease.taken_from.as_ref(),
                });
                return Ok(Acquired { lease, asked });
            }
            Ok(LockAttempt::Held(holder)) => Some(holder),
            Err(error) if error.kind.is_retryable() && begun.elapsed() < wait => {
                // Rivals that try at the same moment are not worth a word; what stays in the way is.
                if !told && begun.elapsed() > WORTH_A_WORD {
                    told = true;
                    observer.on(&Event::Diagnostic(&in_the_way(&error)));
                }
                None
            }
            Err(error) => return Err(error.into()),
        };
        let waited = begun.elapsed();
        if let Some(holder) = holder {
            if waited >= wait {
                return Err(AcquireError::Held {
                    holder: Box::new(holder),
                    waited,
                });
            }
            observer.on(&Event::WaitingForLock {
                holder: &holder,
                waited,
            });
        }
        tokio::select! {
            () = cancel.cancelled() => return Err(AcquireError::Cancelled),
            () = tokio::time::sleep(jittered(pause).min(wait.saturating_sub(waited))) => {}
        }
        pause = (pause * 3 / 2).min(LONGEST_PAUSE);
    }
}

/// Nobody holds the lock and it cannot be had yet, such as while the server still runs what a dead run had sent.
fn in_the_way(error: &DriverError) -> Diagnostic {
    let told = Diagnostic::note_only("DBVC4015", format!("waiting for the lock: {}", error.message));
    let notes = error.notes.iter().cloned();
    notes.fold(told, Diagnostic::note)
}

/// `pause`, made longer or shorter by up to a half, so that starters of one moment do not try in step for ever.
pub(crate) fn jittered(pause: Duration) -> Duration {
    let random = RandomState::new().hash_one(0_u8);
    let percent = 50 + u32::try_from(random % 100).unwrap_or(50);
    pause * percent / 100
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jittered_pause_stays_within_a_half() {
        for _ in 0..1000 {
            let pause = jittered(Duration::from_millis(100));
            assert!((50..150).contains(&pause.as_millis()), "{pause:?}");
        }
    }
}
