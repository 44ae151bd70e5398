//! Links: which business keys belong together.

use std::collections::BTreeSet;

use super::table::{Inspector, VaultKind, unique};
use super::{DataVault, DataVaultRule};
use crate::schema::{ObjectKey, Table};

impl Inspector<'_> {
    pub(super) fn link(&mut self, key: &ObjectKey, table: &Table) {
        let own = self.own_hash_key(key, table, "link");
        let hash_keys = self.vault.hash_keys(table);
        let mut ends: Vec<&str> = hash_keys.into_iter().filter(|name| Some(*name) != own).collect();
        if ends.len() < 2 {
            // What tenants are linked to.
            let tenants = DataVault::columns(table, &self.vault.tenant_key);
            let linked = tenants.into_iter().map(|(name, _)| name);
            ends.extend(linked.filter(|name| self.refers_to_a_hub(key, table, name)));
        }
        self.ends(key, table, &ends);
        self.origin(key, table);
        self.key_types(key, table);
    }

    fn ends(&mut self, key: &ObjectKey, table: &Table, ends: &[&str]) {
        if ends.len() < 2 {
            let message = match ends {
                [] => "the link has no hash key of a hub; it needs two or more".to_owned(),
                _ => format!(
                    "the link has one hash key of a hub, {}; it needs two or more",
                    ends.join(", ")
                ),
            };
            self.report(DataVaultRule::LinkEnds, Some(key), None, message);
            return;
        }
        for end in ends {
            if !self.refers_to_a_hub(key, table, end) {
                let message = format!("{end} has no foreign key to a hub");
                self.report(DataVaultRule::LinkEnds, Some(key), Some(end), message);
            }
            if table.columns.get(*end).is_some_and(|column| column.nullable) {
                let message = format!("{end} may be NULL");
                self.report(DataVaultRule::LinkEnds, Some(key), Some(end), message);
            }
        }
        let ends: BTreeSet<&str> = ends.iter().copied().collect();
        if !unique(table).iter().any(|columns| columns.is_superset(&ends)) {
            let names: Vec<&str> = ends.into_iter().collect();
            let message = format!(
                "nothing keeps the same {} from being linked twice",
                names.join(", ")
            );
            self.report(DataVaultRule::LinkUnique, Some(key), None, message);
        }
    }

    /// Or to a link: one may stand on another.
    fn refers_to_a_hub(&self, key: &ObjectKey, table: &Table, end: &str) -> bool {
        table.foreign_keys.values().any(|foreign| {
            foreign.columns.iter().any(|column| column == end)
                && self
                    .referred(key, foreign)
                    .is_some_and(|(_, _, kind)| kind != VaultKind::Satellite)
        })
    }
}
