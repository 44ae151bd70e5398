//! Reading the catalogue.
//!
//! SQLite keeps the statements that made things, and tells of columns what it understood. Columns are read from what it
//! tells; constraints and indexes from the statements, because it tells nothing of checks, names and deferral.

mod cursor;
mod index_text;
mod overview;
mod references;
mod table_text;
mod tables;

use std::collections::HashMap;

use async_trait::async_trait;
use dbvc_engine::driver::{Introspector, Rows};
use dbvc_engine::error::{DriverError, Operation, Result};
use dbvc_engine::schema::{Body, Database, Object, ObjectKey, ObjectKind, SchemaOverview, Trigger, View};

use crate::session::SqliteSession;

#[async_trait]
impl Introspector for SqliteSession {
    async fn overview(&mut self) -> Result<Vec<SchemaOverview>> {
        self.count_schemas().await
    }

    /// Objects have no schema: SQLite's `main` is the file.
    async fn introspect(&mut self) -> Result<Database> {
        if self.in_transaction {
            return Err(DriverError::unsupported(
                Operation::Query,
                "the schema is read outside a transaction",
            ));
        }
        self.catch_up().await?;
        let [objects, columns, tables] = self.read_catalogue().await?;
        Ok(database(&objects, &columns, &tables))
    }
}

impl SqliteSession {
    /// The statements, the columns and the sorts of tables, of one moment.
    async fn read_catalogue(&mut self) -> Result<[Rows; 3]> {
        let prefix = self.record.text(&self.record.location().prefix);
        let ours = format!(
            "substr(m.tbl_name, 1, 7) <> 'sqlite_' AND substr(m.tbl_name, 1, length({prefix})) <> {prefix} \
             AND substr(m.name, 1, length({prefix})) <> {prefix}"
        );
        let queries = [
            "BEGIN".to_owned(),
            format!(
                "SELECT m.type, m.name, m.tbl_name, m.sql FROM sqlite_schema m WHERE m.sql IS NOT NULL AND {ours} \
                 ORDER BY m.type, m.name"
            ),
            // Not of views: one whose table is gone has none, and to ask is an error.
            format!(
                "SELECT m.name, x.name, x.type, x.\"notnull\", x.dflt_value, x.hidden FROM sqlite_schema m, \
                 pragma_table_xinfo(m.name) x WHERE m.type = 'table' AND {ours} ORDER BY m.name, x.cid"
            ),
            "SELECT name, type, wr, strict FROM pragma_table_list WHERE schema = 'main'".to_owned(),
            "COMMIT".to_owned(),
        ];
        let answers = self.read_each(&queries, Operation::Query).await;
        if answers.is_err() {
            // Where the read was refused before it began there is nothing to end.
            let _ = self.write("ROLLBACK", Operation::Query).await;
        }
        let mut answers = answers?.into_iter().skip(1);
        Ok([(); 3].map(|()| answers.next().unwrap_or_default()))
    }
}

/// A cell's text; empty where there is none.
pub(super) fn cell(row: &[Option<String>], at: usize) -> &str {
    row.get(at).and_then(Option::as_deref).unwrap_or_default()
}

fn database(objects: &Rows, columns: &Rows, tables: &Rows) -> Database {
    let mut database = Database::new("sqlite");
    let sorts = tables::sorts(tables);
    let columns = tables::columns(columns);
    let kinds = kinds(objects);
    for row in &objects.cells {
        let (sort, name, parent, sql) = (cell(row, 0), cell(row, 1), cell(row, 2), cell(row, 3));
        let (key, body) = match sort {
            // What a virtual table keeps its data in is its own.
            "table" if sorts.is_shadow(name) => continue,
            "table" => (
                ObjectKey::new(ObjectKind::Table, name),
                Body::Table(tables::table(name, sql, &columns)),
            ),
            "view" => {
                let definition = cursor::after_as(sql);
                (
                    ObjectKey::new(ObjectKind::View, name),
                    Body::View(View {
                        definition,
                        ..View::default()
                    }),
                )
            }
            "trigger" => {
                let definition = sql.to_owned();
                (
                    ObjectKey::new(ObjectKind::Trigger, name).of(parent),
                    Body::Trigger(Trigger { definition }),
                )
            }
            _ => continue,
        };
        let mut object = Object::new(body);
        if sort == "table" {
            object.options = sorts.options(name, sql);
        }
        if sort == "trigger" {
            let kind = kinds.get(parent);
            object
                .requires
                .extend(kind.map(|kind| ObjectKey::new(*kind, parent)));
        }
        database.objects.insert(key, object);
    }
    for row in objects.cells.iter().filter(|row| cell(row, 0) == "index") {
        let key = ObjectKey::new(ObjectKind::Table, cell(row, 2));
        if let Some(Body::Table(table)) = database.objects.get_mut(&key).map(|object| &mut object.body) {
            table
                .indexes
                .insert(cell(row, 1).to_owned(), index_text::read(cell(row, 3)));
        }
    }
    database
}

/// What triggers can belong to.
fn kinds(objects: &Rows) -> HashMap<&str, ObjectKind> {
    let rows = objects.cells.iter().filter_map(|row| match cell(row, 0) {
        "view" => Some((cell(row, 1), ObjectKind::View)),
        "table" => Some((cell(row, 1), ObjectKind::Table)),
        _ => None,
    });
    rows.collect()
}
