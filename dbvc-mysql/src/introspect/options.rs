//! What stands behind a table's parts: its options and how it is divided.

use std::collections::BTreeMap;

use dbvc_engine::schema::Partitioning;
use dbvc_engine::sql::{Token, TokenKind};

use super::column::option;
use super::cursor::{Cursor, meaning};
use super::place::Place;
use super::text::{decoded, string, unquoted};

/// A table's ending, read.
#[derive(Debug, Default)]
pub(super) struct Ending {
    pub(super) collation: String,
    pub(super) comment: Option<String>,
    pub(super) options: BTreeMap<String, String>,
    pub(super) partitioning: Option<Partitioning>,
}

/// Reads it to its end.
pub(super) fn read(mut cursor: Cursor<'_>, place: &Place) -> Ending {
    let mut ending = Ending {
        collation: place.collation.clone(),
        ..Ending::default()
    };
    while !cursor.is_at_end() {
        if cursor.take(&["PARTITION", "BY"]) {
            let definition = partitioning(cursor.tokens());
            ending.partitioning = Some(Partitioning { definition });
            break;
        }
        if cursor.take(&["WITH", "SYSTEM", "VERSIONING"]) {
            option(&mut ending.options, "system_versioning", "yes");
        } else if cursor.take(&["DEFAULT", "CHARSET"]) {
            cursor.symbol('=');
            ending.collation = place.collation_of(&cursor.name().unwrap_or_default());
        } else if cursor.take(&["COLLATE"]) {
            cursor.symbol('=');
            ending.collation = place.canonical(&cursor.name().unwrap_or_default());
        } else {
            one(&mut cursor, &mut ending);
        }
    }
    ending
}

/// `NAME=value`, with one or more words before it.
fn one(cursor: &mut Cursor<'_>, ending: &mut Ending) {
    let mut words = Vec::new();
    while let Some(token) = cursor.peek() {
        if token.is_symbol('=') || token.is_symbol(',') || (!words.is_empty() && is_value(token)) {
            break;
        }
        words.push(unquoted(token.text).to_lowercase());
        cursor.next();
    }
    cursor.symbol('=');
    let name = words.join("_");
    let from = cursor.offset();
    let text = meaning(cursor);
    if text.is_none() && cursor.list().is_none() {
        cursor.next();
    }
    match (name.as_str(), text) {
        ("comment", text) => ending.comment = text.filter(|text| !text.is_empty()),
        ("auto_increment" | "", _) => {}
        ("connection", Some(text)) => option(&mut ending.options, &name, &string(&without_password(&text))),
        (_, Some(text)) => option(&mut ending.options, &name, &string(&text)),
        _ => option(&mut ending.options, &name, cursor.since(from)),
    }
}

/// What can stand for a value where there is no `=`: `` TABLESPACE `space` ``.
fn is_value(token: &Token<'_>) -> bool {
    matches!(token.kind, TokenKind::String | TokenKind::QuotedName)
}

/// A connection's text without the password in it.
fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else {
        return text.to_owned();
    };
    match rest.rsplit_once('@') {
        Some((login, host)) => {
            let user = login.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}@{host}")
        }
        None => text.to_owned(),
    }
}

/// One spelling: the servers break lines and quote the partitions' names differently, and each partition's engine is the
/// table's.
fn partitioning(tokens: &[Token<'_>]) -> String {
    let mut written = String::new();
    let (mut at, mut in_columns) = (0, false);
    while let Some(token) = tokens.get(at) {
        if token.is_word("ENGINE") {
            at += 2 + usize::from(tokens.get(at + 1).is_some_and(|next| next.is_symbol('=')));
            continue;
        }
        let before = at.checked_sub(1).and_then(|before| tokens.get(before));
        let glued = written.is_empty()
            || written.ends_with('(')
            || token.is_symbol(')')
            || token.is_symbol(',')
            || (token.is_symbol('(') && before.is_some_and(|it| is_function(it)))
            || token.is_symbol('.')
            || written.ends_with('.');
        if !glued {
            written.push(' ');
        }
        let names = before.is_some_and(|it| it.is_word("PARTITION") || it.is_word("SUBPARTITION"));
        if token.is_symbol('(') && before.is_some_and(|it| it.is_word("COLUMNS") || it.is_word("KEY")) {
            in_columns = true;
        } else if token.is_symbol(')') {
            in_columns = false;
        }
        match token.kind {
            TokenKind::Word if in_columns || (names && !token.is_word("BY")) => {
                written = format!("{written}`{}`", token.text);
            }
            TokenKind::String if token.text.starts_with('\'') => {
                written.push_str(&string(&decoded(token.text)));
            }
            _ => written.push_str(token.text),
        }
        at += 1;
    }
    written
}

/// The servers write functions small and keywords large.
fn is_function(token: &Token<'_>) -> bool {
    token.kind == TokenKind::Word && token.text.bytes().any(|byte| byte.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ending(sql: &str) -> Ending {
        read(Cursor::new(sql), &Place::sample())
    }

    #[test]
    fn both_servers_endings_read_alike() {
        let mariadb = ending(
            "ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci COMMENT='what grows'\n \
             PARTITION BY RANGE (year(`sold_on`))\n(PARTITION `p2025` VALUES LESS THAN (2026) ENGINE = InnoDB,\n \
             PARTITION `rest` VALUES LESS THAN MAXVALUE ENGINE = InnoDB)",
        );
        let mysql = ending(
            "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COMMENT='what grows'\n/*!50100 PARTITION BY RANGE \
             (year(`sold_on`))\n(PARTITION p2025 VALUES LESS THAN (2026) ENGINE = InnoDB,\n PARTITION rest VALUES LESS \
             THAN MAXVALUE ENGINE = InnoDB) */",
        );
        assert_eq!(mariadb.options, mysql.options);
        assert_eq!(mariadb.collation, mysql.collation);
        assert_eq!(mariadb.comment, mysql.comment);
        let definition = mysql.partitioning.map(|it| it.definition);
        assert_eq!(
            definition.as_deref(),
            Some(
                "RANGE (year(`sold_on`)) (PARTITION `p2025` VALUES LESS THAN (2026), PARTITION `rest` VALUES LESS THAN \
                 MAXVALUE)"
            )
        );
        assert_eq!(mariadb.partitioning.map(|it| it.definition), definition);
    }

    #[test]
    fn options_are_kept_by_name_and_passwords_are_not() {
        let ending = ending(
            "ENGINE=FEDERATED ROW_FORMAT=COMPRESSED DATA DIRECTORY='/a' `PAGE_COMPRESSED`='ON' UNION=(`a`,`b`) \
             CONNECTION='mysql://ann:secret@far/db/t' /*!50100 TABLESPACE `space` */ WITH SYSTEM VERSIONING",
        );
        let told: Vec<_> = ending
            .options
            .iter()
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        assert_eq!(
            told,
            [
                "mysql.connection 'mysql://ann@far/db/t'",
                "mysql.data_directory '/a'",
                "mysql.engine FEDERATED",
                "mysql.page_compressed 'ON'",
                "mysql.row_format COMPRESSED",
                "mysql.system_versioning yes",
                "mysql.tablespace `space`",
                "mysql.union (`a`,`b`)",
            ]
        );
    }
}
