//! Hubs: business keys.

use std::collections::BTreeSet;

use super::DataVaultRule;
use super::table::{Inspector, unique};
use crate::schema::{ObjectKey, Table, in_order};

impl Inspector<'_> {
    pub(super) fn hub(&mut self, key: &ObjectKey, table: &Table) {
        self.own_hash_key(key, table, "hub");
        self.business_key(key, table);
        self.origin(key, table);
    }

    /// The primary key is one hash key; its name, where that is so.
    pub(super) fn own_hash_key<'t>(
        &mut self,
        key: &ObjectKey,
        table: &'t Table,
        what: &str,
    ) -> Option<&'t str> {
        let vault = self.vault;
        let hash_keys = vault.hash_keys(table);
        let message = match (vault.primary(table).as_deref(), hash_keys.is_empty()) {
            (Some([one]), _) if hash_keys.contains(one) => return Some(one),
            (_, true) => format!("there is no hash key ({})", vault.hash_key.shown()),
            (None, _) => format!("the {what} has no primary key; its hash key should be it"),
            (Some(columns), _) => format!(
                "the primary key is {}; a {what}'s is its hash key alone",
                columns.join(", ")
            ),
        };
        self.report(DataVaultRule::HashKey, Some(key), None, message);
        None
    }

    fn business_key(&mut self, key: &ObjectKey, table: &Table) {
        let vault = self.vault;
        let technical = |name: &str| {
            [
                &vault.hash_key,
                &vault.tenant_key,
                &vault.load_date,
                &vault.record_source,
            ]
            .iter()
            .any(|patterns| patterns.fit(name))
        };
        let business: Vec<&str> = in_order(&table.columns)
            .into_iter()
            .map(|(name, _)| name)
            .filter(|name| !technical(name))
            .collect();
        if business.is_empty() {
            let message = "there is no business key: no column but technical ones".to_owned();
            self.report(DataVaultRule::BusinessKey, Some(key), None, message);
            return;
        }
        let once = unique(table)
            .into_iter()
            .find(|columns| columns.iter().any(|name| business.contains(name)));
        let Some(once) = once else {
            let message = format!(
                "nothing keeps the business key ({}) from being there twice",
                business.join(", ")
            );
            self.report(DataVaultRule::BusinessKey, Some(key), None, message);
            return;
        };
        for name in &once {
            if table.columns.get(*name).is_some_and(|column| column.nullable) {
                let message = format!("the business key {name} may be NULL");
                self.report(DataVaultRule::BusinessKey, Some(key), Some(name), message);
            }
        }
        self.per_tenant(key, table, &once);
        for name in business.iter().filter(|name| !once.contains(*name)) {
            let message =
                format!("{name} is no part of the business key; what is known of one belongs in a satellite");
            self.report(DataVaultRule::HubAttributes, Some(key), Some(name), message);
        }
    }

    /// Two tenants may have the same business key.
    fn per_tenant(&mut self, key: &ObjectKey, table: &Table, once: &BTreeSet<&str>) {
        let vault = self.vault;
        let has_tenants = table.columns.keys().any(|name| vault.tenant_key.fit(name));
        if has_tenants && !vault.is_of_tenants(table) && !once.iter().any(|name| vault.tenant_key.fit(name)) {
            let names: Vec<&str> = once.iter().copied().collect();
            let message = format!(
                "{} is unique over all tenants; the tenant key belongs in that key, or two tenants cannot have the same",
                names.join(", ")
            );
            self.report(DataVaultRule::TenantKey, Some(key), None, message);
        }
    }
}
