//! What a statement is, told from its text.

use dbvc_engine::driver::TransactionFit;
use dbvc_engine::sql::{Dialect, SegmentKind, TokenKind, leading_words, split, tokens};

/// First words of statements that commit, or that may run what does.
const COMMITTING: [&str; 25] = [
    "CREATE",
    "DROP",
    "ALTER",
    "RENAME",
    "TRUNCATE",
    "GRANT",
    "REVOKE",
    "CACHE",
    "FLUSH",
    "RESET",
    "INSTALL",
    "UNINSTALL",
    "LOCK",
    "UNLOCK",
    "IMPORT",
    "CLONE",
    "CALL",
    "EXECUTE",
    "IF",
    "CASE",
    "LOOP",
    "WHILE",
    "REPEAT",
    "FOR",
    "XA",
];

/// Whether a statement can be undone with its transaction (manual, "Statements That Cause an Implicit Commit").
///
/// What a `CALL`, an `EXECUTE` or a block runs cannot be seen here, so they count as committing: then nothing is
/// promised that the server does not keep.
pub(crate) fn fit(sql: &str) -> TransactionFit {
    let mut words = leading_words(sql, &Dialect::MYSQL, 4);
    if words.get(1).is_some_and(|word| word == "OR") {
        // `CREATE OR REPLACE …`
        words.drain(1..words.len().min(3));
    }
    let word = |at: usize| words.get(at).map_or("", String::as_str);
    let commits = match (word(0), word(1)) {
        ("CREATE" | "DROP", "TEMPORARY") => false,
        ("ANALYZE" | "OPTIMIZE" | "REPAIR" | "CHECK", next) => {
            next == "TABLE" || next == "TABLES" || next == "NO_WRITE_TO_BINLOG" || next == "LOCAL"
        }
        // What `SET STATEMENT … FOR` runs is not looked at (MariaDB).
        ("LOAD", "INDEX")
        | ("SET", "PASSWORD" | "AUTOCOMMIT" | "STATEMENT")
        | ("START" | "STOP", "SLAVE" | "REPLICA")
        | ("CHANGE", "MASTER" | "REPLICATION")
        | ("BEGIN", "NOT") => true,
        (first, _) => COMMITTING.contains(&first),
    };
    if commits {
        TransactionFit::CommitsImplicitly
    } else {
        TransactionFit::Fits
    }
}

/// Whether a statement may run others, of which some may have been committed when it fails.
pub(crate) fn runs_others(sql: &str) -> bool {
    const RUNNING: [&str; 9] = [
        "CALL", "EXECUTE", "BEGIN", "IF", "CASE", "LOOP", "WHILE", "REPEAT", "FOR",
    ];
    let words = leading_words(sql, &Dialect::MYSQL, 2);
    let word = |at: usize| words.get(at).map_or("", String::as_str);
    RUNNING.contains(&word(0)) || (word(0), word(1)) == ("SET", "STATEMENT")
}

/// Whether a statement drops several tables or views: `MariaDB` drops those that are there and then says which is not
/// (its manual, "Atomic DDL": only each drop by itself is atomic).
pub(crate) fn drops_several(sql: &str) -> bool {
    let words = words(sql);
    let is = |at: usize, keyword: &str| words.get(at).is_some_and(|word| word.is(keyword));
    let kind = if is(1, "TEMPORARY") { 2 } else { 1 };
    is(0, "DROP")
        && ["TABLE", "TABLES", "VIEW"].iter().any(|word| is(kind, word))
        && words.iter().any(|word| word.text == "," && !word.name)
}

/// Whether a statement changes nothing but its session. What it sets for the server, for good (`PERSIST`) or for one
/// transaction, is not repeated.
pub(crate) fn sets_session(sql: &str) -> bool {
    let words = words(sql);
    let is = |at: usize, keyword: &str| words.get(at).is_some_and(|word| word.is(keyword));
    let any = |keywords: &[&str]| {
        keywords
            .iter()
            .any(|keyword| words.iter().any(|word| word.is(keyword)))
    };
    if is(0, "SET") {
        let for_another = ["TRANSACTION", "PASSWORD", "DEFAULT", "STATEMENT"]
            .iter()
            .any(|word| is(1, word));
        let not_here = any(&["GLOBAL", "PERSIST", "PERSIST_ONLY"]);
        return !for_another && !not_here && variables(sql).iter().all(|(_, fixed)| *fixed);
    }
    is(0, "USE") || is(0, "PREPARE") || is(0, "DEALLOCATE")
}

