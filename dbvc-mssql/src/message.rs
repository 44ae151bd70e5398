//! The texts of our own that go to the server.

use dbvc_engine::record::quote_standard;

use crate::error::{NOT_OUR_TRANSACTION, STALE_FENCE, TAKEN};

/// A text as a literal. `N` keeps every character whatever the database's collation; inside, only the quote is special
/// (Transact-SQL reference, "Constants").
pub(crate) fn literal(text: &str) -> String {
    format!("N{}", quote_standard(text))
}

/// A name in brackets.
pub(crate) fn bracketed(name: &str) -> String {
    format!("[{}]", name.replace(']', "]]"))
}

/// What Management Studio sets for its connections, and what indexed views, filtered indexes and computed columns need
/// (Transact-SQL reference, "SET", "considerations"): several are remembered with the objects that a script makes.
/// `XACT_ABORT` ends the transaction at any error. The rest is what a new session has.
pub(crate) const SETTINGS: &str = "SET QUOTED_IDENTIFIER, ANSI_NULLS, ANSI_PADDING, ANSI_WARNINGS, ANSI_NULL_DFLT_ON, \
     ARITHABORT, CONCAT_NULL_YIELDS_NULL, XACT_ABORT ON; \
     SET NUMERIC_ROUNDABORT, IMPLICIT_TRANSACTIONS, CURSOR_CLOSE_ON_COMMIT, NOCOUNT OFF; \
     SET ROWCOUNT 0; SET TEXTSIZE 2147483647; SET DEADLOCK_PRIORITY NORMAL; \
     SET TRANSACTION ISOLATION LEVEL READ COMMITTED";

/// What a script may have set that would change what our own statements do.
const UNHINDERED: &str = "SET IMPLICIT_TRANSACTIONS OFF; SET XACT_ABORT ON; SET ROWCOUNT 0; SET TEXTSIZE 2147483647; \
     SET TRANSACTION ISOLATION LEVEL READ COMMITTED";

/// For a session in which a script asked for plans: they would come between the rows that our own statements read.
pub(crate) const NO_PLANS: &str = "SET STATISTICS XML OFF; SET STATISTICS PROFILE OFF";

/// Settings under which the batch itself would not run: first of all, each by itself.
const RUNNING: &str = "SET NOEXEC OFF; SET FMTONLY OFF";

/// Brings a session back to the database that it was opened in, with nothing in the way of our own statements. `USE`
/// works while a batch is read too, so the names behind it are that database's.
pub(crate) fn unhindered(database: &str) -> String {
    if database.is_empty() {
        return format!("{RUNNING}; {UNHINDERED}");
    }
    format!("{RUNNING}; USE {}; {UNHINDERED}", bracketed(database))
}

/// How many milliseconds a statement waits for a lock; below zero without end.
pub(crate) fn lock_timeout(millis: i64) -> String {
    format!("SET LOCK_TIMEOUT {}", millis.clamp(-1, i64::from(i32::MAX)))
}

/// Asks for one of the session's or the transaction's own named locks, without waiting.
pub(crate) fn get_lock(resource: &str, mode: &str, owner: &str) -> String {
    format!(
        "EXEC sp_getapplock @Resource = {}, @LockMode = N'{mode}', @LockOwner = N'{owner}', @LockTimeout = 0",
        literal(resource)
    )
}

/// Fails unless the transaction has a lock that was asked for by [`get_lock`].
pub(crate) fn check_had(resource: &str) -> String {
    refuse(
        &format!(
            "APPLOCK_MODE(N'public', {}, N'Transaction') = N'NoLock'",
            literal(resource)
        ),
        TAKEN,
        "another run takes the lock just now, or a transaction of an earlier one is still open on the server",
    )
}

/// Asks for a lock of the session's, with a row that says whether it was had: from 0 on it was (`sp_getapplock`, "return code values").
pub(crate) fn ask_lock(resource: &str) -> String {
    format!(
        "DECLARE @dbvc_lock int; EXEC @dbvc_lock = sp_getapplock @Resource = {}, @LockMode = N'Exclusive', \
         @LockOwner = N'Session', @LockTimeout = 0; SELECT @dbvc_lock",
        literal(resource)
    )
}

