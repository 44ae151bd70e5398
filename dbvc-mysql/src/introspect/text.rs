//! One spelling for names, strings and expressions, whichever of the two servers writes them.

use dbvc_engine::sql::{Dialect, Token, TokenKind, tokens};

/// A name without its quotes.
pub(super) fn unquoted(name: &str) -> String {
    match name.as_bytes().first() {
        Some(b'`') if name.len() > 1 => name[1..name.len() - 1].replace("``", "`"),
        // So a server writes it under a mode of Oracle's.
        Some(b'"') if name.len() > 1 => name[1..name.len() - 1].replace("\"\"", "\""),
        Some(b'\'') => decoded(name),
        _ => name.to_owned(),
    }
}

/// What a string means (manual, "String Literals").
pub(super) fn decoded(literal: &str) -> String {
    let Some(inner) = literal
        .strip_prefix('\'')
        .and_then(|inner| inner.strip_suffix('\''))
    else {
        return literal.to_owned();
    };
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner.chars();
    while let Some(letter) = rest.next() {
        if letter == '\'' {
            // The second of two.
            rest.next();
            text.push('\'');
        } else if letter == '\\' {
            match rest.next() {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('r') => text.push('\r'),
                Some('0') => text.push('\0'),
                Some('b') => text.push('\u{8}'),
                Some('Z') => text.push('\u{1a}'),
                // Only a pattern makes something of these.
                Some(wild @ ('%' | '_')) => text.extend(['\\', wild]),
                Some(other) => text.push(other),
                None => text.push('\\'),
            }
        } else {
            text.push(letter);
        }
    }
    text
}

/// A text as a string of SQL.
pub(crate) fn string(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('\'');
    for letter in text.chars() {
        match letter {
            '\'' => literal.push_str("''"),
            '\\' => literal.push_str("\\\\"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\0' => literal.push_str("\\0"),
            '\u{1a}' => literal.push_str("\\Z"),
            other => literal.push(other),
        }
    }
    literal.push('\'');
    literal
}

/// An expression: strings in one spelling and without the character set that MySQL writes before each, names without the
/// database that they are in, and no parentheses around the whole.
pub(super) fn expression(sql: &str, database: &str) -> String {
    let tokens: Vec<Token<'_>> = tokens(sql, &Dialect::MYSQL)
        .filter(|token| token.kind != TokenKind::Comment)
        .collect();
    let mut written = String::with_capacity(sql.len());
    let (mut end, mut at) = (0, 0);
    while let Some(token) = tokens.get(at) {
        let space = if end == 0 { "" } else { &sql[end..token.offset] };
        let skipped = left_out(&tokens, at, database);
        written.push_str(space);
        if skipped == 0 {
            if token.kind == TokenKind::String {
                written.push_str(&one_spelling(token.text));
            } else {
                written.push_str(token.text);
            }
            end = token.offset + token.text.len();
            at += 1;
        } else {
            at += skipped;
            end = tokens.get(at).map_or(sql.len(), |next| next.offset);
        }
    }
    bare(&written).to_owned()
}

fn one_spelling(literal: &str) -> String {
    let plain = literal.strip_prefix("_utf8mb4").unwrap_or(literal).trim_start();
    if plain.starts_with('\'') {
        string(&decoded(plain))
    } else {
        literal.to_owned()
    }
}

/// How many tokens from here on are not to be written.
fn left_out(tokens: &[Token<'_>], at: usize, database: &str) -> usize {
    let token = &tokens[at];
    let next = tokens.get(at + 1);
    if token.is_word("_utf8mb4") && next.is_some_and(|next| next.text.starts_with('\'')) {
        return 1;
    }
    if token.kind != TokenKind::QuotedName
        || unquoted(token.text) != database
        || at.checked_sub(1).is_some_and(|it| tokens[it].is_symbol('.'))
    {
        return 0;
    }
    let mut length = 1;
    while tokens
        .get(at + 2 * length - 1)
        .is_some_and(|it| it.is_symbol('.'))
    {
        length += 1;
    }
    // `a`.`b` may also be the column of an alias that is called as the database is.
    let is_object = || {
        let follows = tokens.get(at + 2 * length - 1);
        follows.is_some_and(|it| it.is_symbol('(')) || stands_for_relation(tokens, at)
    };
    if length == 3 || (length == 2 && is_object()) {
        2
    } else {
        0
    }
}

/// Whether a table, view or sequence is named here.
pub(super) fn stands_for_relation(tokens: &[Token<'_>], at: usize) -> bool {
    let before = tokens[..at].iter().rev().find(|token| !token.is_symbol('('));
    before.is_some_and(|token| {
        ["from", "join", "straight_join", "nextval", "lastval", "setval"]
            .iter()
            .any(|word| token.is_word(word))
    })
}

/// Without parentheses around the whole.
fn bare(sql: &str) -> &str {
    let mut sql = sql.trim();
    while sql.starts_with('(') && closes_last(sql) {
        sql = sql[1..sql.len() - 1].trim();
    }
    sql
}

fn closes_last(sql: &str) -> bool {
    let mut depth = 0_usize;
    for token in tokens(sql, &Dialect::MYSQL) {
        if token.is_symbol('(') {
            depth += 1;
        } else if token.is_symbol(')') {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return token.offset + 1 == sql.len();
            }
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_read_alike_however_they_are_escaped() {
        for (written, meant) in [
            ("'it''s'", "it's"),
            ("'it\\'s'", "it's"),
            ("'a\\\\b\\n'", "a\\b\n"),
            ("'5\\%'", "5\\%"),
            ("''", ""),
        ] {
            assert_eq!(decoded(written), meant);
            assert_eq!(decoded(&string(meant)), meant);
        }
    }

    #[test]
    fn an_expression_has_one_spelling() {
        for (written, one) in [
            ("(`name` <> _utf8mb4'')", "`name` <> ''"),
            ("`name` <> ''", "`name` <> ''"),
            ("((`a` > 0) and (`b` > 0))", "(`a` > 0) and (`b` > 0)"),
            ("(`a`) + (`b`)", "(`a`) + (`b`)"),
            ("concat(`a`, _utf8mb4'it\\'s')", "concat(`a`, 'it''s')"),
            ("nextval(`shop`.`numbers`)", "nextval(`numbers`)"),
            ("_latin1'a'", "_latin1'a'"),
        ] {
            assert_eq!(expression(written, "shop"), one);
        }
    }

    #[test]
    fn only_the_own_database_goes_from_names_and_no_alias_does() {
        let query = "select `shop`.`plants`.`id` AS `id`,`shop`.`name` AS `name` from (`shop`.`plants` join `far`.`pots` \
                     `shop`) where `shop`.`water`(`shop`.`id`)";
        assert_eq!(
            expression(query, "shop"),
            "select `plants`.`id` AS `id`,`shop`.`name` AS `name` from (`plants` join `far`.`pots` `shop`) where \
             `water`(`shop`.`id`)"
        );
    }
}
