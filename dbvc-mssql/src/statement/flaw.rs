//! What keeps the server from taking a batch.

use dbvc_engine::driver::Flaw;
use dbvc_engine::sql::{Dialect, TokenKind, tokens};

use super::{Words, alone};

/// Statements whose text is the batch's, to its end (Transact-SQL reference, "CREATE PROCEDURE" and its kin; SQL Server
/// technical documentation, "Batches"). `ALTER SCHEMA` and `ALTER DEFAULT` are none of them.
const ALONE_WHEN_MADE: [&str; 8] = [
    "PROC",
    "PROCEDURE",
    "VIEW",
    "FUNCTION",
    "TRIGGER",
    "SCHEMA",
    "RULE",
    "DEFAULT",
];
const ALONE_WHEN_ALTERED: [&str; 5] = ["PROC", "PROCEDURE", "VIEW", "FUNCTION", "TRIGGER"];

/// What is not closed (the server's errors 105 and 113), or a definition that must stand first in its batch and does not
/// (111 and 156), or what cannot be done while a run is there.
pub(crate) fn flaw(batch: &str) -> Option<Flaw> {
    // What is not closed hides the rest of the script, so that nothing else in it says anything.
    unclosed(batch)
        .or_else(|| behind_another(batch))
        .or_else(|| only_shows(batch))
        .or_else(|| alone::wants_it_alone(&Words::of(batch)))
}

/// Settings under which a session runs nothing, our own statements as little as the script's (Transact-SQL reference,
/// `SET PARSEONLY`, `SET SHOWPLAN_ALL` and its kin). `SET NOEXEC ON` and `SET FMTONLY ON` can be taken back from within.
const ONLY_SHOWING: [&str; 4] = ["PARSEONLY", "SHOWPLAN_ALL", "SHOWPLAN_TEXT", "SHOWPLAN_XML"];

/// Such a setting that is switched on.
fn only_shows(batch: &str) -> Option<Flaw> {
    let words = Words::of(batch);
    if words.is_module() {
        return None;
    }
    let setting = |at: usize| {
        let end = (at + 1..words.len()).find(|end| words.is(*end, &["ON", "OFF"]))?;
        let listed = (at + 1..end).find(|listed| words.is(*listed, &ONLY_SHOWING))?;
        let is_list = (at + 2..end).step_by(2).all(|comma| words.text(comma) == ",");
        (is_list && words.is(end, &["ON"])).then_some(listed)
    };
    let (at, listed) = (0..words.len())
        .filter(|at| words.is(*at, &["SET"]))
        .find_map(|at| Some((at, setting(at)?)))?;
    let name = words.text(listed).to_ascii_uppercase();
    Some(Flaw {
        at: words.0[at].offset,
        what: format!("with `SET {name} ON` the session runs nothing any more"),
        advice: "take it out: it is for looking at a script by hand".to_owned(),
        database: None,
    })
}

/// A string, a quoted name or a comment without its end: only the last of a batch can be one.
fn unclosed(batch: &str) -> Option<Flaw> {
    let last = tokens(batch, &Dialect::MSSQL).last()?;
    if last.is_closed(&Dialect::MSSQL) {
        return None;
    }
    let (what, advice) = match last.kind {
        TokenKind::Comment => (
            "this comment has no end",
            "close it with `*/`; comments stand in each other here, so each `/*` in it needs its own",
        ),
        TokenKind::QuotedName if last.text.starts_with('[') => (
            "this name has no end",
            "close it with `]`; a `]` that belongs to the name is written twice",
        ),
        TokenKind::QuotedName => (
            "this name in quotes has no end",
            "close it with `\"`; the one that is missing may stand before this place",
        ),
        _ => (
            "this string has no end",
            "close it with `'`; a quote that belongs to a string is written twice, and the one that is missing may stand \
             before this place",
        ),
    };
    Some(Flaw {
        at: last.offset,
        what: what.to_owned(),
        advice: advice.to_owned(),
        database: None,
    })
}

fn behind_another(batch: &str) -> Option<Flaw> {
    let words = Words::of(batch);
    if words.are(0, &["CREATE", "SCHEMA"]) {
        // Tables, views and rights may follow in the same statement.
        return None;
    }
    let first = (0..words.len()).find(|at| words.text(*at) != ";")?;
    let at = (first + 1..words.len()).find(|at| defines(&words, *at).is_some())?;
    let what = defines(&words, at)?;
    Some(Flaw {
        at: words.0[at].offset,
        what: format!("`{what}` must be the first statement of its batch"),
        advice: "put a line `GO` before it".to_owned(),
        database: None,
    })
}

