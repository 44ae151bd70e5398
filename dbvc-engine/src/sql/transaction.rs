//! Statements that would begin or end the transaction a migration runs in.

use std::fmt;

use super::{Dialect, leading_words};

/// What a statement does to the session's transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TransactionControl {
    /// `BEGIN`, `START TRANSACTION`.
    Begin,
    /// `COMMIT`, `END`.
    Commit,
    /// `ROLLBACK`, `ABORT`; not `ROLLBACK TO`.
    Rollback,
    /// `PREPARE TRANSACTION`, which ends the session's part in it.
    Prepare,
    /// `COMMIT PREPARED`, `ROLLBACK PREPARED`, which a transaction may not hold.
    FinishPrepared,
}

impl fmt::Display for TransactionControl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Begin => "BEGIN",
            Self::Commit => "COMMIT",
            Self::Rollback => "ROLLBACK",
            Self::Prepare => "PREPARE TRANSACTION",
            Self::FinishPrepared => "COMMIT PREPARED or ROLLBACK PREPARED",
        })
    }
}

/// What `sql` does to the transaction it runs in; `None` when it leaves it alone, as savepoints do.
pub fn transaction_control(sql: &str, dialect: &Dialect) -> Option<TransactionControl> {
    let words = leading_words(sql, dialect, 4);
    let word = |at: usize| words.get(at).map_or("", String::as_str);
    match (word(0), word(1)) {
        // `BEGIN NOT ATOMIC` is MariaDB's block outside a stored program.
        ("BEGIN", "NOT") => None,
        ("BEGIN", _) | ("START", "TRANSACTION") => Some(TransactionControl::Begin),
        ("COMMIT" | "ROLLBACK", "PREPARED") => Some(TransactionControl::FinishPrepared),
        ("COMMIT" | "END", _) => Some(TransactionControl::Commit),
        // SQLite lets a name follow TRANSACTION, so TO may be the fourth word.
        ("ROLLBACK", _) if words.iter().any(|word| word == "TO") => None,
        ("ROLLBACK" | "ABORT", _) => Some(TransactionControl::Rollback),
        ("PREPARE", "TRANSACTION") => Some(TransactionControl::Prepare),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_or_ends_a_transaction_is_known() {
        for (sql, expected) in [
            ("begin", TransactionControl::Begin),
            (
                "/* x */ START /**/ transaction isolation level serializable",
                TransactionControl::Begin,
            ),
            ("begin immediate", TransactionControl::Begin),
            ("Commit and chain", TransactionControl::Commit),
            ("END TRANSACTION", TransactionControl::Commit),
            ("rollback work", TransactionControl::Rollback),
            ("abort", TransactionControl::Rollback),
            ("prepare transaction 'x'", TransactionControl::Prepare),
            ("commit prepared 'x'", TransactionControl::FinishPrepared),
            ("rollback prepared 'x'", TransactionControl::FinishPrepared),
        ] {
            assert_eq!(
                transaction_control(sql, &Dialect::POSTGRES),
                Some(expected),
                "{sql}"
            );
        }
    }

    #[test]
    fn savepoints_and_lookalikes_are_left_alone() {
        for sql in [
            "savepoint a",
            "release savepoint a",
            "rollback to a",
            "rollback work to savepoint a",
            "rollback transaction a to b",
            "prepare q as select 1",
            "\"commit\"",
            "begin_work()",
            "select 'commit'",
            "create procedure p() language plpgsql as $$ begin commit; end $$",
            "",
        ] {
            assert_eq!(transaction_control(sql, &Dialect::POSTGRES), None, "{sql}");
        }
    }
}
