//! Writing a schema as SQL.
//!
//! Objects in the order of what they need; then foreign keys, which may go in a circle; then whose things are and who may
//! do what. Names are written in full, so that the script does not depend on a search path.

mod alter;
mod indexes;
mod names;
mod objects;
mod policies;
mod rights;
mod rows;
mod tables;

use std::collections::BTreeMap;

use dbvc_engine::diff::{DiffOptions, diff};
use dbvc_engine::driver::{Altered, DdlWriter, RowSql, Written};
use dbvc_engine::schema::{Body, Database, Object, ObjectKey, ObjectKind, Table};
use dbvc_engine::sql::comment;

use names::{full, literal, put, quoted};

/// PostgreSQL's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PostgresDdl;

/// Bodies of functions may name what is made later.
const HEAD: &str = "SET check_function_bodies = off;\n";

impl DdlWriter for PostgresDdl {
    fn create(&self, database: &Database) -> Written {
        let order = diff(
            &Database::new(&database.dialect),
            database,
            DiffOptions::default(),
        );
        let mut script = Script {
            sql: HEAD.to_owned(),
            left_out: Vec::new(),
        };
        let objects = order
            .changes
            .iter()
            .filter_map(|change| Some((&change.object, database.objects.get(&change.object)?)));
        let objects: Vec<(&ObjectKey, &Object)> = objects.collect();
        // An event trigger would run while the rest is made.
        let (last, first): (Vec<_>, Vec<_>) = objects
            .iter()
            .copied()
            .partition(|(key, _)| key.parent.as_deref() == Some("event trigger"));
        for (key, object) in first {
            script.object(key, object, database);
        }
        for (key, object) in &objects {
            script.late(key, object);
        }
        for (key, object) in last {
            script.object(key, object, database);
        }
        rights::write(&mut script, &objects);
        Written {
            sql: script.sql,
            left_out: script.left_out,
        }
    }
    fn alter(&self, before: &Database, after: &Database) -> Option<Altered> {
        Some(alter::alter(before, after))
    }

    fn rows(&self, key: &ObjectKey, table: &Table) -> Option<RowSql> {
        Some(rows::rows(key, table))
    }
}

/// A script while it is written.
pub(crate) struct Script {
    sql: String,
    left_out: Vec<(ObjectKey, String)>,
}

impl Script {
    /// Adds a statement, after an empty line if it is the first about something.
    fn first(&mut self, statement: &str) {
        self.blank();
        self.add(statement);
    }

    /// One empty line, not two.
    fn blank(&mut self) {
        if !self.sql.is_empty() && !self.sql.ends_with("\n\n") {
            self.sql.push('\n');
        }
    }

    fn add(&mut self, statement: &str) {
        self.sql.push_str(statement.trim_end().trim_end_matches(';'));
        self.sql.push_str(";\n");
    }

    /// Says what may go wrong with the next statement.
    fn warn(&mut self, text: &str) {
        put(&mut self.sql, format_args!("{}\n", comment(&format!("{text}."))));
    }

    fn leave_out(&mut self, key: &ObjectKey, reason: &str) {
        let told = comment(&format!("Not written: {key}: {reason}."));
        put(&mut self.sql, format_args!("\n{told}\n"));
        self.left_out.push((key.clone(), reason.to_owned()));
    }

    fn object(&mut self, key: &ObjectKey, object: &Object, database: &Database) {
        match &object.body {
            Body::Schema {} => self.first(&format!("CREATE SCHEMA IF NOT EXISTS {}", quoted(&key.name))),
            Body::Extension(extension) => self.first(&format!(
                "CREATE EXTENSION IF NOT EXISTS {}{} VERSION {}",
                quoted(&key.name),
                extension
                    .installed_in
                    .as_ref()
                    .map(|schema| format!(" WITH SCHEMA {}", quoted(schema)))
                    .unwrap_or_default(),
                literal(&extension.version)
            )),
            Body::Type(body) => objects::made_type(self, key, body),
            Body::Sequence(sequence) => objects::sequence(self, key, object, sequence),
            Body::Table(table) => tables::write(self, key, object, table, database),
            Body::View(view) => objects::view(self, key, object, view),
            Body::Routine(routine) => self.first(&routine.definition),
            Body::Trigger(trigger) => objects::trigger(self, key, object, trigger),
            Body::Other(other) => objects::other(self, key, object, other),
            Body::Event(_) | Body::Synonym(_) => self.leave_out(key, "PostgreSQL has no such thing"),
        }
        if !self.left_out.iter().any(|(left, _)| left == key) {
            self.comment(&comment_place(key, object), object.comment.as_deref());
        }
    }

