//! dbvc's audit trail in Azure Cosmos DB.
//!
//! Events go to the container `change-events`, snapshots to `schema-snapshots`, the registry's copy and anchors to
//! `migrations`; the database's id is the partition key of all three. Events are only created, never replaced: an id that
//! is there is compared by its digest.

mod batch;
mod client;
mod document;
mod driver;
mod error;
mod item;
mod patience;
mod provision;
mod query;
mod settings;
mod sink;

pub use driver::{CosmosAuditDriver, audit_driver};