/// The variables of the script's own that a `SET` assigns, and whether the value is the same whenever it runs: a literal,
/// or a setting of the session.
fn variables(sql: &str) -> Vec<(String, bool)> {
    let tokens: Vec<_> = tokens(sql, &Dialect::MYSQL)
        .filter(|token| !matches!(token.kind, TokenKind::Comment | TokenKind::CodeMark))
        .collect();
    let text = |at: usize| tokens.get(at).map_or("", |token| token.text);
    let mut found = Vec::new();
    for at in 0..tokens.len() {
        let begins = at == 1 || text(at.wrapping_sub(1)) == ",";
        if !(begins && text(at) == "@") || text(at + 1) == "@" {
            continue;
        }
        let value = (at + 2..tokens.len())
            .find(|at| text(*at) == "=")
            .map_or(at, |at| at + 1);
        let is_literal = tokens.get(value).is_some_and(|token| {
            matches!(token.kind, TokenKind::String | TokenKind::Number)
                || ["NULL", "TRUE", "FALSE"].iter().any(|word| token.is_word(word))
        });
        let ends = matches!(text(value + 1), "" | ",");
        let is_setting = text(value) == "@" && text(value + 1) == "@";
        found.push((text(at + 1).to_owned(), is_literal && ends || is_setting));
    }
    found
}

/// What a finished statement leaves in its session that cannot be brought back: a variable that came from data, or a
/// temporary table.
pub(crate) fn leaves_in_session(sql: &str) -> Option<String> {
    let words = words(sql);
    let is = |at: usize, keyword: &str| words.get(at).is_some_and(|word| word.is(keyword));
    if is(0, "SET") {
        let lost = variables(sql).into_iter().find(|(_, fixed)| !fixed)?;
        return Some(format!("the variable @{}", lost.0));
    }
    let temporary = is(0, "CREATE") && (is(1, "TEMPORARY") || is(1, "OR") && is(3, "TEMPORARY"));
    if temporary {
        return Some("a temporary table".to_owned());
    }
    let into = words
        .windows(3)
        .find(|three| three[0].is("INTO") && three[1].text == "@")?;
    Some(format!("the variable @{}", into[2].text))
}

/// Whether a statement locks tables for its session, until a transaction begins (manual, "LOCK TABLES").
pub(crate) fn locks_tables(sql: &str) -> bool {
    let words = leading_words(sql, &Dialect::MYSQL, 2);
    words.first().is_some_and(|first| first == "LOCK")
        && words.get(1).is_some_and(|next| next.starts_with("TABLE"))
}

/// Whether a statement gives rows and nothing else, as far as its first word tells.
pub(crate) fn may_call(sql: &str) -> bool {
    let words = leading_words(sql, &Dialect::MYSQL, 1);
    let first = words.first().map_or("", String::as_str);
    !matches!(
        first,
        "SELECT" | "INSERT" | "UPDATE" | "DELETE" | "REPLACE" | "SHOW" | "WITH" | "TABLE" | "VALUES"
    )
}

/// Whether other statements can follow it in one message: it closes all its quotes, comments and blocks.
pub(crate) fn is_closed(sql: &str) -> bool {
    const FOLLOWED: &str = "\n;SELECT 1";
    let script = format!("{sql}{FOLLOWED}");
    let segments = split(&script, &Dialect::MYSQL);
    let [first, second] = segments.as_slice() else {
        return false;
    };
    let ends_here = first.segment.length == sql.len() + 2 && first.segment.kind == SegmentKind::Statement;
    ends_here && second.code(&script) == "SELECT 1"
}

/// The words of a statement as they are written, comments left out; names without their quotes.
pub(crate) fn words(sql: &str) -> Vec<Word> {
    tokens(sql, &Dialect::MYSQL)
        .filter(|token| !matches!(token.kind, TokenKind::Comment | TokenKind::CodeMark))
        .map(|token| Word {
            text: if token.kind == TokenKind::QuotedName {
                unquote(token.text)
            } else {
                token.text.to_owned()
            },
            plain: token.kind == TokenKind::Word,
            name: matches!(token.kind, TokenKind::Word | TokenKind::QuotedName),
        })
        .collect()
}

/// A word, a name or a sign of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) text: String,
    /// It can be a keyword.
    pub(crate) plain: bool,
    /// It can be a name.
    pub(crate) name: bool,
}

impl Word {
    pub(crate) fn is(&self, keyword: &str) -> bool {
        self.plain && self.text.eq_ignore_ascii_case(keyword)
    }
}

/// A name without its quotes.
pub(crate) fn unquote(name: &str) -> String {
    let inner = name.strip_prefix('`').and_then(|rest| rest.strip_suffix('`'));
    inner.map_or_else(
        || name.trim_matches('"').to_owned(),
        |inner| inner.replace("``", "`"),
    )
}

