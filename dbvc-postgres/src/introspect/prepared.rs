//! Catalogue queries that the server keeps planned.
//!
//! Planning them takes a third of a reading, and a proof of all migrations reads hundreds of times in one session. The
//! first reading asks plainly, for most sessions read once. The second has the server keep the queries, and what comes
//! later only names them.

use dbvc_engine::error::DriverError;

use crate::message::{Message, Part};

/// `invalid_sql_statement_name` and `duplicate_prepared_statement` (manual, appendix A): a script discarded what was
/// kept, or a pooler passed on a server process in which it is not, or in which somebody else's is.
const NOT_OURS: &[&str] = &["26000", "42P05"];

/// What the server keeps for a session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Kept {
    /// Nothing, and nothing was read yet.
    #[default]
    Nothing,
    /// Nothing; the schema was read once.
    ReadOnce,
    /// The queries, as it planned them when there were so many objects.
    Planned(usize),
    /// Nothing, for somebody else's queries have these names.
    Refused,
}

/// How the queries are sent this time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// As they are.
    Plain,
    /// To be kept, and run.
    Keep,
    /// To be kept anew: the schema has grown, and what was a good plan for the small one may be a bad one.
    KeepAnew,
    /// By their names.
    Run,
}

impl Kept {
    /// `passed_on` where a pooler may serve the next message by another process.
    pub(super) fn way(self, objects: usize, passed_on: bool) -> Way {
        match self {
            _ if passed_on => Way::Plain,
            Self::Nothing | Self::Refused => Way::Plain,
            Self::ReadOnce => Way::Keep,
            Self::Planned(then) if objects > 2 * then + 50 => Way::KeepAnew,
            Self::Planned(_) => Way::Run,
        }
    }

    /// After a reading that went well and found so many objects.
    pub(super) fn after(self, way: Way, objects: usize) -> Self {
        match way {
            Way::Plain if self == Self::Refused => self,
            Way::Plain => Self::ReadOnce,
            Way::Keep | Way::KeepAnew => Self::Planned(objects),
            Way::Run => self,
        }
    }

    /// After a reading that failed because of what is kept.
    pub(super) fn lost(way: Way) -> Self {
        if way == Way::Keep {
            Self::Refused
        } else {
            Self::Nothing
        }
    }
}

/// Whether the reading failed because of what is kept, and may go well without.
pub(super) fn is_lost(error: &DriverError) -> bool {
    error.code.as_deref().is_some_and(|code| NOT_OURS.contains(&code))
}

/// Adds query `number` to a message.
pub(super) fn ask(message: &mut Message, way: Way, number: usize, query: impl FnOnce() -> String) {
    let name = format!("dbvc_catalogue_{number}");
    if way == Way::Plain {
        message.push(Part::Asked, &query());
        return;
    }
    if way == Way::KeepAnew {
        message.push(Part::Own, &format!("DEALLOCATE {name}"));
    }
    if way != Way::Run {
        message.push(Part::Own, &format!("PREPARE {name} AS {}", query()));
    }
    message.push(Part::Asked, &format!("EXECUTE {name}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_that_reads_once_leaves_nothing_behind_and_later_ones_plan_once() {
        let mut kept = Kept::default();
        let mut ways = Vec::new();
        for objects in [10, 10, 11, 70, 71, 400] {
            let way = kept.way(objects, false);
            kept = kept.after(way, objects);
            ways.push(way);
        }
        assert_eq!(
            ways,
            [
                Way::Plain,
                Way::Keep,
                Way::Run,
                Way::Run,
                Way::KeepAnew,
                Way::KeepAnew
            ]
        );
    }

    #[test]
    fn behind_a_pooler_nothing_is_kept() {
        assert_eq!(Kept::ReadOnce.way(1, true), Way::Plain);
        assert_eq!(Kept::Planned(1).way(1, true), Way::Plain);
    }

    #[test]
    fn names_that_are_taken_are_left_alone_from_then_on() {
        let kept = Kept::lost(Way::Keep).after(Way::Plain, 5);
        assert_eq!(kept.way(5, false), Way::Plain);
        let again = Kept::lost(Way::Run).after(Way::Plain, 5);
        assert_eq!(again.way(5, false), Way::Keep);
    }
}
