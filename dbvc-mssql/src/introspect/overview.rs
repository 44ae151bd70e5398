//! What is there, counted.

use dbvc_engine::error::{Operation, Result};
use dbvc_engine::record::SqlRecord as _;
use dbvc_engine::schema::SchemaOverview;

use crate::message::literal;
use crate::session::MsSqlSession;

impl MsSqlSession {
    /// Without locks: a transaction that makes a table keeps its rows of the catalogue to itself, and a look at where a
    /// database stands would wait until that ends.
    ///
    /// The schemas from 16384 on are those of the fixed roles (reference, `sys.schemas`).
    pub(super) async fn count_tables(&mut self) -> Result<Vec<SchemaOverview>> {
        let record = literal(&self.target.record.schema);
        let sql = format!(
            "SELECT s.name, COALESCE(SUM(CASE WHEN o.type = 'U' THEN 1 ELSE 0 END), 0), \
             COALESCE(SUM(CASE WHEN o.type = 'V' THEN 1 ELSE 0 END), 0) FROM sys.schemas s WITH (NOLOCK) \
             LEFT JOIN sys.objects o WITH (NOLOCK) ON o.schema_id = s.schema_id AND o.is_ms_shipped = 0 \
             WHERE s.schema_id < 16384 AND s.name NOT IN (N'sys', N'INFORMATION_SCHEMA', N'guest', {record}) \
             GROUP BY s.name ORDER BY s.name"
        );
        let answers = self.read_record(&[sql], Operation::Query).await?;
        answers.into_iter().next().unwrap_or_default().overviews()
    }
}