/// Gives a lock of the session's back, if it has it: the procedure fails where it does not.
pub(crate) fn release_lock(resource: &str) -> String {
    let name = literal(resource);
    format!(
        "IF APPLOCK_MODE(N'public', {name}, N'Session') <> N'NoLock' \
         EXEC sp_releaseapplock @Resource = {name}, @LockOwner = N'Session'"
    )
}

/// Fails, and ends the batch and its transaction, where `condition` holds.
pub(crate) fn refuse(condition: &str, number: u32, words: &str) -> String {
    format!("IF {condition} BEGIN THROW {number}, {}, 1; END", literal(words))
}

/// Fails unless `fence` is a query that gives the row of a fence that counts.
pub(crate) fn check_fence(fence: &str) -> String {
    refuse(
        &format!("NOT EXISTS ({fence})"),
        STALE_FENCE,
        "another run holds the lock now",
    )
}

/// Fails, and takes it back, where a script outside a transaction left one open: what comes next would be in it.
pub(crate) fn check_none_open() -> String {
    format!(
        "IF @@TRANCOUNT > 0 BEGIN ROLLBACK; THROW {NOT_OUR_TRANSACTION}, N'the script began a transaction and did not end it; \
         what it did in there was rolled back', 1; END"
    )
}

/// Fails unless the transaction that [`get_lock`] marked is the one that is open, and the only one. Each question by
/// itself, and whether there is a transaction first: one about its locks may be an error where there is none.
pub(crate) fn check_still_ours(resource: &str) -> String {
    let ended = "the script ended the transaction that it runs in; what it did before that stays";
    let marked = format!(
        "APPLOCK_MODE(N'public', {}, N'Transaction') = N'NoLock'",
        literal(resource)
    );
    [
        refuse("@@TRANCOUNT = 0", NOT_OUR_TRANSACTION, ended),
        refuse(&marked, NOT_OUR_TRANSACTION, ended),
        refuse(
            "@@TRANCOUNT > 1",
            NOT_OUR_TRANSACTION,
            "the script began a transaction and did not end it",
        ),
    ]
    .join("; ")
}

/// Takes back whatever is open.
pub(crate) const ROLLBACK: &str = "IF @@TRANCOUNT > 0 ROLLBACK";

/// Statements of our own, to be sent as one batch.
pub(crate) fn batch<S: AsRef<str>>(statements: &[S]) -> String {
    let mut sql = String::new();
    for statement in statements {
        if !sql.is_empty() {
            sql.push_str(";\n");
        }
        sql.push_str(statement.as_ref());
    }
    sql
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_leaves_its_quotes() {
        assert_eq!(literal("it's ü"), "N'it''s ü'");
        assert_eq!(bracketed("a]b"), "[a]]b]");
        assert_eq!(
            refuse("1 = 1", 50_000, "o'clock"),
            "IF 1 = 1 BEGIN THROW 50000, N'o''clock', 1; END"
        );
    }

    #[test]
    fn a_transactions_locks_are_asked_for_only_where_there_is_one() {
        let sql = check_still_ours("dbvc.unit/x");
        let (open, lock) = (
            sql.find("IF @@TRANCOUNT = 0 BEGIN THROW"),
            sql.find("; IF APPLOCK_MODE("),
        );
        assert!(open.is_some() && open < lock, "{sql}");
    }

    #[test]
    fn a_lock_timeout_is_milliseconds_or_without_end() {
        assert_eq!(lock_timeout(1500), "SET LOCK_TIMEOUT 1500");
        assert_eq!(lock_timeout(i64::MAX), "SET LOCK_TIMEOUT 2147483647");
        assert_eq!(lock_timeout(-1), "SET LOCK_TIMEOUT -1");
    }

    #[test]
    fn our_own_statements_run_in_our_own_database() {
        assert!(unhindered("a]b").starts_with("SET NOEXEC OFF; SET FMTONLY OFF; USE [a]]b]; SET "));
        assert!(unhindered("").starts_with("SET NOEXEC OFF; SET FMTONLY OFF; SET "));
    }
}
