//! Batches that change something beside the database that they run in.

use super::Words;

const DATABASE: &str = "it goes to a database by its name, which is the real one's";
const OTHER: &str = "it names a database, which may be the real one: write the name without it";
const WHOLE: &str = "it changes a database as a whole, whatever the session is in";
const LOGINS: &str = "logins and their rights belong to the server";
const SERVER: &str = "it changes the server";

/// What the server has beside its databases.
const OF_THE_SERVER: [&str; 9] = [
    "ENDPOINT",
    "CREDENTIAL",
    "AVAILABILITY",
    "RESOURCE",
    "SERVER",
    "EVENT",
    "CRYPTOGRAPHIC",
    "WORKLOAD",
    "REMOTE",
];

/// Words behind which something is named that a statement makes or changes. What it only reads is not looked at: three
/// parts may also be a table's schema, the table and its column.
const NAMED_BEHIND: [&str; 15] = [
    "TABLE",
    "VIEW",
    "INTO",
    "PROC",
    "PROCEDURE",
    "FUNCTION",
    "TRIGGER",
    "SEQUENCE",
    "SYNONYM",
    "REFERENCES",
    "EXEC",
    "EXECUTE",
    "UPDATE",
    "DELETE",
    "MERGE",
];

/// System procedures that change the server.
const PROCEDURES: [&str; 12] = [
    "sp_configure",
    "sp_addlinkedserver",
    "sp_addlinkedsrvlogin",
    "sp_droplinkedsrvlogin",
    "sp_serveroption",
    "sp_addserver",
    "sp_dropserver",
    "sp_addlogin",
    "sp_droplogin",
    "sp_addsrvrolemember",
    "sp_dropsrvrolemember",
    "sp_renamedb",
];

/// The databases that the batch goes to.
pub(crate) fn uses_databases(batch: &str) -> Vec<String> {
    let words = Words::of(batch);
    if words.is_module() {
        return Vec::new();
    }
    (0..words.len())
        .filter(|at| words.is(*at, &["USE"]) && !is_hint(&words, *at))
        .filter_map(|at| words.name(at + 1))
        .collect()
}

/// `OPTION (USE HINT (…))`, `USE PLAN`.
fn is_hint(words: &Words<'_>, at: usize) -> bool {
    words.is(at + 1, &["HINT", "PLAN"]) && at > 0 && matches!(words.text(at - 1), "(" | ",")
}

/// What the batch changes there; none where it stays in its database. The body of a module is looked at only for names.
pub(crate) fn reaches_beyond(batch: &str) -> Option<&'static str> {
    let words = Words::of(batch);
    if !uses_databases(batch).is_empty() {
        return Some(DATABASE);
    }
    let named = (0..words.len()).any(|at| names_database(&words, at));
    if words.is_module() {
        let all_server = (0..words.len()).any(|at| words.are(at, &["ON", "ALL", "SERVER"]));
        return all_server.then_some(SERVER).or_else(|| named.then_some(OTHER));
    }
    if let Some(what) = (0..words.len()).find_map(|at| of_the_server(&words, at)) {
        return Some(what);
    }
    if words.called().iter().any(|name| {
        PROCEDURES.contains(&name.as_str()) || name.starts_with("sp_add_job") || name.starts_with("xp_")
    }) {
        return Some(SERVER);
    }
    named.then_some(OTHER)
}

fn of_the_server(words: &Words<'_>, at: usize) -> Option<&'static str> {
    if words.is(at, &["CREATE", "ALTER", "DROP"]) {
        if words.is(at + 1, &["LOGIN"]) {
            return Some(LOGINS);
        }
        if words.is(at + 1, &["DATABASE"]) && !words.is(at + 2, &["SCOPED", "AUDIT", "ENCRYPTION", "CURRENT"])
        {
            return Some(WHOLE);
        }
        return words.is(at + 1, &OF_THE_SERVER).then_some(SERVER);
    }
    if words.is(at, &["BACKUP", "RESTORE"]) && words.is(at + 1, &["DATABASE", "LOG"]) {
        return Some(WHOLE);
    }
    let first = at == 0 || words.text(at - 1) == ";";
    if words.is(at, &["RECONFIGURE", "KILL"]) || (first && words.is(at, &["SHUTDOWN"])) {
        return Some(SERVER);
    }
    let of_server =
        words.is(at, &["ON"]) && words.is(at + 1, &["SERVER", "LOGIN"]) && words.text(at + 2) == ":";
    of_server.then_some(LOGINS)
}

/// Whether a name of three parts or more stands behind `at`. The server's own databases and `tempdb` are no real one's
/// stand-in, but changing them is no less.
fn names_database(words: &Words<'_>, at: usize) -> bool {
    if !words.is(at, &NAMED_BEHIND) {
        return false;
    }
    let mut next = at + 1;
    while words.is(next, &["IF", "NOT", "EXISTS", "FROM", "INTO", "TOP"]) {
        next += 1;
    }
    let (parts, _) = words.parts(next);
    let is_temporary = parts
        .first()
        .is_some_and(|name| name.eq_ignore_ascii_case("tempdb"))
        || parts.last().is_some_and(|name| name.starts_with('#'));
    parts.len() >= 3 && !is_temporary
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_reaches_beyond_the_database_says_why() {
        for (batch, expected) in [
            ("USE shop", DATABASE),
            ("CREATE LOGIN ann WITH PASSWORD = 'x'", LOGINS),
            ("ALTER DATABASE shop SET RECOVERY SIMPLE", WHOLE),
            ("EXEC sp_configure 'x', 1", SERVER),
            ("EXEC msdb.dbo.sp_add_job N'j'", SERVER),
            ("CREATE TRIGGER t ON ALL SERVER FOR LOGON AS RETURN", SERVER),
            ("INSERT INTO shop.dbo.t VALUES (1)", OTHER),
            ("EXEC shop..p", OTHER),
            ("DROP TABLE IF EXISTS [shop].[dbo].[t]", OTHER),
            ("CREATE PROC p AS UPDATE shop.dbo.t SET a = 1", OTHER),
            ("GRANT VIEW SERVER STATE ON SERVER::x TO ann", LOGINS),
        ] {
            assert_eq!(reaches_beyond(batch), Some(expected), "{batch}");
        }
    }

    #[test]
    fn what_stays_in_its_database_is_let_be() {
        for batch in [
            "CREATE TABLE dbo.t (a int)",
            "SELECT dbo.t.a FROM dbo.t OPTION (USE HINT ('x'))",
            "INSERT INTO tempdb..#t VALUES (1)",
            "ALTER DATABASE CURRENT SET RECOVERY SIMPLE",
            "ALTER DATABASE SCOPED CONFIGURATION SET MAXDOP = 1",
            "UPDATE dbo.t SET a = shop.dbo.f(1)",
            "EXEC dbo.p @database = 'x'",
            "PRINT 'USE shop'",
        ] {
            assert_eq!(reaches_beyond(batch), None, "{batch}");
        }
    }

    #[test]
    fn every_database_that_a_batch_goes_to_is_named() {
        assert_eq!(
            uses_databases("USE [my]]shop]; SELECT 1 use Other"),
            ["my]shop", "Other"]
        );
    }
}
