//! Reading a statement of the server's token by token.

use dbvc_engine::sql::{Dialect, Token, TokenKind, tokens};

use super::text::{decoded, unquoted};

/// A place in a list of tokens. Comments do not count, and what the server runs of them counts as if it stood there
/// without (`/*!80023 INVISIBLE */`).
#[derive(Debug, Clone)]
pub(super) struct Cursor<'a> {
    source: &'a str,
    tokens: Vec<Token<'a>>,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        let tokens = tokens(source, &Dialect::MYSQL)
            .filter(|token| !matches!(token.kind, TokenKind::Comment | TokenKind::CodeMark));
        Self {
            source,
            tokens: tokens.collect(),
            at: 0,
        }
    }

    fn of(&self, from: usize, to: usize) -> Self {
        Self {
            source: self.source,
            tokens: self.tokens[from..to].to_vec(),
            at: 0,
        }
    }

    pub(super) fn peek(&self) -> Option<&Token<'a>> {
        self.tokens.get(self.at)
    }

    pub(super) fn peek_at(&self, ahead: usize) -> Option<&Token<'a>> {
        self.tokens.get(self.at + ahead)
    }

    pub(super) fn next(&mut self) -> Option<Token<'a>> {
        let token = self.tokens.get(self.at).copied()?;
        self.at += 1;
        Some(token)
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.at >= self.tokens.len()
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

    /// Takes a symbol if it is next.
    pub(super) fn symbol(&mut self, symbol: char) -> bool {
        let found = self.peek().is_some_and(|token| token.is_symbol(symbol));
        if found {
            self.at += 1;
        }
        found
    }

    /// Takes a name, without its quotes.
    pub(super) fn name(&mut self) -> Option<String> {
        let token = self.next()?;
        Some(unquoted(token.text))
    }

    /// Takes a string's meaning, if one is next.
    pub(super) fn string(&mut self) -> Option<String> {
        let token = *self.peek()?;
        if token.kind != TokenKind::String {
            return None;
        }
        self.at += 1;
        Some(decoded(token.text))
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
                return Some(self.of(start, self.at - 1));
            }
        }
        None
    }

    /// The rest, cut at its commas.
    pub(super) fn items(&self) -> Vec<Self> {
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
                found.push(self.of(start, at));
                start = at + 1;
            }
        }
        found.push(self.of(start, self.tokens.len()));
        found
    }

    /// The rest as it is written.
    pub(super) fn rest(&self) -> &'a str {
        match (self.tokens.get(self.at), self.tokens.last()) {
            (Some(first), Some(last)) => &self.source[first.offset..last.offset + last.text.len()],
            _ => "",
        }
    }

    /// The tokens of the rest.
    pub(super) fn tokens(&self) -> &[Token<'a>] {
        &self.tokens[self.at.min(self.tokens.len())..]
    }

    /// Where the next token begins in the source.
    pub(super) fn offset(&self) -> usize {
        self.peek().map_or(self.source.len(), |token| token.offset)
    }

    /// What is written from an offset up to what was taken last.
    pub(super) fn since(&self, offset: usize) -> &'a str {
        let last = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        last.map_or("", |last| {
            &self.source[offset.min(last.offset)..last.offset + last.text.len()]
        })
    }

    /// What is written behind what was taken last.
    pub(super) fn behind(&self) -> &'a str {
        let last = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        last.map_or(self.source, |last| &self.source[last.offset + last.text.len()..])
    }

    /// Takes an account: `` `user`@`host` `` or the name of a role.
    pub(super) fn account(&mut self) -> Option<String> {
        let mut account = self.name()?;
        if self.symbol('@') {
            account = format!("{account}@{}", self.name()?);
        }
        Some(account)
    }
}
