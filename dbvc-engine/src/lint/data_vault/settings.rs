//! What a project calls things.

use std::collections::BTreeSet;

use super::DataVaultRule;
use crate::lint::Patterns;

/// The pack, as a project has set it up. The defaults are the usual names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataVault {
    /// The schemas that are a vault, and nothing else; empty where hubs, links and satellites stand between other tables.
    pub schemas: Vec<String>,
    /// Which tables are hubs.
    pub hubs: Patterns,
    /// Which are links.
    pub links: Patterns,
    /// Which are satellites.
    pub satellites: Patterns,
    /// Which other tables may stand in a vault's schema: reference tables, bridges, points in time.
    pub others: Patterns,
    /// Which columns are hash keys.
    pub hash_key: Patterns,
    /// Which are tenant keys; none where there is one tenant only.
    pub tenant_key: Patterns,
    /// Which tell when a row was loaded.
    pub load_date: Patterns,
    /// Which tell until when it was the newest one.
    pub load_end_date: Patterns,
    /// Which tell where it is from.
    pub record_source: Patterns,
    /// Which are hashes of what a satellite holds.
    pub hash_diff: Patterns,
    /// Whether the database itself is to keep tenants apart, with policies on rows.
    pub tenant_policies: bool,
    /// Rules that do not count.
    pub off: BTreeSet<DataVaultRule>,
    /// Tables that are left alone, with or without their schema.
    pub except: Patterns,
}

impl Default for DataVault {
    fn default() -> Self {
        Self {
            schemas: Vec::new(),
            hubs: Patterns::known(&["*_h", "hub_*"]),
            links: Patterns::known(&["*_l", "link_*", "lnk_*"]),
            satellites: Patterns::known(&["*_s", "sat_*"]),
            others: Patterns::known(&["*_r", "ref_*", "*_b", "bridge_*", "*_p", "pit_*"]),
            hash_key: Patterns::known(&["*_hk", "hk_*", "*_hash_key"]),
            tenant_key: Patterns::known(&["tenant_hk", "tenant_key", "tenant_id"]),
            load_date: Patterns::known(&["load_date", "load_dts", "load_ts", "load_datetime", "loaded_at"]),
            load_end_date: Patterns::known(&[
                "load_end_date",
                "load_end_dts",
                "load_end_ts",
                "load_end_datetime",
            ]),
            record_source: Patterns::known(&["record_source", "rec_src", "rsrc"]),
            hash_diff: Patterns::known(&["hash_diff", "hashdiff", "*_hash_diff", "hash_diff_*"]),
            tenant_policies: false,
            off: BTreeSet::new(),
            except: Patterns::default(),
        }
    }
}
