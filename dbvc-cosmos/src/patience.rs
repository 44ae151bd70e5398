//! Trying again where the service is busy, for a while.

use std::future::Future;
use std::time::{Duration, Instant};

use crate::error::Trouble;

/// The first pause where the service does not say how long; each next one is twice as long.
const FIRST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(5);

/// How long one call may go on trying.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    end: Instant,
    tries: u32,
    /// Gives up at once where nobody answers.
    answers_only: bool,
}

impl Patience {
    pub(crate) fn of(longest: Duration) -> Self {
        Self {
            end: Instant::now() + longest,
            tries: 0,
            answers_only: false,
        }
    }

    /// The same for a first call: where nobody answers, nobody will in a moment.
    pub(crate) fn of_first_call(longest: Duration) -> Self {
        Self {
            answers_only: true,
            ..Self::of(longest)
        }
    }

    /// Waits before another try, or gives the error back where there is no time left or no use.
    pub(crate) async fn wait_after(&mut self, error: Trouble) -> Result<(), Trouble> {
        if !error.may_pass() || (self.answers_only && !error.is_answer()) {
            return Err(error);
        }
        let status = error.status();
        match self.pause(error.asked_to_wait()) {
            Some(pause) => {
                tracing::debug!(status, tries = self.tries, ?pause, "Cosmos DB is busy");
                tokio::time::sleep(pause).await;
                Ok(())
            }
            None => Err(error),
        }
    }

    /// The next pause: what the service asks for, or ever longer ones, spread so that many do not come back at once.
    pub(crate) fn pause(&mut self, asked: Option<Duration>) -> Option<Duration> {
        let doubled = FIRST.saturating_mul(1 << self.tries.min(10)).min(LONGEST);
        let spread = doubled.mul_f64(fastrand::f64().mul_add(0.5, 0.75));
        let pause = asked.map_or(spread, |asked| asked.max(Duration::from_millis(1)));
        self.tries += 1;
        (Instant::now() + pause < self.end).then_some(pause)
    }
}

/// Makes a call until it goes through, fails for good, or takes longer than that.
pub(crate) async fn patiently<T, E, C>(
    mut patience: Patience,
    mut call: impl FnMut() -> C,
) -> Result<T, Trouble>
where
    C: Future<Output = Result<T, E>>,
    E: Into<Trouble>,
{
    loop {
        match call().await {
            Ok(value) => return Ok(value),
            Err(error) => patience.wait_after(error.into()).await?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_service_asks_for_is_waited() {
        let mut patience = Patience::of(Duration::from_secs(10));
        let asked = Duration::from_millis(1234);
        assert_eq!(patience.pause(Some(asked)), Some(asked));
        assert_eq!(patience.pause(Some(Duration::from_secs(11))), None);
    }

    #[test]
    fn pauses_grow_and_stay_bounded() {
        let mut patience = Patience::of(Duration::from_mins(10));
        let pauses: Vec<Duration> = (0..20).filter_map(|_| patience.pause(None)).collect();
        assert_eq!(pauses.len(), 20);
        assert!(pauses[0] < pauses[3] && pauses[3] < pauses[6], "{pauses:?}");
        assert!(pauses.iter().all(|pause| *pause <= LONGEST.mul_f64(1.25)));
    }

    #[test]
    fn no_time_is_no_second_try() {
        assert_eq!(Patience::of(Duration::ZERO).pause(None), None);
    }
}
