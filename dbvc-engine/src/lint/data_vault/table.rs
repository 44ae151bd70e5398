//! A table of the vault, and where findings are gathered.

use std::collections::BTreeSet;

use super::{DataVault, DataVaultRule};
use crate::lint::{Patterns, Violation};
use crate::schema::{Column, Database, ForeignKey, Key, ObjectKey, Table, in_order};

/// What a table of a vault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum VaultKind {
    Hub,
    Link,
    Satellite,
}

/// Goes through the tables.
#[derive(Debug)]
pub(super) struct Inspector<'a> {
    pub(super) vault: &'a DataVault,
    pub(super) database: &'a Database,
    pub(super) found: Vec<Violation>,
}

impl<'a> Inspector<'a> {
    pub(super) fn new(vault: &'a DataVault, database: &'a Database) -> Self {
        Self {
            vault,
            database,
            found: Vec::new(),
        }
    }

    pub(super) fn report(
        &mut self,
        rule: DataVaultRule,
        object: Option<&ObjectKey>,
        column: Option<&str>,
        message: String,
    ) {
        if self.vault.off.contains(&rule) {
            return;
        }
        self.found.push(Violation {
            rule: rule.word(),
            object: object.cloned(),
            column: column.map(ToOwned::to_owned),
            message,
        });
    }

    /// A table that is none of the three.
    pub(super) fn stranger(&mut self, key: &ObjectKey) {
        if self.vault.schemas.is_empty() || self.vault.others.fit(&key.name) {
            return;
        }
        let vault = self.vault;
        self.report(
            DataVaultRule::TableName,
            Some(key),
            None,
            format!(
                "the name is none of a hub ({}), a link ({}), a satellite ({}) or another table of a vault ({})",
                vault.hubs.shown(),
                vault.links.shown(),
                vault.satellites.shown(),
                vault.others.shown()
            ),
        );
    }

    /// The table that a foreign key refers to, and what it is in the vault.
    pub(super) fn referred(
        &self,
        from: &ObjectKey,
        key: &ForeignKey,
    ) -> Option<(&'a ObjectKey, &'a Table, VaultKind)> {
        let schema = key.references.schema.as_ref().or(from.schema.as_ref());
        let (object, table) = self
            .database
            .tables()
            .find(|(object, _)| object.name == key.references.table && object.schema.as_ref() == schema)?;
        Some((object, table, self.vault.kind(&object.name)?))
    }
}

impl DataVault {
    /// The table's columns that fit, in their order.
    pub(super) fn columns<'t>(table: &'t Table, patterns: &Patterns) -> Vec<(&'t str, &'t Column)> {
        in_order(&table.columns)
            .into_iter()
            .filter(|(name, _)| patterns.fit(name))
            .collect()
    }

    /// The hash keys; the tenant's only where the table is about tenants.
    pub(super) fn hash_keys<'t>(&self, table: &'t Table) -> Vec<&'t str> {
        let of_tenants = self.is_of_tenants(table);
        in_order(&table.columns)
            .into_iter()
            .map(|(name, _)| name)
            .filter(|name| {
                if self.tenant_key.fit(name) {
                    of_tenants
                } else {
                    self.hash_key.fit(name)
                }
            })
            .collect()
    }

    /// The primary key's columns; the tenant key only where the table is about tenants.
    pub(super) fn primary<'t>(&self, table: &'t Table) -> Option<Vec<&'t str>> {
        let of_tenants = self.is_of_tenants(table);
        let columns = columns_of(table.keys.values().find(|key| key.primary)?);
        let counts = |name: &&str| of_tenants || !self.tenant_key.fit(name);
        Some(columns.into_iter().filter(counts).collect())
    }

    /// Whether the table is the tenants' own hub, or a satellite of it: there the tenant key is the hash key.
    pub(super) fn is_of_tenants(&self, table: &Table) -> bool {
        let primary = table.keys.values().find(|key| key.primary);
        let columns = primary.map(columns_of).unwrap_or_default();
        let mut keys = columns.iter().filter(|name| !self.load_date.fit(name)).peekable();
        keys.peek().is_some() && keys.all(|name| self.tenant_key.fit(name))
    }
}

/// The columns of a key.
pub(super) fn columns_of(key: &Key) -> Vec<&str> {
    key.parts
        .iter()
        .filter_map(|part| part.column.as_deref())
        .collect()
}

/// What may stand in a table once: its keys, the primary one left out, and unique indexes over all rows. Each is the
/// columns in it.
pub(super) fn unique(table: &Table) -> Vec<BTreeSet<&str>> {
    let keys = table
        .keys
        .values()
        .filter(|key| !key.primary)
        .map(|key| &key.parts);
    let indexes = table
        .indexes
        .values()
        .filter(|index| index.unique && index.filter.is_none())
        .map(|index| &index.parts);
    keys.chain(indexes)
        .filter(|parts| parts.iter().all(|part| part.column.is_some()))
        .map(|parts| parts.iter().filter_map(|part| part.column.as_deref()).collect())
        .collect()
}
