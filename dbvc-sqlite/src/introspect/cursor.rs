//! Reading a statement of SQLite's catalogue token by token.

use dbvc_engine::sql::{self, Dialect, Token, TokenKind, Wording};

/// How SQLite keeps what was written.
#[derive(Debug)]
pub(super) enum Sqlite {}

impl Wording for Sqlite {
    const DIALECT: &'static Dialect = &Dialect::SQLITE;

    fn unquoted(text: &str) -> String {
        unquoted(text)
    }
}

/// A place in a list of tokens.
pub(super) type Cursor<'a> = sql::Cursor<'a, Sqlite>;

/// Takes `COLLATE name` away from the end.
pub(super) fn ends_with_collation(cursor: &mut Cursor<'_>) -> Option<String> {
    let [.., word, name] = cursor.tokens() else {
        return None;
    };
    let name = word.is_word("COLLATE").then(|| unquoted(name.text))?;
    cursor.drop_last(2);
    Some(name)
}

/// The rest's single name, if it is nothing else.
pub(super) fn only_name(cursor: &Cursor<'_>) -> Option<String> {
    match cursor.tokens() {
        [token]
            if matches!(
                token.kind,
                TokenKind::Word | TokenKind::QuotedName | TokenKind::String
            ) =>
        {
            Some(unquoted(token.text))
        }
        _ => None,
    }
}

/// The rest as text, with spaces where they help to read and nowhere else: however it was laid out, it reads the same.
pub(super) fn text(cursor: &Cursor<'_>) -> String {
    let mut text = String::new();
    let mut last: Option<&Token<'_>> = None;
    for token in cursor.tokens() {
        if last.is_some_and(|last| is_apart(last, token)) {
            text.push(' ');
        }
        text.push_str(token.text);
        last = Some(token);
    }
    text
}

fn is_apart(last: &Token<'_>, token: &Token<'_>) -> bool {
    let touches = |token: &Token<'_>, symbols: &[char]| symbols.iter().any(|symbol| token.is_symbol(*symbol));
    if touches(last, &['(', '.']) || touches(token, &[')', ',', '.']) {
        return false;
    }
    if token.is_symbol('(') {
        return last.kind != TokenKind::Word;
    }
    // An operator of two characters is two tokens.
    let adjacent = last.offset + last.text.len() == token.offset;
    !(adjacent && last.kind == TokenKind::Symbol && token.kind == TokenKind::Symbol && !last.is_symbol(')'))
}

/// A name without its quotes; SQLite takes strings and brackets, too (`sqlite.org/lang_keywords.html`).
pub(super) fn unquoted(text: &str) -> String {
    let mut chars = text.chars();
    let (Some(open), Some(close)) = (chars.next(), chars.next_back()) else {
        return text.to_owned();
    };
    let inner = chars.as_str();
    match (open, close) {
        ('[', ']') => inner.to_owned(),
        ('"', '"') | ('`', '`') | ('\'', '\'') => {
            let twice = format!("{open}{open}");
            inner.replace(&twice, &open.to_string())
        }
        _ => text.to_owned(),
    }
}

/// What follows the first `AS` of a view's statement, with its column names before it if it has any.
pub(super) fn after_as(sql: &str) -> String {
    let mut cursor = Cursor::new(sql);
    let mut names = String::new();
    while let Some(token) = cursor.peek().copied() {
        if token.is_symbol('(') {
            names = cursor
                .list()
                .map(|list| format!("({}) AS ", text(&list)))
                .unwrap_or_default();
            continue;
        }
        cursor.next();
        if token.is_word("AS") {
            let rest = sql[token.offset + token.text.len()..].trim();
            return format!("{names}{rest}");
        }
    }
    sql.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_reads_the_same_however_it_was_laid_out() {
        let text = |sql: &str| text(&Cursor::new(sql));
        assert_eq!(text("a>0 AND lower( b )<>'x'"), "a > 0 AND lower(b) <> 'x'");
        assert_eq!(text("a > 0\n and -- why\n b IN(1,2)"), "a > 0 and b IN(1, 2)");
        assert_eq!(text("\"T\" . a || b"), "\"T\".a || b");
    }

    #[test]
    fn names_lose_their_quotes() {
        for (quoted, name) in [
            ("\"a\"\"b\"", "a\"b"),
            ("[a b]", "a b"),
            ("`a`", "a"),
            ("'a'", "a"),
            ("a", "a"),
            ("", ""),
        ] {
            assert_eq!(unquoted(quoted), name);
        }
    }

    #[test]
    fn a_view_is_its_query() {
        assert_eq!(after_as("CREATE VIEW v AS SELECT 1"), "SELECT 1");
        assert_eq!(
            after_as("CREATE VIEW \"as\" (a, b) AS\nSELECT 1, 2"),
            "(a, b) AS SELECT 1, 2"
        );
    }
}
