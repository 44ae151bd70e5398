//! Tokens and leading words: how an adapter tells what a statement is.

use super::{
    Dialect, TokenKind,
    lexer::{BYTE_ORDER_MARK, Lexed, lex},
};

/// A token of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    /// What it is.
    pub kind: TokenKind,
    /// As written, with quotes.
    pub text: &'a str,
    /// Byte offset in the text.
    pub offset: usize,
}

impl Token<'_> {
    /// Whether this is the unquoted word `keyword`, in any case.
    pub fn is_word(&self, keyword: &str) -> bool {
        self.kind == TokenKind::Word && self.text.eq_ignore_ascii_case(keyword)
    }

    /// Whether it ends by itself, and not because the text does: a string, a quoted name or a comment may be open.
    pub fn is_closed(&self, dialect: &Dialect) -> bool {
        is_closed(self.text.as_bytes(), dialect)
    }

    /// Whether this is the symbol `symbol`.
    pub fn is_symbol(&self, symbol: char) -> bool {
        self.kind == TokenKind::Symbol && self.text.starts_with(symbol)
    }
}

/// Whether the one token that `text` is ends by itself.
pub(super) fn is_closed(text: &[u8], dialect: &Dialect) -> bool {
    // What is open takes in whatever follows; a line's end closes the comment of a line.
    let longer = [text, b"\n"].concat();
    lex(&longer, 0, dialect, true).is_some_and(|lexed| lexed.end <= text.len())
}

/// The tokens of `sql`, comments included, white space left out.
pub fn tokens<'a>(sql: &'a str, dialect: &Dialect) -> Tokens<'a> {
    let at = if sql.as_bytes().starts_with(BYTE_ORDER_MARK) {
        BYTE_ORDER_MARK.len()
    } else {
        0
    };
    Tokens {
        sql,
        at,
        in_code: false,
        dialect: *dialect,
    }
}

/// See [`tokens`].
#[derive(Debug, Clone)]
pub struct Tokens<'a> {
    sql: &'a str,
    at: usize,
    /// In a comment that the server runs.
    in_code: bool,
    dialect: Dialect,
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        while self.at < self.sql.len() {
            let offset = self.at;
            let mut lexed = lex(self.sql.as_bytes(), offset, &self.dialect, true)?;
            if self.in_code && self.sql[offset..].starts_with("*/") {
                lexed = Lexed {
                    kind: TokenKind::CodeMark,
                    end: offset + 2,
                };
            }
            if lexed.kind == TokenKind::CodeMark {
                self.in_code = lexed.end != offset + 2;
            }
            self.at = lexed.end;
            if lexed.kind != TokenKind::Space {
                return Some(Token {
                    kind: lexed.kind,
                    text: &self.sql[offset..lexed.end],
                    offset,
                });
            }
        }
        None
    }
}

/// Up to `n` words at the front of `sql`, in upper case; comments and opening parentheses before the first word do not
/// count. The list ends at the first token that is neither a word nor a quoted name. A quoted name comes back as it is
/// written, quotes and all, and so never equals a keyword.
pub fn leading_words(sql: &str, dialect: &Dialect, n: usize) -> Vec<String> {
    tokens(sql, dialect)
        .filter(|token| !matches!(token.kind, TokenKind::Comment | TokenKind::CodeMark))
        .skip_while(|token| token.is_symbol('('))
        .map_while(|token| match token.kind {
            TokenKind::Word => Some(token.text.to_ascii_uppercase()),
            TokenKind::QuotedName => Some(token.text.to_owned()),
            _ => None,
        })
        .take(n)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_name_is_no_keyword() {
        let sql = "/* a */ Create -- b\n index \"concurrently\" on t(a)";
        let words = leading_words(sql, &Dialect::POSTGRES, 9);
        assert_eq!(words, ["CREATE", "INDEX", "\"concurrently\"", "ON", "T"]);
    }

    #[test]
    fn words_end_at_the_first_symbol() {
        assert_eq!(leading_words("((select 1))", &Dialect::POSTGRES, 3), ["SELECT"]);
        assert_eq!(
            leading_words("vacuum (full) t", &Dialect::POSTGRES, 3),
            ["VACUUM"]
        );
        assert!(leading_words(" -- nothing", &Dialect::POSTGRES, 3).is_empty());
    }

    #[test]
    fn tokens_know_their_place() {
        let sql = "a $1 1e5 U&\"x\" e'\\'' $q$;$q$ `";
        let kinds: Vec<_> = tokens(sql, &Dialect::POSTGRES)
            .map(|token| (token.offset, token.kind))
            .collect();
        assert_eq!(
            kinds,
            [
                (0, TokenKind::Word),
                (2, TokenKind::Parameter),
                (5, TokenKind::Number),
                (9, TokenKind::QuotedName),
                (15, TokenKind::String),
                (21, TokenKind::String),
                (29, TokenKind::Symbol),
            ]
        );
    }
}
