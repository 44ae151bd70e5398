//! What the text of a batch tells.

mod alone;
mod beyond;
mod fit;
mod flaw;
mod procedures;
mod session;

use dbvc_engine::sql::{Dialect, Token, TokenKind, is_module, tokens};

pub(crate) use beyond::{reaches_beyond, uses_databases};
pub(crate) use fit::fit;
pub(crate) use flaw::flaw;
pub(crate) use session::{leaves_in_session, sets_for_good, sets_session, shows_plans};

/// The tokens of a batch, without comments.
struct Words<'a>(Vec<Token<'a>>);

impl<'a> Words<'a> {
    fn of(batch: &'a str) -> Self {
        Self(
            tokens(batch, &Dialect::MSSQL)
                .filter(|token| token.kind != TokenKind::Comment)
                .collect(),
        )
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether one of these keywords stands at `at`.
    fn is(&self, at: usize, options: &[&str]) -> bool {
        self.0
            .get(at)
            .is_some_and(|token| options.iter().any(|option| token.is_word(option)))
    }

    /// Whether these keywords stand one after the other from `at` on.
    fn are(&self, at: usize, words: &[&str]) -> bool {
        words
            .iter()
            .enumerate()
            .all(|(next, word)| self.is(at + next, &[word]))
    }

    fn text(&self, at: usize) -> &'a str {
        self.0.get(at).map_or("", |token| token.text)
    }

    /// The name at `at`, without its quotes; none where something else stands.
    fn name(&self, at: usize) -> Option<String> {
        let token = self.0.get(at)?;
        match token.kind {
            TokenKind::Word => Some(token.text.to_owned()),
            TokenKind::QuotedName => Some(unquoted(token.text)),
            _ => None,
        }
    }

    /// The parts of the name that begins at `at`, and where it ends: `a.b..c` has an empty one.
    fn parts(&self, at: usize) -> (Vec<String>, usize) {
        let mut parts = Vec::new();
        let mut next = at;
        while let Some(name) = self.name(next) {
            parts.push(name);
            next += 1;
            let mut dots = 0;
            while self.text(next) == "." {
                dots += 1;
                next += 1;
            }
            if dots == 0 {
                break;
            }
            parts.extend((1..dots).map(|_| String::new()));
        }
        (parts, next)
    }

    /// Whether the batch defines a module, whose body it then is to its end.
    fn is_module(&self) -> bool {
        is_module(&self.0)
    }

    /// The procedures that the batch calls: behind `EXEC`, or first of all.
    fn called(&self) -> Vec<String> {
        let first = (self.name(0).is_some() && !self.is(0, &RESERVED_FIRST)).then_some(0);
        let behind = (0..self.len())
            .filter(|at| self.is(*at, &["EXEC", "EXECUTE"]))
            .map(|at| {
                // `EXEC @status = name`
                if self.text(at + 1).starts_with('@') && self.text(at + 2) == "=" {
                    at + 3
                } else {
                    at + 1
                }
            });
        first
            .into_iter()
            .chain(behind)
            .filter_map(|at| self.parts(at).0.pop())
            .map(|name| name.to_ascii_lowercase())
            .collect()
    }
}

/// Keywords that begin a statement, and so name no procedure where one stands first in a batch.
const RESERVED_FIRST: [&str; 40] = [
    "ADD",
    "ALTER",
    "BACKUP",
    "BEGIN",
    "BULK",
    "CHECKPOINT",
    "CLOSE",
    "COMMIT",
    "CREATE",
    "DBCC",
    "DEALLOCATE",
    "DECLARE",
    "DELETE",
    "DENY",
    "DISABLE",
    "DROP",
    "ENABLE",
    "EXEC",
    "EXECUTE",
    "FETCH",
    "GRANT",
    "IF",
    "INSERT",
    "KILL",
    "MERGE",
    "OPEN",
    "PRINT",
    "RAISERROR",
    "RECONFIGURE",
    "RESTORE",
    "REVERT",
    "REVOKE",
    "ROLLBACK",
    "SELECT",
    "SET",
    "TRUNCATE",
    "UPDATE",
    "USE",
    "WHILE",
    "WITH",
];

fn unquoted(name: &str) -> String {
    match name.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').unwrap_or(rest).replace("]]", "]"),
        None => name.trim_matches('"').replace("\"\"", "\""),
    }
}

/// Whether the batch is one statement, and so undone as a whole by its own failure. What it calls may commit on its way, and
/// `SELECT … INTO` makes its table before it reads a row: an empty one stays (reference, "INTO Clause", remarks).
pub(crate) fn is_atomic(batch: &str) -> bool {
    let words = Words::of(batch);
    if words.is_module() {
        return true;
    }
    let beginning = |at: &usize| words.is(*at, &RESERVED_FIRST) && !words.is(*at, &["WITH", "ADD", "SET"]);
    let begins = (0..words.len()).filter(beginning).count();
    let is_filled_later = |at: usize| {
        words.is(at, &["INTO"]) && !words.is(at.wrapping_sub(1), &["INSERT", "MERGE", "OUTPUT", "BULK"])
    };
    begins == 1
        && words.called().is_empty()
        && !(words.is(0, &["SELECT", "WITH"]) && (0..words.len()).any(is_filled_later))
        && !words.is(0, &["IF", "WHILE", "BEGIN", "DECLARE", "SET", "USE"])
}

/// Whether others pass the statement while it waits for its lock (Transact-SQL reference, "ALTER INDEX",
/// `WAIT_AT_LOW_PRIORITY`).
pub(crate) fn lets_pass(batch: &str) -> bool {
    let words = Words::of(batch);
    !words.is_module() && (0..words.len()).any(|at| words.is(at, &["WAIT_AT_LOW_PRIORITY"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_of_one_statement_is_atomic() {
        for batch in [
            "UPDATE t SET a = 1",
            "-- c\nCREATE INDEX i ON t (a);",
            "WITH a AS (VALUES 1) DELETE FROM t",
            "CREATE PROC p AS SELECT 1 SELECT 2",
            "ALTER TABLE t ADD c int",
        ] {
            assert!(is_atomic(batch), "{batch}");
        }
        for batch in [
            "UPDATE t SET a = 1 DELETE FROM t",
            "EXEC p",
            "p 1",
            "IF 1 = 1 DELETE FROM t",
            "SELECT 1 AS a INTO t",
            "WITH a AS (SELECT 1 AS x) SELECT x INTO #t FROM a",
            "BEGIN DELETE FROM t END",
        ] {
            assert!(!is_atomic(batch), "{batch}");
        }
    }

    #[test]
    fn a_wait_at_low_priority_lets_others_pass() {
        assert!(lets_pass(
            "ALTER INDEX i ON t REBUILD WITH (ONLINE = ON (WAIT_AT_LOW_PRIORITY (MAX_DURATION = 1 MINUTES, ABORT_AFTER_WAIT \
             = SELF)))"
        ));
        assert!(!lets_pass("ALTER INDEX i ON t REBUILD -- WAIT_AT_LOW_PRIORITY"));
    }

    #[test]
    fn what_a_batch_calls_is_known_by_its_last_name() {
        let called = |batch| Words::of(batch).called();
        assert_eq!(
            called("EXEC @r = master..[sp_ServerOption] 'a'"),
            ["sp_serveroption"]
        );
        assert_eq!(
            called("sp_rename 'a', 'b'; execute sys.sp_who"),
            ["sp_rename", "sp_who"]
        );
        assert_eq!(called("SELECT 1; EXEC ('x')"), [] as [&str; 0]);
    }
}
