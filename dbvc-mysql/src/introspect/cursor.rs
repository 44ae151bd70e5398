//! Reading a statement of the server's token by token.

use dbvc_engine::sql::{self, Dialect, Token, TokenKind, Wording};

use super::text::{decoded, unquoted};

/// How the server writes.
#[derive(Debug)]
pub(super) enum MySql {}

impl Wording for MySql {
    const DIALECT: &'static Dialect = &Dialect::MYSQL;

    /// What the server runs of a comment counts as if it stood there without (`/*!80023 INVISIBLE */`).
    fn counts(token: &Token<'_>) -> bool {
        !matches!(token.kind, TokenKind::Comment | TokenKind::CodeMark)
    }

    fn unquoted(text: &str) -> String {
        unquoted(text)
    }
}

/// A place in a list of tokens.
pub(super) type Cursor<'a> = sql::Cursor<'a, MySql>;

/// Takes a string and gives its meaning, if one is next.
pub(super) fn meaning(cursor: &mut Cursor<'_>) -> Option<String> {
    let token = *cursor.peek()?;
    if token.kind != TokenKind::String {
        return None;
    }
    cursor.next();
    Some(decoded(token.text))
}

/// Takes an account: `` `user`@`host` `` or the name of a role.
pub(super) fn account(cursor: &mut Cursor<'_>) -> Option<String> {
    let mut account = cursor.name()?;
    if cursor.symbol('@') {
        account = format!("{account}@{}", cursor.name()?);
    }
    Some(account)
}