/// The definition that begins at `at`, as its first words.
fn defines(words: &Words<'_>, at: usize) -> Option<String> {
    // `GRANT CREATE VIEW, CREATE PROCEDURE TO …`
    let is_permission = words.is(at.wrapping_sub(1), &["GRANT", "DENY", "REVOKE", "FOR"])
        || words.text(at.wrapping_sub(1)) == ",";
    if is_permission {
        return None;
    }
    let kind = match () {
        () if words.are(at, &["CREATE", "OR", "ALTER"]) && words.is(at + 3, &ALONE_WHEN_ALTERED) => at + 3,
        () if words.is(at, &["CREATE"]) && words.is(at + 1, &ALONE_WHEN_MADE) => at + 1,
        () if words.is(at, &["ALTER"]) && words.is(at + 1, &ALONE_WHEN_ALTERED) => at + 1,
        () => return None,
    };
    let shown: Vec<String> = (at..=kind)
        .map(|word| words.text(word).to_ascii_uppercase())
        .collect();
    Some(shown.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_behind_something_is_a_flaw() {
        for (batch, at, what) in [
            ("SELECT 1\nCREATE PROC p AS SELECT 1", 9, "CREATE PROC"),
            (
                "IF OBJECT_ID('v') IS NULL CREATE VIEW v AS SELECT 1",
                26,
                "CREATE VIEW",
            ),
            (
                "CREATE VIEW v AS SELECT 1\ncreate or alter view w AS SELECT 2",
                26,
                "CREATE OR ALTER VIEW",
            ),
            (
                "SET ANSI_NULLS ON; ALTER TRIGGER t ON x AFTER INSERT AS RETURN",
                19,
                "ALTER TRIGGER",
            ),
            ("CREATE TABLE t (a int) CREATE SCHEMA s", 23, "CREATE SCHEMA"),
        ] {
            let found = flaw(batch).unwrap_or_else(|| panic!("{batch}"));
            assert_eq!(
                (found.at, found.what),
                (at, format!("`{what}` must be the first statement of its batch"))
            );
        }
    }

    #[test]
    fn a_setting_under_which_nothing_runs_is_a_flaw() {
        for (batch, at) in [
            ("SET PARSEONLY ON SELECT 1", 0),
            ("SELECT 1; set nocount, parseonly on", 10),
            ("SET SHOWPLAN_XML ON", 0),
        ] {
            let found = flaw(batch).unwrap_or_else(|| panic!("{batch}"));
            assert_eq!(found.at, at, "{batch}");
        }
        for batch in [
            "SET PARSEONLY OFF",
            "SET NOEXEC ON",
            "UPDATE t SET parseonly = 1 WHERE a = (SELECT 1 FROM u JOIN v ON 1 = 1)",
            "CREATE PROC p AS SET SHOWPLAN_XML ON",
        ] {
            assert_eq!(flaw(batch), None, "{batch}");
        }
    }

    #[test]
    fn what_has_no_end_is_a_flaw_at_its_beginning() {
        for (batch, at, word) in [
            ("SELECT 'it''s\nGO\n", 7, "string"),
            ("PRINT 'it's'", 11, "string"),
            ("SELECT N'a", 7, "string"),
            ("SELECT [a]]b", 7, "`]`"),
            ("SELECT \"a", 7, "name in quotes"),
            ("SELECT 1 /* /* */", 9, "`*/`"),
            ("/* all of it", 0, "`*/`"),
            ("SELECT 1\nCREATE PROC p AS PRINT 'x", 32, "string"),
        ] {
            let found = flaw(batch).unwrap_or_else(|| panic!("{batch}"));
            assert_eq!(found.at, at, "{batch}");
            let told = format!("{} {}", found.what, found.advice);
            assert!(told.contains(word), "{batch}: {told}");
        }
        for batch in [
            "SELECT 'a'''",
            "SELECT [a]]]",
            "SELECT 1 /* /* */ */",
            "SELECT 1 -- it's",
            "SELECT N''",
        ] {
            assert_eq!(flaw(batch), None, "{batch}");
        }
    }

    #[test]
    fn one_that_stands_first_or_only_looks_so_is_none() {
        for batch in [
            "-- why\n/* and */ CREATE PROC p AS SELECT 1",
            "; CREATE VIEW v AS SELECT 1",
            "CREATE SCHEMA s CREATE VIEW v AS SELECT 1 GRANT SELECT ON v TO ann",
            "GRANT CREATE VIEW, CREATE PROCEDURE TO ann",
            "SELECT 1; ALTER SCHEMA s TRANSFER dbo.t",
            "EXEC('CREATE VIEW v AS SELECT 1')",
            "ALTER TABLE t ADD CONSTRAINT d DEFAULT 1 FOR a",
            "CREATE TABLE t (a int)",
            "CREATE TRIGGER t ON DATABASE FOR CREATE_VIEW AS RETURN",
            "",
        ] {
            assert_eq!(flaw(batch), None, "{batch}");
        }
    }
}
