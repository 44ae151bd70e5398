//! Reading a statement of SQLite's catalogue token by token.

use dbvc_engine::sql::{Dialect, Token, TokenKind, tokens};

/// A place in a list of tokens.
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    tokens: Vec<Token<'a>>,
    at: usize,
}

impl<'a> Cursor<'a> {
    /// At the start of a text; comments do not count.
    pub(super) fn new(sql: &'a str) -> Self {
        let tokens = tokens(sql, &Dialect::SQLITE).filter(|token| token.kind != TokenKind::Comment);
        Self {
            tokens: tokens.collect(),
            at: 0,
        }
    }

    fn of(tokens: &[Token<'a>]) -> Self {
        Self {
            tokens: tokens.to_vec(),
            at: 0,
        }
    }

    pub(super) fn peek(&self) -> Option<&Token<'a>> {
        self.tokens.get(self.at)
    }

    pub(super) fn next(&mut self) -> Option<Token<'a>> {
        let token = self.tokens.get(self.at).copied()?;
        self.at += 1;
        Some(token)
    }

    /// Takes these words if they are next.
    pub(super) fn take(&mut self, words: &[&str]) -> bool {
        let next = self.tokens.iter().skip(self.at);
        let found = words.len()
            == next
                .zip(words)
                .take_while(|(token, word)| token.is_word(word))
                .count();
        if found {
            self.at += words.len();
        }
        found
    }

    /// Takes a name, without its quotes.
    pub(super) fn name(&mut self) -> Option<String> {
        let token = self.next()?;
        Some(unquoted(token.text))
    }

    /// Goes on to the next opening parenthesis, and takes what is between it and its closing one.
    pub(super) fn next_list(&mut self) -> Option<Self> {
        while !self.peek()?.is_symbol('(') {
            self.at += 1;
        }
        self.list()
    }

    /// Takes what is in parentheses, if they are next.
    pub(super) fn list(&mut self) -> Option<Self> {
        if !self.peek()?.is_symbol('(') {
            return None;
        }
        let start = self.at + 1;
        let mut depth = 0_usize;
        while let Some(token) = self.next() {
            if token.is_symbol('(') {
                depth += 1;
            } else if token.is_symbol(')') {
                depth -= 1;
            }
            if depth == 0 {
                return Some(Self::of(&self.tokens[start..self.at - 1]));
            }
        }
        None
    }

    /// The rest, cut at its commas.
    pub(super) fn items(&self) -> Vec<Self> {
        let (mut found, mut depth, mut start) = (Vec::new(), 0_usize, self.at);
        for (at, token) in self.tokens.iter().enumerate().skip(self.at) {
            if token.is_symbol('(') {
                depth += 1;
            } else if token.is_symbol(')') {
                depth = depth.saturating_sub(1);
            } else if token.is_symbol(',') && depth == 0 {
                found.push(Self::of(&self.tokens[start..at]));
                start = at + 1;
            }
        }
        found.push(Self::of(&self.tokens[start..]));
        found
    }

    /// Whether the rest ends with this word; if so it is taken away.
    pub(super) fn ends(&mut self, word: &str) -> bool {
        let ends = self.tokens.len() > self.at && self.tokens.last().is_some_and(|token| token.is_word(word));
        if ends {
            self.tokens.pop();
        }
        ends
    }

    /// Takes `COLLATE name` away from the end.
    pub(super) fn ends_with_collation(&mut self) -> Option<String> {
        let [.., word, name] = &self.tokens[self.at..] else {
            return None;
        };
        let name = word.is_word("COLLATE").then(|| unquoted(name.text))?;
        self.tokens.truncate(self.tokens.len() - 2);
        Some(name)
    }

    /// The rest's single name, if it is nothing else.
    pub(super) fn only_name(&self) -> Option<String> {
        match &self.tokens[self.at..] {
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

    /// The rest as text, with spaces where they help to read and nowhere else: however it was laid out, it reads the
    /// same.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        let mut last: Option<&Token<'a>> = None;
        for token in &self.tokens[self.at..] {
            if last.is_some_and(|last| is_apart(last, token)) {
                text.push(' ');
            }
            text.push_str(token.text);
            last = Some(token);
        }
        text
    }
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
                .map(|list| format!("({}) AS ", list.text()))
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
        let text = |sql: &str| Cursor::new(sql).text();
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
