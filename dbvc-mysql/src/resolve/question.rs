//! What to ask the catalogue of each kind of statement, and what its answer means.

use std::fmt;

use super::reader::Reader;
use crate::record::literal;
use crate::statement::{Word, words};

/// What is asked.
pub(super) type Question = dbvc_engine::driver::Question<Thing>;

/// Something in the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Thing {
    kind: Kind,
    /// The database it is in; the session's where the statement names none.
    database: Option<String>,
    /// The table that it belongs to.
    table: String,
    name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Table,
    View,
    Index,
    Column,
    Procedure,
    Function,
    Trigger,
    Event,
    Database,
}

pub(super) fn about(sql: &str) -> Question {
    let words = words(sql);
    let mut reader = Reader { words: &words };
    let asked = if reader.take("CREATE") {
        create(&mut reader)
    } else if reader.take("DROP") {
        drop_of(&mut reader)
    } else if reader.take("ALTER") {
        alter(&mut reader)
    } else if reader.take("RENAME") {
        rename(&mut reader)
    } else {
        repeatable(&words)
    };
    asked.unwrap_or_else(|| {
        let head: Vec<&str> = words.iter().take(2).map(|word| word.text.as_str()).collect();
        Question::Nowhere(format!(
            "no session runs it any more; the catalogue does not show whether `{}` took effect",
            head.join(" ")
        ))
    })
}

impl Thing {
    /// The query to ask: it gives a number.
    pub(super) fn sql(&self) -> String {
        let database = self
            .database
            .as_deref()
            .map_or_else(|| "DATABASE()".to_owned(), literal);
        let (name, table) = (literal(&self.name), literal(&self.table));
        let (from, filter) = match self.kind {
            Kind::Table => (
                "tables",
                format!("table_schema = {database} AND table_name = {name} AND table_type <> 'VIEW'"),
            ),
            Kind::View => (
                "tables",
                format!("table_schema = {database} AND table_name = {name} AND table_type = 'VIEW'"),
            ),
            Kind::Index => (
                "statistics",
                format!("table_schema = {database} AND table_name = {table} AND index_name = {name}"),
            ),
            Kind::Column => (
                "columns",
                format!("table_schema = {database} AND table_name = {table} AND column_name = {name}"),
            ),
            Kind::Procedure | Kind::Function => {
                let kind = if self.kind == Kind::Procedure {
                    "PROCEDURE"
                } else {
                    "FUNCTION"
                };
                (
                    "routines",
                    format!(
                        "routine_schema = {database} AND routine_name = {name} AND routine_type = '{kind}'"
                    ),
                )
            }
            Kind::Trigger => (
                "triggers",
                format!("trigger_schema = {database} AND trigger_name = {name}"),
            ),
            Kind::Event => (
                "events",
                format!("event_schema = {database} AND event_name = {name}"),
            ),
            Kind::Database => ("schemata", format!("schema_name = {name}")),
        };
        format!("SELECT COUNT(*) FROM information_schema.{from} WHERE {filter}")
    }
}

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Table => "table",
            Kind::View => "view",
            Kind::Index => "index",
            Kind::Column => "column",
            Kind::Procedure => "procedure",
            Kind::Function => "function",
            Kind::Trigger => "trigger",
            Kind::Event => "event",
            Kind::Database => "database",
        };
        match self.kind {
            Kind::Index | Kind::Column => write!(f, "{kind} {} of {}", self.name, self.table),
            _ => write!(f, "{kind} {}", self.name),
        }
    }
}

fn presence(kind: Kind, (database, name): (Option<String>, String), makes: bool) -> Question {
    let thing = Thing {
        kind,
        database,
        table: String::new(),
        name,
    };
    Question::Presence { thing, makes }
}

/// The kind of what is made or dropped by its own name.
fn kind(reader: &mut Reader<'_>) -> Option<Kind> {
    const KINDS: [(&str, Kind); 8] = [
        ("TABLE", Kind::Table),
        ("VIEW", Kind::View),
        ("PROCEDURE", Kind::Procedure),
        ("FUNCTION", Kind::Function),
        ("TRIGGER", Kind::Trigger),
        ("EVENT", Kind::Event),
        ("DATABASE", Kind::Database),
        ("SCHEMA", Kind::Database),
    ];
    KINDS
        .iter()
        .find(|(word, _)| reader.take(word))
        .map(|(_, kind)| *kind)
}

fn create(reader: &mut Reader<'_>) -> Option<Question> {
    if reader.take("OR") {
        return Some(Question::Repeatable(
            "it replaces what is there, which can be repeated",
        ));
    }
    reader.options();
    reader.any(&["UNIQUE", "FULLTEXT", "SPATIAL", "AGGREGATE"]);
    if reader.take("INDEX") {
        return index(reader, true);
    }
    let kind = kind(reader)?;
    if reader.take("IF") {
        return Some(Question::Repeatable(
            "it makes what is not there, which can be repeated",
        ));
    }
    Some(presence(kind, reader.full_name()?, true))
}

/// `INDEX name ON table`, also behind `IF [NOT] EXISTS` (MariaDB).
fn index(reader: &mut Reader<'_>, makes: bool) -> Option<Question> {
    if reader.take("IF") {
        return Some(Question::Repeatable("it looks for itself, so it can be repeated"));
    }
    let name = reader.name()?;
    if reader.take("USING") {
        reader.name()?;
    }
    if !reader.take("ON") {
        return None;
    }
    let (database, table) = reader.full_name()?;
    let thing = Thing {
        kind: Kind::Index,
        database,
        table,
        name,
    };
    Some(Question::Presence { thing, makes })
}

