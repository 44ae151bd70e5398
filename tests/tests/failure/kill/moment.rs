//! When a run was killed, told from what it left behind.

use std::collections::BTreeMap;
use std::fmt;

use super::eye::Eye;

/// Where in its work a run was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Moment {
    /// Starting, connecting, reading, or waiting for the lock.
    BeforeTheLock,
    /// It had the lock, and no step of its own was recorded as begun: in a transaction, or between two.
    InATransaction,
    /// A script outside a transaction was begun and not ended.
    Stepwise,
    /// All was done; it was about to give the lock back or had done so.
    AfterTheLast,
    /// It had ended by itself.
    Ended,
}

/// What tells the moments apart.
#[derive(Debug, Clone, Default)]
pub(super) struct Traces {
    fence: Option<String>,
    stepwise: bool,
    last_execution: Option<String>,
}

impl Traces {
    /// Looks for them.
    pub(super) fn of(eye: &Eye) -> Self {
        let found = eye.record(
            "select 'fence ' || cast(token as text) from @migration_fences
             union all select 'stepwise' from @migration_execution_history where status = 'started'
             union all select 'last ' || migration_id || ' ' || action || ' ' || status
             from @migration_execution_history
             where execution_id = (select max(execution_id) from @migration_execution_history)",
        );
        let after = |word: &str| {
            found
                .iter()
                .find_map(|line| line.strip_prefix(word).map(str::to_owned))
        };
        Self {
            fence: after("fence "),
            stepwise: found.iter().any(|line| line == "stepwise"),
            last_execution: after("last "),
        }
    }

    /// The execution that was begun last: which migration, what was done, how it stands.
    pub(super) fn last_execution(&self) -> Option<&str> {
        self.last_execution.as_deref()
    }

    /// When the run was killed that found `before` and left these; `goal` is the last execution of a whole run.
    pub(super) fn moment(&self, before: &Self, goal: Option<&str>) -> Moment {
        if self.fence == before.fence {
            Moment::BeforeTheLock
        } else if self.stepwise {
            Moment::Stepwise
        } else if self.last_execution.as_deref() == goal {
            Moment::AfterTheLast
        } else {
            Moment::InATransaction
        }
    }
}

/// How many runs were killed at which moment, and what became of them.
#[derive(Debug, Default)]
pub(super) struct Counts {
    moments: BTreeMap<Moment, u32>,
    pub(super) rounds: u32,
    pub(super) unproven: u32,
    pub(super) statements: BTreeMap<String, u32>,
}

impl Counts {
    pub(super) fn add(&mut self, moment: Moment) {
        *self.moments.entry(moment).or_default() += 1;
    }

    /// A statement that dbvc could not prove done or not done.
    pub(super) fn add_unproven(&mut self, statement: &str) {
        self.unproven += 1;
        let head: Vec<&str> = statement.split_whitespace().take(4).collect();
        *self.statements.entry(head.join(" ")).or_default() += 1;
    }

    pub(super) fn at(&self, moment: Moment) -> u32 {
        self.moments.get(&moment).copied().unwrap_or(0)
    }

    /// Runs that a kill ended.
    pub(super) fn kills(&self) -> u32 {
        self.moments
            .iter()
            .filter(|(moment, _)| **moment != Moment::Ended)
            .map(|(_, count)| count)
            .sum()
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{} kills in {} rounds: {} before the lock, {} in a transaction, {} in a step outside, {} after the last \
             step; {} runs ended first; {} stops at a statement that cannot be proven",
            self.kills(),
            self.rounds,
            self.at(Moment::BeforeTheLock),
            self.at(Moment::InATransaction),
            self.at(Moment::Stepwise),
            self.at(Moment::AfterTheLast),
            self.at(Moment::Ended),
            self.unproven,
        )?;
        for (statement, count) in &self.statements {
            write!(out, "\n    {count} at `{statement} …`")?;
        }
        Ok(())
    }
}
