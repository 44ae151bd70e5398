//! A table, read from the statement that the server writes for it (`SHOW CREATE TABLE`): what it says is all that there
//! is, so that nothing that a table has can be overlooked.

use dbvc_engine::schema::{Body, Object, Table};
use dbvc_engine::sql::TokenKind;

use super::column::{self, option};
use super::cursor::Cursor;
use super::options;
use super::part;
use super::place::Place;

/// Reads one; none where it is no statement that makes a table.
pub(super) fn read(name: &str, sql: &str, place: &Place) -> Option<Object> {
    let mut cursor = Cursor::new(sql);
    cursor.take(&["CREATE", "TABLE"]).then_some(())?;
    cursor.name()?;
    let items = cursor.list()?.items();
    let ending = options::read(cursor, place);
    let mut table = Table {
        partitioning: ending.partitioning,
        ..Table::default()
    };
    let mut object_options = ending.options;
    let mut conditions = Vec::new();
    let mut unknown = Vec::new();
    for mut item in items {
        if item
            .peek()
            .is_some_and(|token| token.kind == TokenKind::QuotedName)
        {
            let mut read = column::read(item, place, &ending.collation);
            read.column.position = u32::try_from(table.columns.len() + 1).unwrap_or(u32::MAX);
            conditions.extend(read.check.map(|check| (read.name.clone(), check)));
            table.columns.insert(read.name, read.column);
        } else if item.take(&["PERIOD", "FOR"]) {
            let period = item.name().unwrap_or_default();
            let between = item.list().map(|list| list.rest().to_owned());
            option(
                &mut object_options,
                &format!("period.{period}"),
                &between.unwrap_or_default(),
            );
        } else {
            let whole = item.rest();
            if !part::read(&mut item, &mut table, name, place) {
                unknown.push(whole);
            }
        }
    }
    for (column, condition) in conditions {
        part::add_column_check(&mut table.checks, &column, condition);
    }
    part::mark_made_up(&mut table);
    if !unknown.is_empty() {
        option(&mut object_options, "more", &unknown.join(", "));
    }
    option(&mut object_options, "collation", &ending.collation);
    let mut object = Object::new(Body::Table(table));
    object.comment = ending.comment;
    object.options = object_options;
    Some(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MARIADB: &str = "CREATE TABLE `plants` (\n  `id` int(11) NOT NULL AUTO_INCREMENT,\n  `name` varchar(40) NOT \
        NULL,\n  `pot` bigint(20) DEFAULT NULL,\n  PRIMARY KEY (`id`),\n  UNIQUE KEY `name` (`name`(10),`pot` DESC) \
        COMMENT 'x' IGNORED,\n  KEY `spare` (`pot`),\n  FULLTEXT KEY `words` (`name`),\n  CONSTRAINT `plants_ibfk_1` \
        FOREIGN KEY (`pot`) REFERENCES `pots` (`id`) ON DELETE CASCADE,\n  CONSTRAINT `spare` FOREIGN KEY (`pot`) \
        REFERENCES `far`.`pots` (`id`) ON UPDATE NO ACTION,\n  CONSTRAINT `named` CHECK (`name` <> '')\n) ENGINE=InnoDB \
        DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci";
    const MYSQL: &str = "CREATE TABLE `plants` (\n  `id` int NOT NULL AUTO_INCREMENT,\n  `name` varchar(40) NOT NULL,\n  \
        `pot` bigint DEFAULT NULL,\n  PRIMARY KEY (`id`),\n  UNIQUE KEY `name` (`name`(10),`pot` DESC) COMMENT 'x' \
        /*!80000 INVISIBLE */,\n  KEY `spare` (`pot`),\n  FULLTEXT KEY `words` (`name`),\n  CONSTRAINT `plants_ibfk_1` \
        FOREIGN KEY (`pot`) REFERENCES `pots` (`id`) ON DELETE CASCADE,\n  CONSTRAINT `spare` FOREIGN KEY (`pot`) \
        REFERENCES `far`.`pots` (`id`),\n  CONSTRAINT `named` CHECK ((`name` <> _utf8mb4''))\n) ENGINE=InnoDB DEFAULT \
        CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci";

    #[test]
    fn the_same_table_reads_the_same_on_both_servers() {
        let place = Place::sample();
        let mariadb = read("plants", MARIADB, &place).expect("a table");
        assert_eq!(Some(&mariadb), read("plants", MYSQL, &place).as_ref());
        let Body::Table(table) = mariadb.body else {
            panic!("no table")
        };
        assert_eq!(table.keys["name"].parts[0].prefix, Some(10));
        assert!(table.keys["name"].parts[1].descending && table.keys["name"].generated_name);
        assert_eq!(table.indexes["words"].method, "fulltext");
        assert!(table.indexes["spare"].generated_name);
        assert_eq!(
            table.foreign_keys["spare"].references.schema.as_deref(),
            Some("far")
        );
        assert!(table.foreign_keys["plants_ibfk_1"].generated_name);
        assert_eq!(table.checks["named"].expression, "`name` <> ''");
    }

    #[test]
    fn what_is_no_table_is_none_and_what_is_unknown_is_kept() {
        let place = Place::sample();
        assert!(read("v", "CREATE VIEW `v` AS select 1", &place).is_none());
        let sql = "CREATE TABLE `t` (\n  `a` int,\n  PERIOD FOR `used` (`a`, `b`),\n  STRANGE THING (`a`)\n) ENGINE=X";
        let options = read("t", sql, &place).expect("a table").options;
        assert_eq!(options["mysql.period.used"], "`a`, `b`");
        assert_eq!(options["mysql.more"], "STRANGE THING (`a`)");
    }
}