fn drop_of(reader: &mut Reader<'_>) -> Option<Question> {
    if reader.take("INDEX") {
        return index(reader, false);
    }
    let kind = kind(reader)?;
    if reader.take("IF") {
        return Some(Question::Repeatable(
            "it drops what is there, which can be repeated",
        ));
    }
    let name = reader.full_name()?;
    // Of several, a break may have left some (MySQL before 8.0).
    reader.any(&["RESTRICT", "CASCADE"]);
    reader.is_at_end().then(|| presence(kind, name, false))
}

/// `ALTER TABLE t` with one change whose effect can be seen.
fn alter(reader: &mut Reader<'_>) -> Option<Question> {
    reader.any(&["ONLINE", "IGNORE"]);
    if !reader.take("TABLE") {
        return None;
    }
    let (database, table) = reader.full_name()?;
    if reader.has_list() {
        return None;
    }
    let thing = |kind, name| Thing {
        kind,
        database: database.clone(),
        table: table.clone(),
        name,
    };
    let makes = if reader.take("ADD") {
        true
    } else if reader.take("DROP") {
        false
    } else {
        return rename_to(reader);
    };
    let is_index = ["UNIQUE", "FULLTEXT", "SPATIAL"]
        .iter()
        .any(|word| reader.take(word));
    let is_key = reader.take("INDEX") || reader.take("KEY");
    let kind = if is_index || is_key {
        if reader.take("USING") {
            return None;
        }
        Kind::Index
    } else if reader.take("COLUMN") {
        Kind::Column
    } else {
        const OTHERS: [&str; 8] = [
            "PRIMARY",
            "FOREIGN",
            "CONSTRAINT",
            "CHECK",
            "PARTITION",
            "PERIOD",
            "SYSTEM",
            "VECTOR",
        ];
        if OTHERS.iter().any(|other| reader.take(other)) {
            return None;
        }
        Kind::Column
    };
    if reader.take("IF") {
        return Some(Question::Repeatable("it looks for itself, so it can be repeated"));
    }
    let name = reader.name()?;
    Some(Question::Presence {
        thing: thing(kind, name),
        makes,
    })
}

/// `RENAME TO name`: the new name is there.
fn rename_to(reader: &mut Reader<'_>) -> Option<Question> {
    if !reader.take("RENAME") || !(reader.take("TO") || reader.take("AS")) {
        return None;
    }
    Some(presence(Kind::Table, reader.full_name()?, true))
}

fn rename(reader: &mut Reader<'_>) -> Option<Question> {
    if !reader.take("TABLE") || reader.has_list() {
        return None;
    }
    reader.full_name()?;
    if !reader.take("TO") {
        return None;
    }
    Some(presence(Kind::Table, reader.full_name()?, true))
}

fn repeatable(words: &[Word]) -> Option<Question> {
    let first = words.first()?;
    let told = [
        "ANALYZE", "OPTIMIZE", "REPAIR", "CHECK", "FLUSH", "GRANT", "TRUNCATE", "UNLOCK",
    ];
    told.iter()
        .any(|word| first.is(word))
        .then_some(Question::Repeatable("it can be repeated"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(sql: &str) -> String {
        match about(sql) {
            Question::Presence { thing, makes } => format!("{thing} {makes}"),
            Question::Repeatable(_) => "repeatable".into(),
            Question::Nowhere(_) => "nowhere".into(),
        }
    }

    #[test]
    fn what_a_statement_makes_or_drops_is_read_from_its_words() {
        for (sql, expected) in [
            ("CREATE TABLE `a b`.t (x INT, y INT)", "table t true"),
            ("create unique index i on db.t (a)", "index i of t true"),
            (
                "/*!50003 CREATE*/ /*!50017 DEFINER=`r`@`l`*/ /*!50003 TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET @a=1 */",
                "trigger g true",
            ),
            (
                "CREATE DEFINER = CURRENT_USER() SQL SECURITY INVOKER VIEW v AS SELECT 1",
                "view v true",
            ),
            ("CREATE OR REPLACE VIEW v AS SELECT 1", "repeatable"),
            ("CREATE TABLE IF NOT EXISTS t (a INT)", "repeatable"),
            ("DROP TABLE t", "table t false"),
            ("DROP TABLE t, u", "nowhere"),
            ("DROP INDEX i ON t", "index i of t false"),
            (
                "ALTER TABLE t ADD COLUMN c DECIMAL(10,2) NOT NULL",
                "column c of t true",
            ),
            ("ALTER TABLE t ADD c INT", "column c of t true"),
            ("ALTER TABLE t DROP COLUMN c", "column c of t false"),
            ("ALTER TABLE t ADD INDEX i (a, b)", "index i of t true"),
            ("ALTER TABLE t ADD UNIQUE email (email)", "index email of t true"),
            ("ALTER TABLE t ADD FULLTEXT KEY f (a)", "index f of t true"),
            ("ALTER TABLE t ADD UNIQUE (email)", "nowhere"),
            ("ALTER TABLE t ADD PERIOD FOR SYSTEM_TIME (a, b)", "nowhere"),
            ("ALTER TABLE t ADD c INT, ADD d INT", "nowhere"),
            ("ALTER TABLE t ADD CONSTRAINT x CHECK (a > 0)", "nowhere"),
            ("ALTER TABLE t RENAME TO u", "table u true"),
            ("RENAME TABLE t TO u", "table u true"),
            ("ALTER TABLE t MODIFY a BIGINT", "nowhere"),
            ("INSERT INTO t VALUES (1)", "nowhere"),
        ] {
            assert_eq!(shown(sql), expected, "{sql}");
        }
    }
}
