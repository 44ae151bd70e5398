//! Making the record, and bringing an older layout up to date.

use uuid::Uuid;

use super::{RecordSql, Upsert};
use crate::driver::{Identity, LAYOUT};

impl RecordSql {
    /// The statements that take the record from the layout found (none when there is no record) to [`LAYOUT`], for one
    /// transaction. Each layout is one step, so an older record takes the steps that it lacks.
    pub fn install(&self, found: Option<u32>, identity: &Identity) -> Vec<String> {
        let mut statements = Vec::new();
        if found.is_none() && self.dialect.schemas {
            statements.push((self.dialect.grammar.create_schema)(&self.schema()));
        }
        for step in found.unwrap_or(0)..LAYOUT {
            statements.extend(match step {
                0 => self.tables(),
                1 => self.views(),
                2 => self.snapshot_facts(),
                _ => self.trail(identity, found),
            });
        }
        statements.push(self.inventory(identity));
        statements
    }

    /// The audit trail: its tables, and the first event of the chain.
    fn trail(&self, identity: &Identity, found: Option<u32>) -> Vec<String> {
        let mut statements = self.trail_tables();
        statements.push(self.new_head(&Uuid::now_v7().to_string()));
        statements.extend(self.chained(&[self.told_chain(identity, found)]));
        statements
    }

    fn inventory(&self, identity: &Identity) -> String {
        let database = self.text(&identity.database);
        let environment = self.text(&identity.environment);
        let tool = self.text(&identity.tool_version);
        let now = self.dialect.now;
        self.upsert(&Upsert {
            table: &self.table("db_inventory"),
            columns: "database_id, name, environment, layout, tool_version, installed_at, updated_at",
            values: &format!("'this', {database}, {environment}, {LAYOUT}, {tool}, {now}, {now}"),
            key: "database_id",
            assignments: Some(
                "name = excluded.name, environment = excluded.environment, layout = excluded.layout, \
                 tool_version = excluded.tool_version, updated_at = excluded.updated_at",
            ),
        })
    }

    /// Reads the layout: one row, or none; an error where there is no record.
    pub fn layout(&self) -> String {
        format!("SELECT 'layout', max(layout) FROM {}", self.table("db_inventory"))
    }
}
