//! What is compared: schema, rows, how each migration stands, and what was recorded since.

use super::backend::Backend;
use super::eye::Eye;

/// Everything that must be the same after a killed run and its successors as after an undisturbed run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Look {
    /// Schema, rows, and the standing of each migration: they depend on the version alone.
    pub(super) there: Vec<String>,
    /// How often each migration was done since the round began.
    pub(super) done: Vec<String>,
}

/// Longer texts are shortened before they are shown.
const SHOWN: usize = 300;

/// Where a round begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Begun {
    last_execution: u64,
}

impl Begun {
    /// Sets all tallies to nothing, and notes the last execution.
    pub(super) fn now(eye: &Eye) -> Self {
        eye.texts("update tally set n = 0");
        let last = eye.record("select cast(max(execution_id) as text) from @migration_execution_history");
        Self {
            last_execution: last[0].parse().unwrap_or(0),
        }
    }

    /// Looks at everything; the run has ended.
    pub(super) fn look(self, backend: &Backend, eye: &Eye) -> Look {
        let mut there = eye.schema();
        there.extend((backend.data)(eye));
        there.extend(eye.record(
            "select migration_id || ' is ' || status || ' ' || checksum || ' by ' || action || ' of '
             || cast(statements_done as text) || coalesce(' in flight ' || in_flight, '')
             from @migration_applied_status order by migration_id",
        ));
        Look {
            there,
            done: self.done(eye),
        }
    }

    fn done(self, eye: &Eye) -> Vec<String> {
        let since = self.last_execution;
        eye.record(&format!(
            "select migration_id || ' ' || action || ' recorded ' || cast(count(*) as text)
             from @migration_execution_history where status = 'completed' and execution_id > {since}
             group by migration_id, action
             union all select name || ' did ' || cast(n as text) from tally where n <> 0
             union all select 'not ended: ' || migration_id || ' ' || action from @migration_execution_history
             where status = 'started'
             order by 1"
        ))
    }

    /// Whether a script's tally is ahead of the record: its statement took effect in an execution that is not recorded
    /// as done.
    pub(super) fn is_ahead(self, eye: &Eye, tally: &str) -> bool {
        let since = self.last_execution;
        let [migration, action, _] = tally.split(' ').collect::<Vec<_>>()[..] else {
            panic!("`{tally}` names no migration, action and number");
        };
        let ahead = eye.record(&format!(
            "select 'ahead' from tally where name = '{tally}' and n > (select count(*) from @migration_execution_history
             where status = 'completed' and execution_id > {since} and migration_id = '{migration}'
             and action = '{action}')"
        ));
        !ahead.is_empty()
    }
}

impl Look {
    /// What differs, for people; nothing where nothing does.
    pub(super) fn differences(&self, undisturbed: &Self) -> Vec<String> {
        let mut found = self.differences_there(undisturbed);
        found.extend(compared(&self.done, &undisturbed.done));
        found
    }

    /// The same, without what was recorded.
    pub(super) fn differences_there(&self, other: &Self) -> Vec<String> {
        compared(&self.there, &other.there)
    }
}

fn compared(found: &[String], wanted: &[String]) -> Vec<String> {
    let only = |sign: &str, of: &[String], other: &[String]| -> Vec<String> {
        let lines = of.iter().filter(|line| !other.contains(line));
        lines.map(|line| format!("{sign} {}", shortened(line))).collect()
    };
    let mut differences = only("is, and should not be:", found, wanted);
    differences.extend(only("should be, and is not:", wanted, found));
    if differences.is_empty() && found != wanted {
        differences.push(format!(
            "{} lines where {} should be, all of them known",
            found.len(),
            wanted.len()
        ));
    }
    differences
}

fn shortened(line: &str) -> String {
    let mut shown: String = line.chars().take(SHOWN).collect();
    if shown.len() < line.len() {
        shown.push('…');
    }
    shown
}
