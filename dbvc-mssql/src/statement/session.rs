//! What a batch leaves in its session. Variables end with their batch.

use dbvc_engine::sql::TokenKind;

use super::{RESERVED_FIRST, Words};

/// Whether the batch changes nothing but settings of its session, to what it says itself (Transact-SQL reference, "SET
/// statements", "USE").
pub(crate) fn sets_session(batch: &str) -> bool {
    let words = Words::of(batch);
    let is_setting = |at: usize| words.is(at, &["SET", "USE"]);
    if !is_setting(0) {
        return false;
    }
    (0..words.len()).all(|at| {
        let ends = at == 0 || words.text(at - 1) == ";";
        let is_of_a_script = words.is(at, &["SET"]) && words.text(at + 1).starts_with('@');
        let begins_another = words.is(at, &RESERVED_FIRST) && !is_setting(at);
        let is_call = ends && !is_setting(at) && words.text(at) != ";";
        let comes_from_data = words.text(at).starts_with('@') || words.text(at) == "(";
        !(is_of_a_script || begins_another || is_call || comes_from_data)
    })
}

/// Settings that are not among those which each migration begins with.
const RARE: [&str; 4] = [
    "STATISTICS",
    "FORCEPLAN",
    "ARITHIGNORE",
    "QUERY_GOVERNOR_COST_LIMIT",
];

/// Whether the batch leaves a setting that is not set back in front of the next migration.
pub(crate) fn sets_for_good(batch: &str) -> bool {
    let words = Words::of(batch);
    if words.is_module() {
        return false;
    }
    let is_set = |at: usize| words.is(at, &["SET"]);
    // The last one counts: of these, one table at a time has it.
    let identity = (0..words.len())
        .rev()
        .find(|at| is_set(*at) && words.is(at + 1, &["IDENTITY_INSERT"]))
        .is_some_and(|at| words.is(words.parts(at + 2).1, &["ON"]));
    let rare = |at: usize| {
        let end = (at + 1..words.len())
            .find(|end| words.is(*end, &["ON", "OFF"]) || words.text(*end) == ";")
            .unwrap_or(words.len());
        words.is(at + 1, &RARE) && words.text(at + 2) != "=" && !words.is(end, &["OFF"])
    };
    identity || (0..words.len()).any(|at| is_set(at) && rare(at))
}

/// Whether the batch may switch on that plans come with the rows of what runs.
pub(crate) fn shows_plans(batch: &str) -> bool {
    let words = Words::of(batch);
    (0..words.len()).any(|at| words.are(at, &["SET", "STATISTICS"]))
}

/// What a finished batch leaves in its session that running it again would not bring back, or not as it was.
pub(crate) fn leaves_in_session(batch: &str) -> Option<String> {
    let words = Words::of(batch);
    let name_of = |at: usize| words.name(at).unwrap_or_default();
    if words.is_module() {
        let kind = if words.is(1, &["OR"]) { 3 } else { 1 };
        return name_of(kind + 1)
            .starts_with('#')
            .then(|| format!("the temporary procedure {}", name_of(kind + 1)));
    }
    (0..words.len())
        .find_map(|at| {
            let behind = name_of(at + 1);
            if words.is(at, &["TABLE", "INTO"]) && behind.starts_with('#') && !drops(&words, at) {
                return Some(format!("the temporary table {behind}"));
            }
            if words.is(at, &["DECLARE"]) && !behind.starts_with('@') && opens_cursor(&words, at + 2) {
                return Some(format!("the cursor {behind}"));
            }
            if words.is(at, &["EXEC", "EXECUTE"]) && words.is(at + 1, &["AS"]) {
                return Some("another login's rights (`EXECUTE AS`)".to_owned());
            }
            if words.are(at, &["SET", "CONTEXT_INFO"]) {
                return Some("what `SET CONTEXT_INFO` keeps".to_owned());
            }
            None
        })
        .or_else(|| of_procedures(&words))
}

/// `DROP TABLE #t`, `TRUNCATE TABLE #t`, `INSERT INTO #t`, `ALTER TABLE #t` make none.
fn drops(words: &Words<'_>, at: usize) -> bool {
    at > 0
        && words.is(
            at - 1,
            &["DROP", "TRUNCATE", "INSERT", "ALTER", "MERGE", "OUTPUT"],
        )
}

