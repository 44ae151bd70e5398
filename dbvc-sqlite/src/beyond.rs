//! Statements that change something beside the file that they run in.

use dbvc_engine::sql::{Dialect, leading_words};

/// What the statement changes there (sqlite.org, `lang_attach.html` and `lang_vacuum.html`).
pub(crate) fn reaches_beyond(sql: &str) -> Option<&'static str> {
    let words = leading_words(sql, &Dialect::SQLITE, 3);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["ATTACH", ..] => Some("it opens another file"),
        ["VACUUM", "INTO", ..] | ["VACUUM", _, "INTO"] => Some("it writes another file"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::reaches_beyond;

    #[test]
    fn other_files_are_told() {
        for sql in [
            "attach 'a.db' as a",
            "VACUUM INTO 'b.db'",
            "vacuum main into 'b.db'",
        ] {
            assert!(reaches_beyond(sql).is_some(), "{sql}");
        }
        for sql in ["vacuum", "detach a", "create table attach(x)"] {
            assert!(reaches_beyond(sql).is_none(), "{sql}");
        }
    }
}
