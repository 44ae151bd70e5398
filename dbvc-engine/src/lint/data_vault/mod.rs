//! Data Vault 2.0: what hubs, links and satellites must have.
//!
//! Hubs hold business keys, links hold which of them belong together, satellites hold what is known of either and when
//! it was learnt. The rules are those of Linstedt and Olschimke, "Building a Scalable Data Warehouse with Data Vault
//! 2.0" (2015), chapters 4 and 5, and a tenant key for warehouses that serve several tenants.

mod hub;
mod link;
mod policies;
mod rule;
mod satellite;
mod settings;
mod shared;
mod table;

#[cfg(test)]
mod tests;

pub use rule::DataVaultRule;
pub use settings::DataVault;

use serde::Serialize;

use super::Violation;
use crate::schema::{Database, ObjectKey, Table};
use table::{Inspector, VaultKind};

/// What was looked at, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Inspected {
    /// How many hubs there are.
    pub hubs: usize,
    /// How many links.
    pub links: usize,
    /// How many satellites.
    pub satellites: usize,
    /// Where a rule is broken, in the order of the tables' names.
    pub violations: Vec<Violation>,
}

impl DataVault {
    /// Holds a schema to the rules.
    pub fn inspect(&self, database: &Database) -> Inspected {
        let mut inspected = Inspected::default();
        let mut inspector = Inspector::new(self, database);
        for schema in &self.schemas {
            let there = |key: &ObjectKey| {
                key.schema
                    .as_deref()
                    .is_some_and(|name| name.eq_ignore_ascii_case(schema))
            };
            if !database.tables().any(|(key, _)| there(key)) {
                inspector.report(
                    DataVaultRule::TableName,
                    None,
                    None,
                    format!("there is no table in the schema {schema}, which the settings name"),
                );
            }
        }
        for (key, table) in database.tables() {
            if !self.covers(key, table) {
                continue;
            }
            match self.kind(&key.name) {
                Some(VaultKind::Hub) => {
                    inspected.hubs += 1;
                    inspector.hub(key, table);
                }
                Some(VaultKind::Link) => {
                    inspected.links += 1;
                    inspector.link(key, table);
                }
                Some(VaultKind::Satellite) => {
                    inspected.satellites += 1;
                    inspector.satellite(key, table);
                }
                None => inspector.stranger(key),
            }
        }
        inspected.violations = inspector.found;
        inspected
    }

    /// Whether the rules hold for a table. A part of a partitioned one is as its whole.
    fn covers(&self, key: &ObjectKey, table: &Table) -> bool {
        let schema = key.schema.as_deref();
        let named = |wanted: &String| schema.is_some_and(|name| name.eq_ignore_ascii_case(wanted));
        let within = self.schemas.is_empty() || self.schemas.iter().any(named);
        within
            && table.partition_of.is_none()
            && !self.except.fit(&key.full_name())
            && !self.except.fit(&key.name)
    }

    fn kind(&self, name: &str) -> Option<VaultKind> {
        [
            (&self.hubs, VaultKind::Hub),
            (&self.links, VaultKind::Link),
            (&self.satellites, VaultKind::Satellite),
        ]
        .into_iter()
        .find(|(patterns, _)| patterns.fit(name))
        .map(|(_, kind)| kind)
    }
}
