//! Units that are applied one after another.

use std::fmt;

use super::{Executor, Heard, Limits, Outcome, StatementSource, Unit};

/// A unit that waits for its turn.
pub struct Queued<'a> {
    /// The unit.
    pub unit: Unit<'a>,
    /// Its statements.
    pub source: Box<dyn StatementSource + 'a>,
    /// Its limits.
    pub limits: Limits,
}

impl fmt::Debug for Queued<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queued")
            .field("unit", &self.unit)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// [`Executor::apply_in_turn`] as single calls, for adapters that cannot do better.
pub async fn apply_one_by_one<S>(
    session: &mut S,
    queue: &mut [Queued<'_>],
    heard: &mut dyn Heard,
) -> Vec<Outcome>
where
    S: Executor + ?Sized,
{
    let mut outcomes = Vec::with_capacity(queue.len());
    for (index, queued) in queue.iter_mut().enumerate() {
        heard.begins(index);
        let outcome = session
            .apply(&queued.unit, queued.source.as_mut(), &queued.limits, heard)
            .await;
        let failed = outcome.failure.is_some();
        if !failed {
            heard.committed(index, &outcome);
        }
        outcomes.push(outcome);
        if failed {
            break;
        }
    }
    outcomes
}
