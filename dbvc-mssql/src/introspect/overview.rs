//! What is there, counted.

use dbvc_engine::error::{Operation, Result};
use dbvc_engine::record::SqlRecord as _;
use dbvc_engine::schema::SchemaOverview;

use crate::message::literal;
use crate::session::MsSqlSession;

impl MsSqlSession {
    /// The schemas from 16384 on are those of the fixed roles (reference, `sys.schemas`).
    pub(super) async fn count_tables(&mut self) -> Result<Vec<SchemaOverview>> {
        let record = literal(&self.target.record.schema);
        let sql = format!(
            "SELECT s.name, COALESCE(SUM(CASE WHEN o.type = 'U' THEN 1 ELSE 0 END), 0), \
             COALESCE(SUM(CASE WHEN o.type = 'V' THEN 1 ELSE 0 END), 0) FROM sys.schemas s \
             LEFT JOIN sys.objects o ON o.schema_id = s.schema_id AND o.is_ms_shipped = 0 \
             WHERE s.schema_id < 16384 AND s.name NOT IN (N'sys', N'INFORMATION_SCHEMA', N'guest', {record}) \
             GROUP BY s.name ORDER BY s.name"
        );
        let answers = self.read_record(&[sql], Operation::Query).await?;
        answers.into_iter().next().unwrap_or_default().overviews()
    }
}
