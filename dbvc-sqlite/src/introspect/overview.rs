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
            "SELECT 'main', coalesce(sum(type IN ('table', 'virtual')), 0), coalesce(sum(type = 'view'), 0) FROM pragma_table_list \
             WHERE schema = 'main' AND substr(name, 1, 7) <> 'sqlite_' \
             AND substr(name, 1, length({prefix})) <> {prefix}"
        );
        let rows = self.read(&sql, Operation::Query).await?;
        rows.overviews()
    }
}
