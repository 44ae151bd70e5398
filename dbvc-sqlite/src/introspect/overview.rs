//! What is there, counted.

use dbvc_engine::error::{Operation, Result};
use dbvc_engine::schema::SchemaOverview;

use crate::session::SqliteSession;

impl SqliteSession {
    /// SQLite has one schema, `main`. A virtual table counts as one; the tables it keeps its data in do not.
    pub(super) async fn count_schemas(&mut self) -> Result<Vec<SchemaOverview>> {
        self.catch_up().await?;
        let prefix = self.record.text(&self.record.location().prefix);
        let sql = format!(
            "SELECT sum(type IN ('table', 'virtual')), sum(type = 'view') FROM pragma_table_list \
             WHERE schema = 'main' AND substr(name, 1, 7) <> 'sqlite_' \
             AND substr(name, 1, length({prefix})) <> {prefix}"
        );
        let rows = self.read(&sql, Operation::Query).await?;
        let count = |column: usize| {
            let cell = rows
                .cells
                .first()
                .and_then(|row| row.get(column))
                .cloned()
                .flatten();
            cell.and_then(|text| text.parse().ok()).unwrap_or(0)
        };
        Ok(vec![SchemaOverview {
            name: "main".into(),
            tables: count(0),
            views: count(1),
        }])
    }
}
