//! Writing a schema as SQL, for both servers: what only one of them knows stands in a comment that only it runs, where the
//! meaning is the same, and is written as it is where it is not.

mod alter;
mod objects;
mod parts;
mod rights;
mod rows;
mod script;
mod tables;

use dbvc_engine::diff::{DiffOptions, diff};
use dbvc_engine::driver::{Altered, DdlWriter, RowSql, Written};
use dbvc_engine::schema::{Body, Database, Object, ObjectKey, Table};

use script::Script;

/// MySQL's and MariaDB's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MySqlDdl;

impl DdlWriter for MySqlDdl {
    fn create(&self, database: &Database) -> Written {
        let order = diff(
            &Database::new(&database.dialect),
            database,
            DiffOptions::default(),
        );
        let mut script = Script::with_head();
        let objects = order
            .changes
            .iter()
            .filter_map(|change| Some((&change.object, database.objects.get(&change.object)?)));
        let mut objects: Vec<(&ObjectKey, &Object)> = objects.collect();
        // Programs keep the collation that the database has when they are made.
        objects.sort_by_key(|(key, _)| key.parent.as_deref() != Some("database"));
        for (key, object) in &objects {
            create(&mut script, key, object);
            // A view can be made only where the definers of those below it may read.
            rights::grant_all(&mut script, key, object);
        }
        for (key, object) in &objects {
            if let Body::Table(table) = &object.body {
                tables::foreign_keys(&mut script, key, table.foreign_keys.iter());
            }
        }
        script.finish()
    }

    fn alter(&self, before: &Database, after: &Database) -> Option<Altered> {
        Some(alter::alter(before, after))
    }

    fn by_whoever_runs(&self, mut database: Database, login: &str) -> Database {
        for object in database.objects.values_mut() {
            // An account is a login and where it comes from.
            object
                .owner
                .take_if(|owner| owner.rsplit_once('@').is_some_and(|(user, _)| user == login));
        }
        database
    }

    fn rows(&self, key: &ObjectKey, table: &Table) -> Option<RowSql> {
        Some(rows::rows(key, table))
    }
}

/// What makes one object; of a table all but its foreign keys, which may go in a circle.
fn create(script: &mut Script, key: &ObjectKey, object: &Object) {
    match &object.body {
        Body::Table(table) => tables::create(script, key, object, table),
        Body::View(view) => objects::view(script, key, object, view, "CREATE"),
        Body::Sequence(sequence) => objects::sequence(script, key, object, sequence),
        Body::Routine(routine) => objects::program(script, key, object, &routine.definition),
        Body::Trigger(trigger) => objects::trigger(script, key, object, trigger),
        Body::Event(event) => objects::event(script, key, object, event),
        Body::Other(other) => objects::other(script, key, object, other),
        Body::Schema {} | Body::Extension(_) | Body::Type(_) | Body::Synonym(_) => {
            script.leave_out(key, "MySQL has no such thing");
        }
    }
}
