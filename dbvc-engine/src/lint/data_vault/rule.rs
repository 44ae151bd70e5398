//! The rules by name.

/// A rule of the pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DataVaultRule {
    /// In a schema of the vault each table is a hub, a link or a satellite.
    TableName,
    /// A hub's and a link's primary key is one hash key.
    HashKey,
    /// A hub has a business key that is never NULL and stands there once.
    BusinessKey,
    /// A hub holds no more than keys, and when and where from they were loaded.
    HubAttributes,
    /// Each table has a tenant key that is never NULL, and two tenants may have the same business key.
    TenantKey,
    /// The tenant key decides who sees a row.
    TenantPolicy,
    /// Each table has a load date that is never NULL.
    LoadDate,
    /// Each table has a record source that is never NULL.
    RecordSource,
    /// A satellite has a hash of what it holds, which is never NULL.
    HashDiff,
    /// A satellite has a load end date.
    LoadEndDate,
    /// A satellite's primary key is the hash key of what it belongs to and the load date.
    SatelliteKey,
    /// A satellite's hash key refers to a hub or a link.
    SatelliteParent,
    /// A link has the hash keys of two hubs or more, and each refers to one.
    LinkEnds,
    /// The same hubs are linked once.
    LinkUnique,
    /// A hash key has the type of the one that it refers to.
    KeyType,
}

impl DataVaultRule {
    /// All of them.
    pub const ALL: [Self; 15] = [
        Self::TableName,
        Self::HashKey,
        Self::BusinessKey,
        Self::HubAttributes,
        Self::TenantKey,
        Self::TenantPolicy,
        Self::LoadDate,
        Self::RecordSource,
        Self::HashDiff,
        Self::LoadEndDate,
        Self::SatelliteKey,
        Self::SatelliteParent,
        Self::LinkEnds,
        Self::LinkUnique,
        Self::KeyType,
    ];

    /// Its name, as settings and reports have it.
    pub fn word(self) -> &'static str {
        match self {
            Self::TableName => "table-name",
            Self::HashKey => "hash-key",
            Self::BusinessKey => "business-key",
            Self::HubAttributes => "hub-attributes",
            Self::TenantKey => "tenant-key",
            Self::TenantPolicy => "tenant-policy",
            Self::LoadDate => "load-date",
            Self::RecordSource => "record-source",
            Self::HashDiff => "hash-diff",
            Self::LoadEndDate => "load-end-date",
            Self::SatelliteKey => "satellite-key",
            Self::SatelliteParent => "satellite-parent",
            Self::LinkEnds => "link-ends",
            Self::LinkUnique => "link-unique",
            Self::KeyType => "key-type",
        }
    }

    /// The rule of a name.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|rule| rule.word() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_is_found_by_its_name() {
        for rule in DataVaultRule::ALL {
            assert_eq!(DataVaultRule::named(rule.word()), Some(rule));
        }
        assert_eq!(DataVaultRule::named("load date"), None);
    }
}
