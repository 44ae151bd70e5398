//! Satellites: what is known, and since when.

use super::table::{Inspector, VaultKind};
use super::{DataVault, DataVaultRule};
use crate::schema::{ObjectKey, Table};

impl Inspector<'_> {
    pub(super) fn satellite(&mut self, key: &ObjectKey, table: &Table) {
        let vault = self.vault;
        self.satellite_key(key, table);
        self.parent(key, table);
        self.origin(key, table);
        self.given(
            key,
            table,
            &vault.hash_diff,
            DataVaultRule::HashDiff,
            "hash of what it holds",
        );
        if DataVault::columns(table, &vault.load_end_date).is_empty() {
            let message = format!("there is no load end date ({})", vault.load_end_date.shown());
            self.report(DataVaultRule::LoadEndDate, Some(key), None, message);
        }
        self.key_types(key, table);
    }

    fn satellite_key(&mut self, key: &ObjectKey, table: &Table) {
        let vault = self.vault;
        let is = match vault.primary(table) {
            None => "there is no primary key".to_owned(),
            Some(columns) => {
                let hash_keys = vault.hash_keys(table);
                let (hashes, rest): (Vec<&str>, Vec<&str>) =
                    columns.iter().partition(|name| hash_keys.contains(*name));
                if hashes.len() == 1 && rest.len() == 1 && vault.load_date.fit(rest[0]) {
                    return;
                }
                format!("the primary key is {}", columns.join(", "))
            }
        };
        let message = format!("{is}; a satellite's is the hash key of what it belongs to and the load date");
        self.report(DataVaultRule::SatelliteKey, Some(key), None, message);
    }

    fn parent(&mut self, key: &ObjectKey, table: &Table) {
        let hash_keys = self.vault.hash_keys(table);
        let refers = table.foreign_keys.values().any(|foreign| {
            foreign
                .columns
                .iter()
                .any(|column| hash_keys.contains(&column.as_str()))
                && self
                    .referred(key, foreign)
                    .is_some_and(|(_, _, kind)| kind != VaultKind::Satellite)
        });
        if !refers {
            let message = "no foreign key refers to the hub or link that it belongs to".to_owned();
            self.report(DataVaultRule::SatelliteParent, Some(key), None, message);
        }
    }
}
