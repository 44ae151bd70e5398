//! What an event of the audit trail hangs on, and is not there or not free.

use crate::error::{DriverError, ErrorKind, Operation};

/// What somebody has done to the record past dbvc, so that no event can be added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// The chain's head: the row of `audit_heads`.
    Head,
    /// The history's entry that the event tells of.
    Entry,
    /// A table of the trail in a record that keeps one.
    Tables,
    /// The place behind the head: a row stands there already.
    Place,
    /// An event that was added, and is not there.
    Event,
}

impl Missing {
    /// What a database means that refuses NULL in a column of the record, where its words name the column.
    pub fn named_in(message: &str) -> Option<Self> {
        // Each quotes names its own way, in each language.
        let names = |column: &str| {
            message
                .split(|c: char| !c.is_alphanumeric() && c != '_')
                .any(|word| word == column)
        };
        if !message.contains("audit_events") && !message.contains("audit_heads") {
            return None;
        }
        if names("sequence") {
            return Some(Self::Head);
        }
        (names("event") || names("digest")).then_some(Self::Entry)
    }

    /// What a database means that refuses a second row with the same key, where its words name the table.
    pub fn taken_in(message: &str) -> Option<Self> {
        message.contains("audit_events").then_some(Self::Place)
    }

    /// The failure of a write, as what it means.
    #[must_use]
    pub fn told(self, error: &DriverError) -> DriverError {
        let said = format!("the database said: {error}");
        let mut told = self.error(error.operation);
        told.notes.push(said);
        told
    }

    /// The failure of something that has not been tried, because it was seen before.
    pub fn error(self, operation: Operation) -> DriverError {
        let (what, note) = match self {
            Self::Head => (
                "the head of the audit trail is gone: `audit_heads` has no row `this`",
                "without it no event can be added, and nothing is done that the trail would not tell of",
            ),
            Self::Entry => (
                "the entry of `migration_execution_history` that an event of the audit trail tells of is gone",
                "nothing is written that the trail could not tell of",
            ),
            Self::Tables => (
                "a table of the audit trail is gone: `audit_heads` or `audit_events`",
                "put it back from a backup, or begin a new trail with `dbvc audit restart --reason TEXT`",
            ),
            Self::Place => (
                "the place of the audit trail's next event is taken: `audit_events` has a row behind the head",
                "somebody added it past dbvc, or put the head back; `dbvc audit verify` says where the chain ends",
            ),
            Self::Event => (
                "an event that was added to the audit trail is not there: `audit_events` did not keep it",
                "a trigger on `audit_events` may take events away: drop it",
            ),
        };
        DriverError::new(ErrorKind::TrailBroken, operation, what).with_note(note)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_is_there_already_says_whose_place_is_taken() {
        for (message, taken) in [
            (
                "UNIQUE constraint failed: version_control_audit_events.sequence",
                true,
            ),
            (
                "duplicate key value violates unique constraint \"audit_events_pkey\"",
                true,
            ),
            (
                "duplicate key value violates unique constraint \"orders_pkey\"",
                false,
            ),
        ] {
            let wanted = taken.then_some(Missing::Place);
            assert_eq!(Missing::taken_in(message), wanted, "{message}");
        }
    }

    #[test]
    fn the_column_that_took_no_null_says_what_is_missing() {
        for (message, missing) in [
            (
                "null value in column \"sequence\" of relation \"audit_events\" violates not-null constraint",
                Some(Missing::Head),
            ),
            (
                "Nullwert in Spalte »sequence« von Relation »audit_events« verletzt Not-Null-Constraint",
                Some(Missing::Head),
            ),
            (
                "null value in column \"digest\" of relation \"audit_heads\" violates not-null constraint",
                Some(Missing::Entry),
            ),
            (
                "NOT NULL constraint failed: version_control_audit_events.sequence",
                Some(Missing::Head),
            ),
            (
                "NOT NULL constraint failed: version_control_audit_events.event",
                Some(Missing::Entry),
            ),
            (
                "Cannot insert the value NULL into column 'event', table 'app.version_control.audit_events'; column \
                 does not allow nulls. INSERT fails.",
                Some(Missing::Entry),
            ),
            (
                "null value in column \"sequence\" of relation \"orders\" violates not-null constraint",
                None,
            ),
            (
                "null value in column \"script\" of relation \"migration_execution_history\" violates not-null \
                 constraint",
                None,
            ),
        ] {
            assert_eq!(Missing::named_in(message), missing, "{message}");
        }
    }
}