/// A cursor is the connection's unless it says `LOCAL`, or the database's default is another.
fn opens_cursor(words: &Words<'_>, at: usize) -> bool {
    let end = (at..words.len())
        .find(|at| words.is(*at, &["FOR"]) || words.text(*at) == ";")
        .unwrap_or(words.len());
    let has = |word: &str| (at..end).any(|at| words.is(at, &[word]));
    has("CURSOR") && !has("LOCAL")
}

fn of_procedures(words: &Words<'_>) -> Option<String> {
    const LEAVING: [(&str, &str); 5] = [
        ("sp_set_session_context", "a value of the session's context"),
        ("sp_setapprole", "the rights of an application role"),
        ("sp_getapplock", "an application lock"),
        ("sp_prepare", "a prepared statement"),
        ("sp_cursoropen", "a cursor"),
    ];
    let called = words.called();
    let left = LEAVING
        .iter()
        .find(|(name, _)| called.iter().any(|called| called == name))?;
    let of_transaction = words.0.iter().any(|token| {
        token.kind == TokenKind::String && token.text.to_ascii_lowercase().contains("transaction")
    });
    (left.0 != "sp_getapplock" || !of_transaction).then(|| left.1.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_can_be_set_again() {
        for batch in [
            "SET ANSI_NULLS ON",
            "set quoted_identifier, ansi_nulls on; SET NOCOUNT OFF",
            "SET XACT_ABORT ON\nSET DATEFORMAT dmy\nUSE [shop]",
            "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE;",
            "SET IDENTITY_INSERT dbo.t ON",
            "-- why\nUSE shop;",
        ] {
            assert!(sets_session(batch), "{batch}");
        }
        for batch in [
            "SET NOCOUNT ON UPDATE t SET a = 1",
            "DECLARE @a int SET @a = 1",
            "SET @a = 1",
            "SET LOCK_TIMEOUT @a",
            "SELECT 1",
            "SET NOCOUNT ON; p",
            "",
        ] {
            assert!(!sets_session(batch), "{batch}");
        }
    }

    #[test]
    fn a_setting_that_nobody_sets_back_needs_another_session() {
        for batch in [
            "SET IDENTITY_INSERT dbo.t ON",
            "SET IDENTITY_INSERT t OFF; INSERT u VALUES (1); SET IDENTITY_INSERT [dbo].[u] ON INSERT u VALUES (2)",
            "SET STATISTICS IO, TIME ON SELECT 1",
            "SET FORCEPLAN ON",
            "SELECT 1; SET QUERY_GOVERNOR_COST_LIMIT 10",
        ] {
            assert!(sets_for_good(batch), "{batch}");
        }
        for batch in [
            "SET IDENTITY_INSERT t ON; INSERT t (id) VALUES (1); SET IDENTITY_INSERT t OFF",
            "SET ANSI_NULLS OFF",
            "SET STATISTICS XML OFF",
            "CREATE PROC p AS SET IDENTITY_INSERT t ON",
            "UPDATE t SET forceplan = 1",
            "UPDATE STATISTICS t",
        ] {
            assert!(!sets_for_good(batch), "{batch}");
        }
    }

    #[test]
    fn what_only_the_session_has_is_named() {
        for (batch, left) in [
            ("CREATE TABLE #t (a int)", "the temporary table #t"),
            ("SELECT * INTO ##all FROM t", "the temporary table ##all"),
            ("CREATE PROC #p AS SELECT 1", "the temporary procedure #p"),
            ("DECLARE c CURSOR FOR SELECT 1", "the cursor c"),
            ("EXECUTE AS USER = 'ann'", "another login's rights (`EXECUTE AS`)"),
            (
                "EXEC sp_set_session_context N'a', 1",
                "a value of the session's context",
            ),
            (
                "EXEC sp_getapplock 'a', 'Exclusive', 'Session'",
                "an application lock",
            ),
        ] {
            assert_eq!(leaves_in_session(batch).as_deref(), Some(left), "{batch}");
        }
        for batch in [
            "DROP TABLE #t",
            "INSERT INTO #t VALUES (1)",
            "DECLARE @t TABLE (a int), @c CURSOR",
            "DECLARE c CURSOR LOCAL FAST_FORWARD FOR SELECT 1",
            "CREATE PROC p AS CREATE TABLE #t (a int)",
            "CREATE PROC p WITH EXECUTE AS OWNER AS SELECT 1",
            "CREATE TABLE [t#] (a int) -- #t",
            "EXEC sp_getapplock 'a', 'Exclusive', 'Transaction'",
        ] {
            assert_eq!(leaves_in_session(batch), None, "{batch}");
        }
    }
}
