//! What a `SET sql_mode` in a script changes about quotes and backslashes.

use super::{Dialect, Token, TokenKind, leading_words, tokens};

/// Combination modes of MariaDB and older MySQL that hold `ANSI_QUOTES`.
const WITH_ANSI_QUOTES: [&str; 7] = [
    "ANSI_QUOTES",
    "ANSI",
    "DB2",
    "MAXDB",
    "MSSQL",
    "ORACLE",
    "POSTGRESQL",
];
const WITHOUT_BACKSLASHES: &str = "NO_BACKSLASH_ESCAPES";

/// The dialect after `sql` has run, if it sets the session's `sql_mode`. `initial` is that of the session's start, to
/// which a script goes back with a variable or `DEFAULT`.
pub(super) fn after(sql: &str, now: &Dialect, initial: &Dialect) -> Option<Dialect> {
    let begins_so = matches!(sql.as_bytes().first(), Some(b's' | b'S' | b'/'));
    if !begins_so
        || leading_words(sql, now, 1)
            .first()
            .is_none_or(|word| word != "SET")
    {
        return None;
    }
    // `SET STATEMENT … FOR …` holds for one statement (MariaDB).
    if leading_words(sql, now, 2)
        .get(1)
        .is_some_and(|word| word == "STATEMENT")
    {
        return None;
    }
    let words = tokens(sql, now)
        .filter(|token| !matches!(token.kind, TokenKind::Comment | TokenKind::CodeMark))
        .skip(1);
    let mut dialect = None;
    let mut assignment: Vec<Token<'_>> = Vec::new();
    let mut depth = 0_u32;
    for token in words {
        match token.text {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            "," if depth == 0 => {
                dialect = assigned(&assignment, now, initial).or(dialect);
                assignment.clear();
                continue;
            }
            _ => {}
        }
        assignment.push(token);
    }
    assigned(&assignment, now, initial).or(dialect)
}

fn assigned(assignment: &[Token<'_>], now: &Dialect, initial: &Dialect) -> Option<Dialect> {
    let equals = assignment.iter().position(|token| token.is_symbol('='))?;
    let (target, value) = (&assignment[..equals], &assignment[equals + 1..]);
    let name = target
        .iter()
        .rev()
        .find(|token| token.kind != TokenKind::Symbol)?;
    let is_mode = name.text.trim_matches('`').eq_ignore_ascii_case("sql_mode");
    let elsewhere = ["GLOBAL", "PERSIST", "PERSIST_ONLY"];
    let is_elsewhere = |token: &Token<'_>| elsewhere.iter().any(|scope| token.is_word(scope));
    // `@sql_mode` is a variable of the script's own; `@@sql_mode` is the session's.
    let signs = target.iter().filter(|token| token.is_symbol('@')).count();
    if !is_mode || signs == 1 || target.iter().any(is_elsewhere) {
        return None;
    }
    let first = value.first()?;
    let starts_from = |dialect: &Dialect, (quotes, backslashes): (Option<bool>, Option<bool>)| Dialect {
        double_quoted_strings: quotes.map_or(dialect.double_quoted_strings, |ansi| !ansi),
        backslash_escapes: backslashes.map_or(dialect.backslash_escapes, |without| !without),
        ..*dialect
    };
    Some(if is_quoted(first) {
        let (quotes, backslashes) = named(value);
        starts_from(now, (Some(quotes), Some(backslashes)))
    } else if first.is_word("CONCAT") || first.is_word("CONCAT_WS") {
        let (quotes, backslashes) = named(value);
        starts_from(now, (quotes.then_some(true), backslashes.then_some(true)))
    } else if first.is_word("REPLACE") {
        let (quotes, backslashes) = named(value);
        starts_from(now, (quotes.then_some(false), backslashes.then_some(false)))
    } else {
        Dialect {
            double_quoted_strings: initial.double_quoted_strings,
            backslash_escapes: initial.backslash_escapes,
            ..*now
        }
    })
}

fn is_quoted(token: &Token<'_>) -> bool {
    matches!(token.kind, TokenKind::String | TokenKind::QuotedName)
}

/// Whether the strings among the tokens name `ANSI_QUOTES`, and `NO_BACKSLASH_ESCAPES`.
fn named(value: &[Token<'_>]) -> (bool, bool) {
    let mut found = (false, false);
    for token in value.iter().filter(|token| is_quoted(token)) {
        for mode in token.text.trim_matches(['\'', '"']).split(',') {
            let mode = mode.trim().to_ascii_uppercase();
            found.0 |= WITH_ANSI_QUOTES.contains(&mode.as_str());
            found.1 |= mode == WITHOUT_BACKSLASHES;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flags(sql: &str) -> Option<(bool, bool)> {
        let changed = after(sql, &Dialect::MYSQL, &Dialect::MYSQL)?;
        Some((!changed.double_quoted_strings, !changed.backslash_escapes))
    }

    #[test]
    fn the_modes_that_matter_are_read_from_a_set() {
        for (sql, expected) in [
            ("SET sql_mode = 'ANSI_QUOTES'", (true, false)),
            ("set session SQL_MODE='ansi'", (true, false)),
            (
                "SET @@session.sql_mode = 'NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES'",
                (false, true),
            ),
            (
                "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */",
                (false, false),
            ),
            ("SET sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES')", (true, false)),
            ("SET sql_mode := 'ANSI_QUOTES'", (true, false)),
            ("SET sql_mode = DEFAULT", (false, false)),
        ] {
            assert_eq!(flags(sql), Some(expected), "{sql}");
        }
    }

    #[test]
    fn other_settings_change_nothing() {
        for sql in [
            "SET GLOBAL sql_mode = 'ANSI_QUOTES'",
            "SET @sql_mode = 'ANSI_QUOTES'",
            "SET @@GLOBAL.sql_mode = 'ANSI_QUOTES'",
            "SET NAMES utf8mb4",
            "SELECT 'SET sql_mode=''ANSI_QUOTES'''",
            "SET @a = \"sql_mode='ANSI_QUOTES'\"",
        ] {
            assert_eq!(flags(sql), None, "{sql}");
        }
    }

    #[test]
    fn a_mode_can_be_taken_away_again() {
        let quotes = after("SET sql_mode='ANSI_QUOTES'", &Dialect::MYSQL, &Dialect::MYSQL).expect("a change");
        let back = after(
            "SET sql_mode = REPLACE(@@sql_mode, 'ANSI_QUOTES', '')",
            &quotes,
            &Dialect::MYSQL,
        );
        assert_eq!(back, Some(Dialect::MYSQL));
        assert_eq!(
            after("SET sql_mode=@old", &quotes, &Dialect::MYSQL),
            Some(Dialect::MYSQL)
        );
    }
}
