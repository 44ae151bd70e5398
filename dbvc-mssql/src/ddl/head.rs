//! How the text of a view or a program begins.
//!
//! The server keeps the text with which it was made: `alter` in any spelling, and after `sp_rename` the name from before
//! (manual, `sp_rename`, remarks). What comes before the name is therefore written anew.

use dbvc_engine::sql::{Dialect, Token, TokenKind, tokens};

/// The text cut around `CREATE PROCEDURE name`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Head<'a> {
    /// Comments and white space before it.
    pub(crate) lead: &'a str,
    /// What is made, in upper case, as written: `PROC`.
    pub(crate) what: String,
    /// What follows the name.
    pub(crate) rest: &'a str,
}

/// Cuts a text; none where it begins with something else.
pub(crate) fn cut(text: &str) -> Option<Head<'_>> {
    let mut all = tokens(text, &Dialect::MSSQL).filter(|token| token.kind != TokenKind::Comment);
    let verb = all.next()?;
    if !verb.is_word("CREATE") && !verb.is_word("ALTER") {
        return None;
    }
    let mut what = all.next()?;
    if what.is_word("OR") {
        all.next().filter(|token| token.is_word("ALTER"))?;
        what = all.next()?;
    }
    let is_name = |token: &Token<'_>| matches!(token.kind, TokenKind::Word | TokenKind::QuotedName);
    let mut last = all.next().filter(is_name)?;
    while let Some(dot) = all.next() {
        if !dot.is_symbol('.') {
            break;
        }
        // `db..name` has an empty schema.
        last = all.find(|token| !token.is_symbol('.')).filter(is_name)?;
    }
    Some(Head {
        lead: &text[..verb.offset],
        what: what.text.to_uppercase(),
        rest: &text[last.offset + last.text.len()..],
    })
}

/// The text as if it had been made with this word and this name.
pub(crate) fn renamed(text: &str, word: &str, name: &str) -> String {
    let text = text.trim_end();
    match cut(text) {
        Some(head) => {
            let lead = head.lead.trim_start();
            format!("{lead}CREATE {word} {name}{}", head.rest)
        }
        None => text.to_owned(),
    }
}

/// The text as one that also changes what is there.
pub(crate) fn or_alter(text: &str) -> String {
    match cut(text) {
        Some(head) => {
            let from = head.lead.len() + "CREATE".len();
            format!("{}CREATE OR ALTER{}", head.lead, &text[from..])
        }
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_of_the_beginning_is_one() {
        for text in [
            "CREATE PROCEDURE [dbo].[new] @a int AS SELECT 1",
            "create   proc old @a int AS SELECT 1\n\n",
            "  CREATE OR ALTER PROCEDURE dbo . [old] @a int AS SELECT 1",
            "ALTER /* x */ PROC shop..\"old\" @a int AS SELECT 1",
        ] {
            let made = renamed(text, "PROCEDURE", "[dbo].[new]");
            assert_eq!(made, "CREATE PROCEDURE [dbo].[new] @a int AS SELECT 1", "{text}");
        }
    }

    #[test]
    fn what_stands_before_it_stays() {
        let text = "-- CREATE VIEW x\n/* why */ CREATE VIEW v(a) AS SELECT 1";
        let made = renamed(text, "VIEW", "[s].[v]");
        assert_eq!(
            made,
            "-- CREATE VIEW x\n/* why */ CREATE VIEW [s].[v](a) AS SELECT 1"
        );
        assert_eq!(
            or_alter(&made),
            "-- CREATE VIEW x\n/* why */ CREATE OR ALTER VIEW [s].[v](a) AS SELECT 1"
        );
    }

    #[test]
    fn what_is_none_is_left_alone() {
        assert_eq!(renamed("SELECT 1 ", "VIEW", "[v]"), "SELECT 1");
        assert_eq!(or_alter("SELECT 1"), "SELECT 1");
        assert!(cut("CREATE VIEW").is_none());
    }
}