/// Where `name` stands, if it stands there once and as a name or a word.
pub(crate) fn only_place(sql: &str, name: &str) -> Option<usize> {
    let mut places = tokens(sql, &Dialect::MYSQL).filter(|token| {
        matches!(token.kind, TokenKind::Word | TokenKind::QuotedName)
            && unquote(token.text).eq_ignore_ascii_case(name)
    });
    let first = places.next()?;
    places.next().is_none().then_some(first.offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_commits_by_itself_is_known_by_its_words() {
        for sql in [
            "CREATE TABLE t (a INT)",
            "/*!50003 CREATE*/ /*!50017 DEFINER=`a`@`b`*/ /*!50003 TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET @a = 1 */",
            "alter table t add b int",
            "TRUNCATE t",
            "OPTIMIZE LOCAL TABLE t",
            "call p()",
            "LOCK TABLES t WRITE",
            "BEGIN NOT ATOMIC SELECT 1; END",
            "CREATE OR REPLACE TABLE t (a INT)",
        ] {
            assert_eq!(fit(sql), TransactionFit::CommitsImplicitly, "{sql}");
        }
        for sql in [
            "INSERT INTO t VALUES (1)",
            "CREATE TEMPORARY TABLE t (a INT)",
            "CREATE OR REPLACE TEMPORARY TABLE t (a INT)",
            "DROP TEMPORARY TABLE t",
            "SET @a = 'CREATE TABLE'",
            "REPLACE INTO t VALUES (1)",
            "LOAD DATA INFILE 'x' INTO TABLE t",
            "WITH a AS (SELECT 1) SELECT * FROM a",
        ] {
            assert_eq!(fit(sql), TransactionFit::Fits, "{sql}");
        }
    }

    #[test]
    fn a_list_that_is_dropped_is_told_from_one_name() {
        for sql in [
            "DROP TABLE a, b",
            "drop view if exists `a` , `b`",
            "DROP TEMPORARY TABLE a,b",
        ] {
            assert!(drops_several(sql), "{sql}");
        }
        for sql in ["DROP TABLE a", "DROP TABLE `a,b`", "ALTER TABLE a DROP b, DROP c"] {
            assert!(!drops_several(sql), "{sql}");
        }
    }

    #[test]
    fn what_sets_its_session_is_told_from_what_sets_more() {
        for sql in [
            "SET NAMES utf8mb4",
            "set @a = 1, sql_mode = ''",
            "SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE",
            "SET @old = @@sql_mode, @b = NULL",
            "SET `global` = 1",
            "USE other",
            "PREPARE p FROM 'SELECT 1'",
        ] {
            assert!(sets_session(sql), "{sql}");
        }
        for sql in [
            "SET STATEMENT max_statement_time = 1 FOR SET @a = 1",
            "SET @id = LAST_INSERT_ID()",
            "SET @a = 1, @n = (SELECT COUNT(*) FROM t)",
            "SET @a = 1 + @a",
            "SET GLOBAL max_connections = 10",
            "SET @@GLOBAL.max_connections = 10",
            "SET @a = 1, PERSIST max_connections = 10",
            "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
            "SET PASSWORD = 'x'",
            "INSERT INTO t VALUES (1)",
            "LOCK TABLES t WRITE",
            "UNLOCK TABLES",
        ] {
            assert!(!sets_session(sql), "{sql}");
        }
    }

    #[test]
    fn what_cannot_be_brought_back_is_named() {
        let left = |sql: &str| leaves_in_session(sql).unwrap_or_default();
        assert_eq!(left("SET @id = LAST_INSERT_ID()"), "the variable @id");
        assert_eq!(left("SELECT MAX(id) INTO @top FROM t"), "the variable @top");
        assert_eq!(left("CREATE TEMPORARY TABLE t (a INT)"), "a temporary table");
        for sql in [
            "SET @a = 'x'",
            "SET NAMES utf8mb4",
            "INSERT INTO t VALUES (@a)",
            "CREATE TABLE t (a INT)",
        ] {
            assert_eq!(left(sql), "", "{sql}");
        }
    }

    #[test]
    fn what_is_not_closed_is_sent_alone() {
        assert!(is_closed("/* a */ SELECT 'a;b'"));
        assert!(is_closed("CREATE PROCEDURE p() BEGIN SELECT 1; END"));
        for sql in [
            "SELECT 'a",
            "SELECT 1 /* b",
            "CREATE PROCEDURE p() BEGIN SELECT 1",
            "CREATE PROCEDURE p() BEGIN END; SELECT 1",
        ] {
            assert!(!is_closed(sql), "{sql}");
        }
    }

    #[test]
    fn a_name_that_stands_once_is_found() {
        assert_eq!(only_place("SELECT `a b` FROM t", "a b"), Some(7));
        assert_eq!(only_place("SELECT a, a FROM t", "a"), None);
        assert_eq!(only_place("SELECT 'a' FROM t", "a"), None);
    }
}
