//! What is there, counted.

use dbvc_engine::error::{Operation, Result};
use dbvc_engine::schema::SchemaOverview;

use crate::record::literal;
use crate::session::PostgresSession;

impl PostgresSession {
    pub(super) async fn count_schemas(&mut self) -> Result<Vec<SchemaOverview>> {
        let sql = overview(&self.target.record.schema);
        let answers = self.read(Operation::Query, &[&sql]).await?;
        answers.into_iter().next().unwrap_or_default().overviews()
    }
}

/// Partitions count with the table that they are parts of. What an extension brought along is not the user's.
fn overview(record: &str) -> String {
    format!(
        "SELECT n.nspname, count(c.oid) FILTER (WHERE c.relkind IN ('r', 'p', 'f') AND NOT c.relispartition), \
         count(c.oid) FILTER (WHERE c.relkind IN ('v', 'm')) \
         FROM pg_catalog.pg_namespace n LEFT JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid \
         AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass \
         AND d.objid = c.oid AND d.deptype = 'e') \
         WHERE n.nspname NOT LIKE 'pg!_%' ESCAPE '!' AND n.nspname NOT IN ('information_schema', {}) \
         GROUP BY n.nspname ORDER BY n.nspname",
        literal(record)
    )
}
