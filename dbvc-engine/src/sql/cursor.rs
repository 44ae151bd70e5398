//! Reading a statement token by token, as adapters do with what a server tells of its objects.

use std::marker::PhantomData;

use super::{Dialect, Token, TokenKind, tokens};

/// How a system writes its own statements.
pub trait Wording {
    /// Its lexical rules.
    const DIALECT: &'static Dialect;

    /// Whether a token is read; comments are not.
    fn counts(token: &Token<'_>) -> bool {
        token.kind != TokenKind::Comment
    }

    /// A name without its quotes.
    fn unquoted(text: &str) -> String;
}

/// A place in a list of tokens.
#[derive(Debug)]
pub struct Cursor<'a, W> {
    source: &'a str,
    tokens: Vec<Token<'a>>,
    at: usize,
    wording: PhantomData<W>,
}

impl<W> Clone for Cursor<'_, W> {
    fn clone(&self) -> Self {
        self.of(0, self.tokens.len(), self.at)
    }
}

impl<'a, W> Cursor<'a, W> {
    fn of(&self, from: usize, to: usize, at: usize) -> Self {
        Self {
            source: self.source,
            tokens: self.tokens[from..to].to_vec(),
            at,
            wording: PhantomData,
        }
    }

    /// The next token, which stays.
    pub fn peek(&self) -> Option<&Token<'a>> {
        self.peek_at(0)
    }

    /// The same so many tokens ahead.
    pub fn peek_at(&self, ahead: usize) -> Option<&Token<'a>> {
        self.tokens.get(self.at + ahead)
    }

    /// Takes the next token.
    #[allow(
        clippy::should_implement_trait,
        reason = "nobody iterates over a cursor; it is looked ahead from"
    )]
    pub fn next(&mut self) -> Option<Token<'a>> {
        let token = self.tokens.get(self.at).copied()?;
        self.at += 1;
        Some(token)
    }

    /// Whether all is taken.
    pub fn is_at_end(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// Takes these words if they are next.
    pub fn take(&mut self, words: &[&str]) -> bool {
        let next = self.tokens().iter().zip(words);
        let found = words.len() == next.take_while(|(token, word)| token.is_word(word)).count();
        if found {
            self.at += words.len();
        }
        found
    }

    /// Takes a symbol if it is next.
    pub fn symbol(&mut self, symbol: char) -> bool {
        let found = self.peek().is_some_and(|token| token.is_symbol(symbol));
        if found {
            self.at += 1;
        }
        found
    }

    /// Takes what is in parentheses, if they are next.
    pub fn list(&mut self) -> Option<Self> {
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
                return Some(self.of(start, self.at - 1, 0));
            }
        }
        None
    }

    /// Goes on to the next opening parenthesis, and takes what is between it and its closing one.
    pub fn next_list(&mut self) -> Option<Self> {
        while !self.peek()?.is_symbol('(') {
            self.at += 1;
        }
        self.list()
    }

    /// The rest, cut at its commas; none where there is no rest.
    pub fn items(&self) -> Vec<Self> {
        if self.is_at_end() {
            return Vec::new();
        }
        let (mut found, mut depth, mut start) = (Vec::new(), 0_usize, self.at);
        for (at, token) in self.tokens.iter().enumerate().skip(self.at) {
            if token.is_symbol('(') {
                depth += 1;
            } else if token.is_symbol(')') {
                depth = depth.saturating_sub(1);
            } else if token.is_symbol(',') && depth == 0 {
                found.push(self.of(start, at, 0));
                start = at + 1;
            }
        }
        found.push(self.of(start, self.tokens.len(), 0));
        found
    }

    /// Takes so many tokens away from the end of the rest.
    pub fn drop_last(&mut self, count: usize) {
        let left = self.tokens.len().saturating_sub(count);
        self.tokens.truncate(left.max(self.at));
    }

    /// Whether the rest ends with this word; if so it is taken away.
    pub fn ends(&mut self, word: &str) -> bool {
        let ends = self.tokens().last().is_some_and(|token| token.is_word(word));
        if ends {
            self.drop_last(1);
        }
        ends
    }

    /// The tokens of the rest.
    pub fn tokens(&self) -> &[Token<'a>] {
        &self.tokens[self.at.min(self.tokens.len())..]
    }

    /// The rest as it is written.
    pub fn rest(&self) -> &'a str {
        match (self.peek(), self.tokens.last()) {
            (Some(first), Some(last)) => &self.source[first.offset..end(last)],
            _ => "",
        }
    }

    /// Where the next token begins in the source.
    pub fn offset(&self) -> usize {
        self.peek().map_or(self.source.len(), |token| token.offset)
    }

    /// What is written from an offset up to what was taken last.
    pub fn since(&self, offset: usize) -> &'a str {
        self.last()
            .map_or("", |last| &self.source[offset.min(last.offset)..end(last)])
    }

    /// What is written behind what was taken last.
    pub fn behind(&self) -> &'a str {
        self.last().map_or(self.source, |last| &self.source[end(last)..])
    }

    fn last(&self) -> Option<&Token<'a>> {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at))
    }
}

fn end(token: &Token<'_>) -> usize {
    token.offset + token.text.len()
}

impl<'a, W: Wording> Cursor<'a, W> {
    /// At the start of a text.
    pub fn new(source: &'a str) -> Self {
        Self {
            source,
            tokens: tokens(source, W::DIALECT).filter(W::counts).collect(),
            at: 0,
            wording: PhantomData,
        }
    }

    /// Takes a name, without its quotes.
    pub fn name(&mut self) -> Option<String> {
        let token = self.next()?;
        Some(W::unquoted(token.text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Plain;

    impl Wording for Plain {
        const DIALECT: &'static Dialect = &Dialect::SQLITE;

        fn unquoted(text: &str) -> String {
            text.trim_matches('"').to_owned()
        }
    }

    fn at(sql: &str) -> Cursor<'_, Plain> {
        Cursor::new(sql)
    }

    #[test]
    fn words_are_taken_only_where_all_of_them_are_next() {
        let mut cursor = at("NOT /* why */ null \"A b\" x");
        assert!(!cursor.take(&["NOT", "DEFERRABLE"]));
        assert!(cursor.take(&["NOT", "NULL"]));
        assert_eq!(cursor.name().as_deref(), Some("A b"));
        assert!(!cursor.take(&["X", "Y"]) && cursor.take(&["X"]) && cursor.is_at_end());
        assert_eq!(cursor.name(), None);
    }

    #[test]
    fn a_list_is_cut_at_its_own_commas() {
        let mut cursor = at("t (a, f(b, c) DESC, d) WHERE x");
        let list = cursor.next_list().expect("a list");
        let items: Vec<&str> = list.items().iter().map(Cursor::rest).collect();
        assert_eq!(items, ["a", "f(b, c) DESC", "d"]);
        assert_eq!(cursor.rest(), "WHERE x");
        assert!(at("()").list().expect("a list").items().is_empty());
        assert!(at("(a").list().is_none());
    }

    #[test]
    fn what_is_written_is_given_as_it_is_written() {
        let mut cursor = at("DEFAULT ( 1 +  2 ) NOT NULL");
        assert!(cursor.take(&["DEFAULT"]));
        let from = cursor.offset();
        cursor.list();
        assert_eq!(cursor.since(from), "( 1 +  2 )");
        assert_eq!(cursor.behind(), " NOT NULL");
        assert!(cursor.ends("NULL") && !cursor.ends("NULL"));
        assert_eq!(cursor.rest(), "NOT");
        cursor.drop_last(9);
        assert!(cursor.is_at_end() && cursor.rest().is_empty());
    }
}
