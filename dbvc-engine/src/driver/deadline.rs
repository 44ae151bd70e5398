//! A moment that may be moved on.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

const NEVER: u64 = u64::MAX;

/// The end of a lease as its holder counts it. Copies share one end. The clock cannot be set by anybody, and on Linux it
/// goes on while the machine sleeps: a holder that slept through the end of its lease knows when it wakes.
#[derive(Debug, Clone)]
pub struct Deadline(Arc<AtomicU64>);

impl Default for Deadline {
    fn default() -> Self {
        Self::never()
    }
}

impl Deadline {
    /// One that never comes.
    pub fn never() -> Self {
        Self(Arc::new(AtomicU64::new(NEVER)))
    }

    /// One that comes so long after [`now`].
    pub fn after(time: Duration) -> Self {
        let deadline = Self::never();
        deadline.set(now() + time);
        deadline
    }

    /// Moves it for all who have a copy; `end` is counted as [`now`] is.
    pub fn set(&self, end: Duration) {
        let millis = u64::try_from(end.as_millis()).unwrap_or(NEVER);
        self.0.store(millis, Ordering::Release);
    }

    /// Whether it has come.
    pub fn is_over(&self) -> bool {
        self.left().is_some_and(|left| left.is_zero())
    }

    /// How long until it comes; none when it never does.
    pub fn left(&self) -> Option<Duration> {
        let end = self.0.load(Ordering::Acquire);
        (end != NEVER).then(|| Duration::from_millis(end).saturating_sub(now()))
    }
}

/// The time since some moment in the past, the same for the whole process.
#[cfg(any(target_os = "linux", target_os = "android"))]
pub fn now() -> Duration {
    // `std::time::Instant` stands still while the machine sleeps.
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// The time since some moment in the past, the same for the whole process.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub fn now() -> Duration {
    static BEGUN: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
    BEGUN.get_or_init(std::time::Instant::now).elapsed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_comes_unless_it_is_moved_on() {
        let deadline = Deadline::after(Duration::from_millis(20));
        let copy = deadline.clone();
        assert!(!copy.is_over());
        std::thread::sleep(Duration::from_millis(30));
        assert!(copy.is_over());
        deadline.set(now() + Duration::from_mins(1));
        assert!(!copy.is_over());
        assert!(!Deadline::never().is_over());
    }
}
