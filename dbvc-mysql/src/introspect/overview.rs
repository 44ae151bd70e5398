//! What is there, counted.

use dbvc_engine::error::{Operation, Result};
use dbvc_engine::record::SqlRecord as _;
use dbvc_engine::schema::SchemaOverview;

use crate::record::literal;
use crate::session::MySqlSession;

impl MySqlSession {
    /// A database is the only schema that there is in it.
    pub(super) async fn count_tables(&mut self) -> Result<Vec<SchemaOverview>> {
        let database = literal(&self.settings.database);
        let prefix = literal(&self.target.record.prefix);
        let sql = format!(
            "SELECT {database}, COALESCE(SUM(table_type <> 'VIEW'), 0), COALESCE(SUM(table_type = 'VIEW'), 0) \
             FROM information_schema.tables WHERE table_schema = {database} \
             AND LEFT(table_name, CHAR_LENGTH({prefix})) <> {prefix}"
        );
        let answers = self.read_record(&[sql], Operation::Query).await?;
        answers.into_iter().next().unwrap_or_default().overviews()
    }
}
