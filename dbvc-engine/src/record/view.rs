//! All of the record for whoever checks it: what cannot be read is told and hides nothing else.

use super::RecordSql;
use super::cells::Cells;
use super::read::{applied, execution, registered};
use super::snapshot::entry;
use crate::driver::{ChainHead, ChainRow, ExecutionFilter, RecordView, Rows};
use crate::error::Result;

/// One of the queries, and the table that it needs.
pub(super) struct Part {
    pub(super) table: &'static str,
    pub(super) sql: String,
}

impl RecordSql {
    /// The queries. Each row begins with the word of what it is.
    pub(super) fn view(&self) -> Vec<Part> {
        let worded = |word: &str, sql: &str| sql.replacen("SELECT ", &format!("SELECT '{word}', "), 1);
        let part = |table, sql| Part { table, sql };
        vec![
            part("db_inventory", self.layout()),
            part("audit_heads", worded("head", &self.chain_head())),
            part(
                "audit_events",
                format!(
                    "SELECT 'event', sequence, event, digest, signature FROM {} ORDER BY sequence",
                    self.table("audit_events")
                ),
            ),
            part(
                "migration_execution_history",
                worded("execution", &self.executions(&ExecutionFilter::default())),
            ),
            part("migration_applied_status", self.applied()),
            part("migration_registry", worded("registered", &self.registry())),
            part("schema_snapshots", worded("snapshot", &self.snapshots())),
            part(
                "audit_heads",
                format!(
                    "SELECT 'stray', chain FROM {} WHERE chain <> 'this'",
                    self.table("audit_heads")
                ),
            ),
            self.presence("migration_locks"),
            self.presence("migration_fences"),
        ]
    }

    /// Asks for no rows: whether the table is there is all that counts.
    fn presence(&self, table: &'static str) -> Part {
        Part {
            table,
            sql: format!("SELECT lock_name FROM {} WHERE lock_name = ''", self.table(table)),
        }
    }

    /// Reads answers to [`RecordSql::view`].
    pub(super) fn read_view(&self, answers: &[Rows], view: &mut RecordView) {
        let _ = self;
        for row in answers.iter().flat_map(|rows| &rows.cells) {
            let mut cells = Cells::new(row);
            let word = cells.text().unwrap_or_default().to_owned();
            let key = row.get(1).cloned().flatten().unwrap_or_default();
            if let Err(error) = read_row(&word, &mut cells, view) {
                let table = match word.as_str() {
                    "layout" => "db_inventory",
                    "head" | "stray" => "audit_heads",
                    "event" => "audit_events",
                    "execution" => "migration_execution_history",
                    "applied" => "migration_applied_status",
                    "snapshot" => "schema_snapshots",
                    _ => "migration_registry",
                };
                view.unreadable.push(format!(
                    "the row `{key}` of the table {table} cannot be read: {}",
                    error.message
                ));
            }
        }
    }
}

fn read_row(word: &str, cells: &mut Cells<'_>, view: &mut RecordView) -> Result<()> {
    match word {
        "layout" => view.layout = cells.optional_parsed()?,
        "stray" => view.unreadable.push(format!(
            "the table audit_heads has a row `{}` beside `this`: dbvc did not write it",
            cells.text()?
        )),
        "head" => {
            view.head = Some(ChainHead {
                database_id: cells.owned()?,
                sequence: cells.parsed()?,
                digest: cells.owned()?,
            });
        }
        "event" => view.events.push(ChainRow {
            sequence: cells.parsed()?,
            text: cells.owned()?,
            digest: cells.owned()?,
            signature: cells.optional_owned()?,
        }),
        "execution" => view.executions.push(execution(cells)?),
        "applied" => view.applied.push(applied(cells)?),
        "snapshot" => view.snapshots.push(entry(cells)?),
        _ => view.registry.push(registered(cells)?),
    }
    Ok(())
}
