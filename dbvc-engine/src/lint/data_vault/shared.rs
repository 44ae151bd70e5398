//! What hubs, links and satellites all must have.

use super::table::Inspector;
use super::{DataVault, DataVaultRule};
use crate::lint::Patterns;
use crate::schema::{ObjectKey, Table, TypeFamily};

impl Inspector<'_> {
    /// When a row was loaded, from where, and for whom.
    pub(super) fn origin(&mut self, key: &ObjectKey, table: &Table) {
        let vault = self.vault;
        if let Some((name, family)) =
            self.given(key, table, &vault.load_date, DataVaultRule::LoadDate, "load date")
        {
            // SQLite has no type for it.
            let fits = self.database.dialect == "sqlite"
                || matches!(
                    family,
                    TypeFamily::Date | TypeFamily::Timestamp | TypeFamily::TimestampTz
                );
            if !fits {
                let message = format!("the load date {name} is no date and no time");
                self.report(DataVaultRule::LoadDate, Some(key), Some(&name), message);
            }
        }
        self.given(
            key,
            table,
            &vault.record_source,
            DataVaultRule::RecordSource,
            "record source",
        );
        if !vault.tenant_key.is_empty() && !vault.is_of_tenants(table) {
            self.given(
                key,
                table,
                &vault.tenant_key,
                DataVaultRule::TenantKey,
                "tenant key",
            );
        }
        self.policy(key, table);
    }

    /// A column that must be there and never be NULL; its name and type, where it is there.
    pub(super) fn given(
        &mut self,
        key: &ObjectKey,
        table: &Table,
        patterns: &Patterns,
        rule: DataVaultRule,
        what: &str,
    ) -> Option<(String, TypeFamily)> {
        let Some((name, column)) = DataVault::columns(table, patterns).into_iter().next() else {
            self.report(
                rule,
                Some(key),
                None,
                format!("there is no {what} ({})", patterns.shown()),
            );
            return None;
        };
        if column.nullable {
            self.report(
                rule,
                Some(key),
                Some(name),
                format!("the {what} {name} may be NULL"),
            );
        }
        Some((name.to_owned(), column.data_type.family))
    }

    /// A foreign key's columns have the types of those that they refer to.
    pub(super) fn key_types(&mut self, key: &ObjectKey, table: &Table) {
        let hash_keys = self.vault.hash_keys(table);
        for foreign in table.foreign_keys.values() {
            let Some((object, referred, _)) = self.referred(key, foreign) else {
                continue;
            };
            let theirs: Vec<&str> = if foreign.references.columns.is_empty() {
                let primary = referred.keys.values().find(|key| key.primary);
                primary.map(super::table::columns_of).unwrap_or_default()
            } else {
                foreign.references.columns.iter().map(String::as_str).collect()
            };
            for (ours, theirs) in foreign.columns.iter().zip(theirs) {
                let (Some(here), Some(there)) = (table.columns.get(ours), referred.columns.get(theirs))
                else {
                    continue;
                };
                if hash_keys.contains(&ours.as_str()) && here.data_type != there.data_type {
                    let message = format!(
                        "{ours} is {}, and {theirs} in {} is {}",
                        here.data_type,
                        object.full_name(),
                        there.data_type
                    );
                    self.report(DataVaultRule::KeyType, Some(key), Some(ours), message);
                }
            }
        }
    }
}
