//! A column, as the server writes it.

use std::collections::BTreeMap;

use dbvc_engine::schema::{Column, DataType, Generated, Identity, TypeFamily};
use dbvc_engine::sql::TokenKind;

use super::cursor::{Cursor, meaning};
use super::datatype::{self, is_number};
use super::place::Place;
use super::text::{decoded, expression, string};

/// What stands there of a column.
#[derive(Debug, Default)]
pub(super) struct ReadColumn {
    pub(super) name: String,
    pub(super) column: Column,
    /// A condition that belongs to the column alone (MariaDB).
    pub(super) check: Option<String>,
}

/// Reads one. `collation` is the table's.
pub(super) fn read(mut cursor: Cursor<'_>, place: &Place, collation: &str) -> ReadColumn {
    let mut read = ReadColumn {
        name: cursor.name().unwrap_or_default(),
        ..ReadColumn::default()
    };
    read.column.nullable = true;
    read.column.data_type = datatype::read(&mut cursor);
    let mut unknown = Vec::new();
    while !cursor.is_at_end() {
        if !attribute(&mut cursor, &mut read, place)
            && let Some(token) = cursor.next()
        {
            unknown.push(token.text);
        }
    }
    if !unknown.is_empty() {
        option(&mut read.column.options, "more", &unknown.join(" "));
    }
    fold_json(&mut read, collation);
    if read.column.collation.as_deref() == Some(collation) {
        read.column.collation = None;
    }
    read
}

pub(super) fn option(options: &mut BTreeMap<String, String>, name: &str, value: &str) {
    options.insert(format!("mysql.{name}"), value.to_owned());
}

/// Takes one attribute; false where it is none that is known.
fn attribute(cursor: &mut Cursor<'_>, read: &mut ReadColumn, place: &Place) -> bool {
    let column = &mut read.column;
    if cursor.take(&["NOT", "NULL"]) {
        column.nullable = false;
    } else if cursor.take(&["NULL"]) {
        column.nullable = true;
    } else if cursor.take(&["CHARACTER", "SET"]) {
        let charset = cursor.name().unwrap_or_default();
        column.collation = Some(place.collation_of(&charset));
    } else if cursor.take(&["COLLATE"]) {
        column.collation = cursor.name().map(|name| place.canonical(&name));
    } else if cursor.take(&["DEFAULT"]) {
        column.default = default(cursor, &column.data_type, place);
    } else if cursor.take(&["ON", "UPDATE"]) {
        let value = default(cursor, &column.data_type, place).unwrap_or_default();
        option(&mut column.options, "on_update", &value);
    } else if cursor.take(&["AUTO_INCREMENT"]) {
        column.identity = Some(Identity::default());
    } else if cursor.take(&["COMMENT"]) {
        column.comment = meaning(cursor).filter(|text| !text.is_empty());
    } else if cursor.take(&["INVISIBLE"]) {
        option(&mut column.options, "invisible", "yes");
    } else if cursor.take(&["WITHOUT", "SYSTEM", "VERSIONING"]) {
        option(&mut column.options, "versioning", "without");
    } else if cursor.take(&["CHECK"]) {
        let condition = cursor.list();
        read.check = condition.map(|condition| expression(condition.rest(), &place.database));
    } else if cursor.take(&["SRID"]) {
        let number = cursor.name().unwrap_or_default();
        option(&mut column.options, "srid", &number);
    } else {
        return generated(cursor, column, place);
    }
    true
}

fn generated(cursor: &mut Cursor<'_>, column: &mut Column, place: &Place) -> bool {
    if cursor.take(&["GENERATED", "ALWAYS", "AS", "ROW"]) {
        let end = cursor.name().unwrap_or_default().to_lowercase();
        option(&mut column.options, "row", &end);
        return true;
    }
    if !cursor.take(&["GENERATED", "ALWAYS", "AS"]) && !cursor.take(&["AS"]) {
        return false;
    }
    let Some(list) = cursor.list() else { return false };
    let stored = cursor.take(&["STORED"]) || cursor.take(&["PERSISTENT"]);
    if !stored {
        cursor.take(&["VIRTUAL"]);
    }
    column.generated = Some(Generated {
        expression: expression(list.rest(), &place.database),
        stored,
    });
    true
}

/// Takes what stands in for a value that is not given; none for NULL, which needs no word.
fn default(cursor: &mut Cursor<'_>, data_type: &DataType, place: &Place) -> Option<String> {
    let from = cursor.offset();
    let is_list = cursor.peek().is_some_and(|token| token.is_symbol('('));
    if is_list {
        cursor.list();
        return Some(expression(cursor.since(from), &place.database));
    }
    if cursor.symbol('-') || cursor.symbol('+') {
        cursor.next();
        return Some(cursor.since(from).to_owned());
    }
    let token = cursor.next()?;
    if token.kind == TokenKind::String && token.text.starts_with('\'') {
        return Some(literal(&decoded(token.text), data_type));
    }
    let end = from + token.text.len();
    let touches = |cursor: &Cursor<'_>| cursor.offset() == end;
    if touches(cursor) && cursor.peek().is_some_and(|next| next.kind == TokenKind::String) {
        // `b'0'`, `_utf8mb4'a'`.
        cursor.next();
    } else if cursor.peek().is_some_and(|next| next.is_symbol('(')) {
        cursor.list();
    }
    let written = cursor.since(from);
    if written.eq_ignore_ascii_case("null") {
        return None;
    }
    Some(now(written).unwrap_or_else(|| expression(written, &place.database)))
}

