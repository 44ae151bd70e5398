//! Writing a schema as T-SQL.
//!
//! Objects in the order of what they need; then foreign keys, which may go in a circle; then whose things are, who may do
//! what, and what people wrote about them. Every name is in brackets and has its schema, so that the script depends on
//! nobody's default schema.

mod alter;
pub(crate) mod head;
mod indexes;
mod lookup;
pub(crate) mod names;
mod notes;
mod objects;
mod rights;
mod rows;
mod script;
mod tables;
#[cfg(test)]
mod tests;
pub(crate) mod unwritten;

use std::collections::BTreeMap;

use dbvc_engine::diff::{DiffOptions, diff};
use dbvc_engine::driver::{Altered, DdlWriter, RowSql, Written};
use dbvc_engine::schema::{Body, Database, Object, ObjectKey, ObjectKind, Table};

use script::Script;

/// SQL Server's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MsSqlDdl;

/// The schema that every database has.
const DBO: &str = "dbo";

impl DdlWriter for MsSqlDdl {
    fn create(&self, database: &Database) -> Written {
        let mut script = Script::with_head();
        let objects: Vec<(&ObjectKey, &Object)> = in_order(database)
            .into_iter()
            .filter_map(|key| database.objects.get_key_value(key))
            .collect();
        // A trigger of the database would run while the rest is made.
        let (last, first): (Vec<_>, Vec<_>) = objects.iter().copied().partition(|(key, _)| is_last(key));
        for (key, object) in &first {
            self::create(&mut script, key, object);
        }
        for (key, object) in &objects {
            if let Body::Table(table) = &object.body
                && !script.has_left_out(key)
            {
                for (name, it) in &table.foreign_keys {
                    tables::add_foreign_key(&mut script, key, name, it);
                }
            }
        }
        rights::owners(&mut script, &objects);
        for (key, object) in &objects {
            if !script.has_left_out(key) {
                rights::of_object(&mut script, key, object);
                notes::of_object(&mut script, key, object);
            }
        }
        for (key, object) in &last {
            self::create(&mut script, key, object);
        }
        script.finish()
    }

    fn alter(&self, before: &Database, after: &Database) -> Option<Altered> {
        Some(alter::alter(before, after))
    }

    fn rows(&self, key: &ObjectKey, table: &Table) -> Option<RowSql> {
        Some(rows::rows(key, table))
    }
}

/// Whether it would run, or hinder, while the rest is made.
fn is_last(key: &ObjectKey) -> bool {
    key.kind == ObjectKind::Trigger && key.schema.is_none()
}

/// An order in which all can be made.
fn in_order(database: &Database) -> Vec<&ObjectKey> {
    let all = diff(
        &Database::new(&database.dialect),
        database,
        DiffOptions::default(),
    );
    let keys = all.changes.iter().map(|change| &change.object);
    keys.filter_map(|key| Some(database.objects.get_key_value(key)?.0))
        .collect()
}

/// What makes one object; of a table all but its foreign keys.
fn create(script: &mut Script, key: &ObjectKey, object: &Object) {
    match &object.body {
        Body::Schema {} if key.name == DBO => {}
        Body::Schema {} => objects::schema(script, key),
        Body::Type(body) => objects::made_type(script, key, object, body),
        Body::Sequence(sequence) => objects::sequence(script, key, object, sequence),
        Body::Table(table) => tables::create(script, key, object, table),
        Body::View(view) => {
            objects::program(script, key, object, &view.definition);
            if !script.has_left_out(key) {
                for (name, it) in indexes::in_order(&view.indexes) {
                    indexes::create(script, key, name, it);
                }
            }
        }
        Body::Routine(routine) => objects::program(script, key, object, &routine.definition),
        Body::Trigger(trigger) => objects::trigger(script, key, object, &trigger.definition),
        Body::Synonym(synonym) => script.first(&format!(
            "CREATE SYNONYM {} FOR {}",
            names::full(key),
            synonym.target
        )),
        Body::Other(other) => objects::other(script, key, object, other),
        Body::Extension(_) | Body::Event(_) => script.leave_out(key, "SQL Server has no such thing"),
    }
}

/// What follows the name of a table type: the same as of a table, but that nothing in it has a name.
pub(crate) fn type_definition(table: &Table, options: &BTreeMap<String, String>) -> String {
    let with = if options.contains_key("mssql.memory_optimized") {
        " WITH (MEMORY_OPTIMIZED = ON)"
    } else {
        ""
    };
    let mut bare = table.clone();
    for column in bare.columns.values_mut() {
        column.options.remove("mssql.default_name");
        column.comment = None;
    }
    bare.keys.values_mut().for_each(|it| it.generated_name = true);
    bare.checks.values_mut().for_each(|it| it.generated_name = true);
    let mut lines = tables::lines(&bare, &BTreeMap::new());
    let indexes = indexes::in_order(&bare.indexes);
    lines.extend(indexes.into_iter().map(|(name, it)| indexes::inline(name, it)));
    format!("AS TABLE (\n  {}\n){with}", lines.join(",\n  "))
}
