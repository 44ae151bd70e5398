//! Whether a batch may run in a transaction.

use dbvc_engine::driver::TransactionFit;

use super::Words;
use super::procedures::{PROCEDURES, is_of_full_text};

/// "Transact-SQL Statements Allowed in Transactions" (SQL Server 2008 R2) lists databases, full-text catalogues and indexes,
/// backups and `RECONFIGURE`; "Database Engine events and errors" has 6115 for `KILL`. The others are refused by what is
/// known of them from use: their pages were not read for this, and no server has been asked.
const DATABASES: &str = "CREATE, ALTER and DROP DATABASE run outside a transaction only";
const FULL_TEXT: &str = "full-text catalogues and indexes are changed outside a transaction only";
const BACKUPS: &str = "BACKUP and RESTORE run outside a transaction only";
const RECONFIGURE: &str = "RECONFIGURE runs outside a transaction only";
const KILL: &str = "KILL runs outside a transaction only";
const ENDPOINTS: &str = "endpoints are changed outside a transaction only";
const GROUPS: &str = "availability groups are changed outside a transaction only";
const RESUMABLE: &str = "an index operation that can be resumed runs outside a transaction only";
const IN_MEMORY: &str =
    "tables and types in memory, and natively compiled modules, are made outside a transaction only";
const SHRINK: &str = "DBCC SHRINKFILE and SHRINKDATABASE run outside a transaction only";
const PROCEDURE: &str = "the system procedure that it calls runs outside a transaction only";

/// Words behind `DATABASE` that make it something inside one.
const INSIDE: [&str; 3] = ["SCOPED", "AUDIT", "ENCRYPTION"];

/// Whether the batch can be undone with a transaction. The body of a module that it only defines does not count, and
/// neither does what a string holds.
pub(crate) fn fit(batch: &str) -> TransactionFit {
    let words = Words::of(batch);
    if words.is_module() {
        let native = (0..words.len()).any(|at| words.is(at, &["NATIVE_COMPILATION"]));
        return if native {
            TransactionFit::Refused(IN_MEMORY)
        } else {
            TransactionFit::Fits
        };
    }
    if let Some(reason) = (0..words.len()).find_map(|at| reason(&words, at)) {
        return TransactionFit::Refused(reason);
    }
    if words
        .called()
        .iter()
        .any(|name| PROCEDURES.contains(&name.as_str()) || is_of_full_text(name))
    {
        return TransactionFit::Refused(PROCEDURE);
    }
    TransactionFit::Fits
}

/// Why the statement whose first word may stand at `at` does not fit.
fn reason(words: &Words<'_>, at: usize) -> Option<&'static str> {
    let is_on = |at: usize| words.text(at) == "=" && words.is(at + 1, &["ON"]);
    if words.is(at, &["RESUMABLE"]) && is_on(at + 1) {
        return Some(RESUMABLE);
    }
    let is_resumed = words.are(at, &["ALTER", "INDEX"])
        && (at + 2..at + 12).any(|next| words.is(next, &["RESUME"]) && words.text(next - 1) != ".");
    if is_resumed {
        return Some(RESUMABLE);
    }
    if words.is(at, &["MEMORY_OPTIMIZED"]) && is_on(at + 1) {
        return Some(IN_MEMORY);
    }
    let is_permission =
        at > 0 && (words.is(at - 1, &["GRANT", "DENY", "REVOKE", "FOR"]) || words.text(at - 1) == ",");
    if is_permission {
        // `GRANT BACKUP DATABASE, CREATE DATABASE TO …`
        return None;
    }
    if words.is(at, &["CREATE", "ALTER", "DROP"]) {
        if words.is(at + 1, &["DATABASE"]) && !words.is(at + 2, &INSIDE) {
            return Some(DATABASES);
        }
        if words.is(at + 1, &["FULLTEXT"]) && words.is(at + 2, &["CATALOG", "INDEX"]) {
            return Some(FULL_TEXT);
        }
        if words.is(at + 1, &["ENDPOINT"]) {
            return Some(ENDPOINTS);
        }
        return words.are(at + 1, &["AVAILABILITY", "GROUP"]).then_some(GROUPS);
    }
    let backs_up = ["DATABASE", "LOG", "SERVICE", "MASTER", "CERTIFICATE", "SYMMETRIC"];
    let restores = [
        "FILELISTONLY",
        "HEADERONLY",
        "LABELONLY",
        "VERIFYONLY",
        "REWINDONLY",
    ];
    if words.is(at, &["BACKUP", "RESTORE"]) && (words.is(at + 1, &backs_up) || words.is(at + 1, &restores)) {
        return Some(BACKUPS);
    }
    if words.is(at, &["RECONFIGURE"]) {
        return Some(RECONFIGURE);
    }
    if words.is(at, &["KILL"]) {
        return Some(KILL);
    }
    if words.is(at, &["DBCC"]) && words.is(at + 1, &["SHRINKFILE", "SHRINKDATABASE"]) {
        return Some(SHRINK);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_refuses_in_a_transaction_is_known_anywhere_in_a_batch() {
        for batch in [
            "CREATE DATABASE shop",
            "PRINT 'x'; alter database shop set recovery simple",
            "IF DB_ID('shop') IS NOT NULL DROP DATABASE shop",
            "ALTER DATABASE CURRENT SET READ_COMMITTED_SNAPSHOT ON",
            "create fulltext catalog c",
            "DROP FULLTEXT INDEX ON t",
            "BACKUP DATABASE shop TO DISK = 'x'",
            "RESTORE VERIFYONLY FROM DISK = 'x'",
            "EXEC sp_configure 'show advanced options', 1; RECONFIGURE WITH OVERRIDE",
            "KILL 53",
            "EXEC master.dbo.sp_addlinkedserver N'x'",
            "sp_serveroption 'a', 'rpc', 'true'",
            "EXEC sp_addrolemember 'db_datareader', 'ann'",
            "exec @r = [sys].[sp_fulltext_database] 'enable'",
            "DBCC SHRINKFILE (1)",
            "CREATE INDEX i ON t (a) WITH (ONLINE = ON, RESUMABLE = ON)",
            "ALTER INDEX i ON dbo.t RESUME WITH (MAXDOP = 2)",
            "CREATE TABLE t (a int PRIMARY KEY NONCLUSTERED) WITH (MEMORY_OPTIMIZED = ON)",
            "CREATE PROC p WITH NATIVE_COMPILATION, SCHEMABINDING AS BEGIN ATOMIC WITH (LANGUAGE = 'x') END",
        ] {
            assert!(matches!(fit(batch), TransactionFit::Refused(_)), "{batch}");
        }
    }

    #[test]
    fn what_only_looks_so_fits() {
        for batch in [
            "ALTER DATABASE SCOPED CONFIGURATION SET MAXDOP = 4",
            "CREATE DATABASE SCOPED CREDENTIAL c WITH IDENTITY = 'x'",
            "GRANT CREATE DATABASE, BACKUP DATABASE, BACKUP LOG TO ann",
            "CREATE PROC p AS BACKUP DATABASE shop TO DISK = 'x'",
            "-- ALTER DATABASE shop\nSELECT 'DROP DATABASE shop'",
            "SELECT [backup], \"kill\" FROM [reconfigure]",
            "CREATE INDEX i ON t (a) WITH (RESUMABLE = OFF)",
            "CREATE FULLTEXT STOPLIST s",
            "EXEC sp_rename 'a', 'b'",
            "UPDATE STATISTICS t",
            "CREATE TABLE [database] (a int)",
        ] {
            assert_eq!(fit(batch), TransactionFit::Fits, "{batch}");
        }
    }
}
