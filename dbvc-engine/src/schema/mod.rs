//! The neutral schema model: what a database is, as values keyed by name in ordered maps.
//!
//! There are no pointers and no ids of the server's in it, so that two models can be compared, written to a file and
//! read back anywhere. An adapter writes one spelling for what means the same; what belongs to one database only stands
//! in options with the driver's name before them (`mysql.engine`), and what does not fit at all is kept as
//! [`Other`] with its text.

mod datatype;
mod index;
mod json;
mod key;
mod object;
mod overview;
mod table;
mod types;

#[cfg(test)]
pub(crate) mod sample;

pub use datatype::{DataType, TypeFamily};
pub use index::{Index, IndexPart, NullOrder};
pub use json::{FORMAT_VERSION, SnapshotError};
pub use key::{ObjectKey, ObjectKind};
pub use object::{
    Body, Event, Extension, Object, Other, Routine, RoutineForm, Sequence, Synonym, Trigger, View,
};
pub use overview::SchemaOverview;
pub use table::{
    Check, Column, Deferral, Exclusion, ForeignKey, Generated, Identity, Key, PartitionOf, Partitioning,
    Policy, Reference, Table, in_order,
};
pub use types::TypeBody;

use std::collections::BTreeMap;

/// A whole database's schema.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Database {
    /// The name of the driver whose spelling the texts in it have, such as `postgres`.
    pub dialect: String,
    /// What is in it.
    pub objects: BTreeMap<ObjectKey, Object>,
}

impl Database {
    /// An empty one.
    pub fn new(dialect: impl Into<String>) -> Self {
        Self {
            dialect: dialect.into(),
            objects: BTreeMap::new(),
        }
    }

    /// The objects of one kind.
    pub fn of_kind(&self, kind: ObjectKind) -> impl Iterator<Item = (&ObjectKey, &Object)> {
        self.objects.iter().filter(move |(key, _)| key.kind == kind)
    }

    /// The tables.
    pub fn tables(&self) -> impl Iterator<Item = (&ObjectKey, &Table)> {
        self.objects
            .iter()
            .filter_map(|(key, object)| match &object.body {
                Body::Table(table) => Some((key, table)),
                _ => None,
            })
    }
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde's `skip_serializing_if` passes a reference"
)]
fn is_false(flag: &bool) -> bool {
    !*flag
}
