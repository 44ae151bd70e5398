//! The neutral schema model. What is here now is the overview that `status` shows; full introspection joins it.

use serde::{Deserialize, Serialize};

/// One schema and how much is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaOverview {
    /// Its name; for a database without schemas, the database's own main one.
    pub name: String,
    /// Ordinary and partitioned tables, partitions counted with their parent.
    pub tables: u64,
    /// Views and materialised views.
    pub views: u64,
}
