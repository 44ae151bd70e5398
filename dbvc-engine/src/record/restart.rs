//! A chain that is begun anew, and what signing asks of one.

use super::RecordSql;
use super::chain::{Line, When};
use crate::driver::NewChain;

impl RecordSql {
    /// Puts a new chain in the place of the one that is there. Its first event says how far the history had come: of what
    /// lies before, its events say nothing.
    pub fn begin_chain(&self, chain: &NewChain) -> Vec<String> {
        let newest = format!(
            "(SELECT coalesce(max(execution_id), 0) FROM {})",
            self.table("migration_execution_history")
        );
        let line = Line {
            fields: chain.begins.0.clone(),
            when: When::Now,
            filled: vec![("details.executionsBefore".to_owned(), newest)],
            only: None,
        };
        let mut statements = vec![
            format!("DELETE FROM {}", self.table("audit_events")),
            format!("DELETE FROM {} WHERE chain = 'this'", self.table("audit_heads")),
            self.new_head(&chain.database_id),
        ];
        let mut fields = line.fields.clone();
        if self.dialect.login.is_none()
            && let Some(serde_json::Value::Object(actor)) = fields.get_mut("actor")
        {
            // A database without logins calls the person so, as the history does.
            let user = actor.get("user").cloned().unwrap_or_default();
            actor.insert("login".to_owned(), user);
        }
        statements.extend(self.chained(&[Line { fields, ..line }]));
        statements
    }

    /// The newest event that has a signature: one row, or none.
    pub fn last_signed(&self) -> String {
        let query = format!(
            "SELECT sequence, event, digest, signature FROM {} WHERE signature IS NOT NULL ORDER BY sequence DESC",
            self.table("audit_events")
        );
        (self.dialect.grammar.first_rows)(&query, Some(1))
    }
}