fn literal(text: &str, data_type: &DataType) -> String {
    let is_plain = !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    if is_plain && is_number(data_type) {
        text.to_owned()
    } else {
        string(text)
    }
}

/// The present moment: MySQL writes `CURRENT_TIMESTAMP(6)`, MariaDB `current_timestamp(6)` and `current_timestamp()`.
fn now(written: &str) -> Option<String> {
    let word = "CURRENT_TIMESTAMP";
    let digits = match written.get(..word.len()) {
        Some(first) if first.eq_ignore_ascii_case(word) => written[word.len()..].trim(),
        _ => return None,
    };
    match digits {
        "" | "()" => Some(word.to_owned()),
        digits => Some(format!("{word}{digits}")),
    }
}

/// MariaDB has no type for JSON; it keeps a text with a condition (Knowledge base, "JSON Data Type").
fn fold_json(read: &mut ReadColumn, of_table: &str) {
    let condition = format!("json_valid(`{}`)", read.name.replace('`', "``"));
    if read.column.data_type.raw == "longtext"
        && read.column.collation.as_deref().unwrap_or(of_table) == "utf8mb4_bin"
        && read.check.as_ref() == Some(&condition)
    {
        read.column.data_type = DataType::new(TypeFamily::Json, "json");
        read.column.collation = None;
        read.check = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(sql: &str) -> ReadColumn {
        let place = Place::sample();
        read(Cursor::new(sql), &place, "utf8mb4_general_ci")
    }

    #[test]
    fn what_means_the_same_reads_the_same_on_both_servers() {
        for (mysql, mariadb) in [
            ("`n` int NOT NULL DEFAULT '3'", "`n` int(11) NOT NULL DEFAULT 3"),
            ("`n` int DEFAULT '-3'", "`n` int(11) DEFAULT -3"),
            (
                "`d` decimal(10,2) DEFAULT '0.50'",
                "`d` decimal(10,2) DEFAULT 0.50",
            ),
            (
                "`at` datetime(6) DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6)",
                "`at` datetime(6) DEFAULT current_timestamp(6) ON UPDATE current_timestamp(6)",
            ),
            (
                "`at` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP",
                "`at` timestamp NOT NULL DEFAULT current_timestamp()",
            ),
            (
                "`at` timestamp NULL DEFAULT NULL",
                "`at` timestamp NULL DEFAULT NULL",
            ),
            (
                "`u` varchar(36) DEFAULT (uuid())",
                "`u` varchar(36) DEFAULT uuid()",
            ),
            ("`t` text DEFAULT (_utf8mb4'x')", "`t` text DEFAULT 'x'"),
            (
                "`j` json DEFAULT NULL",
                "`j` longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin DEFAULT NULL CHECK (json_valid(`j`))",
            ),
            (
                "`l` varchar(80) GENERATED ALWAYS AS (concat(`a`,_utf8mb4' ')) STORED",
                "`l` varchar(80) GENERATED ALWAYS AS (concat(`a`,' ')) STORED",
            ),
            (
                "`h` int DEFAULT '1' /*!80023 INVISIBLE */",
                "`h` int(11) INVISIBLE DEFAULT 1",
            ),
            (
                "`c` varchar(9) CHARACTER SET utf8mb3 COLLATE utf8mb3_bin DEFAULT NULL",
                "`c` varchar(9) CHARACTER SET utf8 COLLATE utf8_bin DEFAULT NULL",
            ),
            ("`b` bit(1) DEFAULT b'0'", "`b` bit(1) DEFAULT b'0'"),
        ] {
            assert_eq!(column(mysql).column, column(mariadb).column, "{mysql}");
        }
    }

    #[test]
    fn every_attribute_has_its_place_and_what_is_unknown_is_kept() {
        let read = column(
            "`a` varchar(9) CHARACTER SET latin1 NOT NULL DEFAULT 'it''s' COMMENT 'in\\nLatin' CHECK (`a` <> 'x') \
             COLUMN_FORMAT DYNAMIC",
        );
        assert_eq!(read.column.collation.as_deref(), Some("latin1_swedish_ci"));
        assert_eq!(read.column.default.as_deref(), Some("'it''s'"));
        assert_eq!(read.column.comment.as_deref(), Some("in\nLatin"));
        assert_eq!(read.check.as_deref(), Some("`a` <> 'x'"));
        assert_eq!(read.column.options["mysql.more"], "COLUMN_FORMAT DYNAMIC");
        let read = column("`s` timestamp(6) GENERATED ALWAYS AS ROW START INVISIBLE");
        assert_eq!(read.column.options["mysql.row"], "start");
        assert!(column("`p` point NOT NULL /*!80003 SRID 4326 */").column.options["mysql.srid"] == "4326");
        assert!(
            column("`id` int NOT NULL AUTO_INCREMENT")
                .column
                .identity
                .is_some()
        );
    }
}