    /// What can only be said when everything is there.
    fn late(&mut self, key: &ObjectKey, object: &Object) {
        match &object.body {
            Body::Table(table) => tables::foreign_keys(self, key, table),
            Body::Sequence(sequence) => {
                if let Some((schema, table, column)) = &sequence.owned_by {
                    let owner = format!("{}.{}.{}", quoted(schema), quoted(table), quoted(column));
                    self.add(&format!("ALTER SEQUENCE {} OWNED BY {owner}", full(key)));
                }
            }
            _ => {}
        }
    }

    fn comment(&mut self, place: &str, comment: Option<&str>) {
        if let Some(comment) = comment {
            self.add(&format!("COMMENT ON {place} IS {}", literal(comment)));
        }
    }
}

/// How the server's statements name an object.
fn comment_place(key: &ObjectKey, object: &Object) -> String {
    let word = match &object.body {
        Body::Trigger(_) => return objects::trigger_name(key),
        Body::Other(_) => return objects::other_name(key),
        Body::View(view) if view.materialized => "MATERIALIZED VIEW",
        Body::Type(dbvc_engine::schema::TypeBody::Domain { .. }) => "DOMAIN",
        Body::Table(_) if object.options.contains_key("postgres.server") => "FOREIGN TABLE",
        Body::Routine(routine) => match routine.form {
            dbvc_engine::schema::RoutineForm::Function => "FUNCTION",
            dbvc_engine::schema::RoutineForm::Procedure => "PROCEDURE",
            dbvc_engine::schema::RoutineForm::Aggregate => "AGGREGATE",
        },
        _ => match key.kind {
            ObjectKind::Schema => "SCHEMA",
            ObjectKind::Extension => "EXTENSION",
            ObjectKind::Type => "TYPE",
            ObjectKind::Sequence => "SEQUENCE",
            ObjectKind::View => "VIEW",
            _ => "TABLE",
        },
    };
    format!("{word} {}", full(key))
}

/// Storage parameters of one sort: those without a further dot after the prefix that are not told elsewhere.
fn parameters(options: &BTreeMap<String, String>, told: &[&str]) -> Option<String> {
    let listed: Vec<String> = options
        .iter()
        .filter_map(|(name, value)| {
            let name = name.strip_prefix("postgres.")?;
            let toast = name.strip_prefix("toast.");
            let plain = toast.unwrap_or(name);
            let taken = told.contains(&name) || plain.contains('.');
            (!taken).then(|| {
                let prefix = if toast.is_some() { "toast." } else { "" };
                format!("{prefix}{plain} = {}", literal(value))
            })
        })
        .collect();
    (!listed.is_empty()).then(|| listed.join(", "))
}

/// Options of foreign things: `OPTIONS (name 'value')`.
fn foreign_options(options: &BTreeMap<String, String>) -> String {
    let listed: Vec<String> = options
        .iter()
        .filter_map(|(name, value)| {
            let name = name.strip_prefix("postgres.foreign.")?;
            Some(format!("{} {}", quoted(name), literal(value)))
        })
        .collect();
    if listed.is_empty() {
        String::new()
    } else {
        format!(" OPTIONS ({})", listed.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_does_not_leave_its_comment() {
        let key = ObjectKey::new(ObjectKind::Table, "x\nDROP TABLE t; -- \u{2028}");
        let mut object = Object::new(Body::Event(dbvc_engine::schema::Event::default()));
        object.owner = Some("ann\nDROP TABLE t;".to_owned());
        let mut script = Script {
            sql: String::new(),
            left_out: Vec::new(),
        };
        script.warn(&format!("Destroys data: {key}"));
        script.object(&key, &object, &Database::new("postgres"));
        rights::write(&mut script, &[(&key, &object)]);
        let bare = script.sql.lines().filter(|line| !line.starts_with("-- "));
        assert!(bare.into_iter().all(str::is_empty), "{}", script.sql);
        assert_eq!(script.sql.matches("DROP TABLE").count(), 3, "{}", script.sql);
    }
}
