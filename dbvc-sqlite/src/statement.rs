//! What a statement does, told from its text.

use dbvc_engine::sql::{Dialect, TokenKind, tokens};

const WRITING: [&str; 4] = ["INSERT", "UPDATE", "DELETE", "REPLACE"];

/// Whether the statement changes rows. For every other one SQLite's counter still has the count of an earlier statement
/// (`sqlite.org/c3ref/changes.html`).
pub(crate) fn writes_rows(sql: &str) -> bool {
    let mut depth = 0_u32;
    let mut words = tokens(sql, &Dialect::SQLITE).filter(|token| {
        if token.is_symbol('(') {
            depth += 1;
        } else if token.is_symbol(')') {
            depth = depth.saturating_sub(1);
        }
        depth == 0 && token.kind == TokenKind::Word
    });
    let writes = |word: &str| WRITING.iter().any(|writing| word.eq_ignore_ascii_case(writing));
    match words.next() {
        // The tables that it names stand in parentheses; the first verb outside them is its own.
        Some(first) if first.is_word("WITH") => {
            let verb =
                words.find(|word| writes(word.text) || word.is_word("SELECT") || word.is_word("VALUES"));
            verb.is_some_and(|verb| writes(verb.text))
        }
        Some(first) => writes(first.text),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::writes_rows;

    #[test]
    fn only_what_changes_rows_counts() {
        for sql in [
            "insert into t values (1)",
            "/* a */ REPLACE INTO t VALUES (1)",
            "WITH a AS (SELECT 1), b AS (SELECT 2) DELETE FROM t",
        ] {
            assert!(writes_rows(sql), "{sql}");
        }
        for sql in [
            "SELECT replace(name, 'a', 'b') FROM t",
            "CREATE TRIGGER a AFTER INSERT ON t BEGIN DELETE FROM u; END",
            "WITH a AS (SELECT 'INSERT') SELECT * FROM a",
            "WITH \"insert\" AS (VALUES (1)) SELECT * FROM \"insert\"",
            "PRAGMA user_version = 3",
            "",
        ] {
            assert!(!writes_rows(sql), "{sql}");
        }
    }
}
