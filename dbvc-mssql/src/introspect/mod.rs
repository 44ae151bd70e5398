//! Reading the catalogue.
//!
//! All queries travel in one batch, whatever the size. The server reads its catalogue as it is at each moment: it keeps no
//! versions of it, under snapshot isolation neither (manual, "System catalog views", and "SET TRANSACTION ISOLATION
//! LEVEL"). So everything is asked for twice, and only when both readings say the same is it what the schema was in
//! between.

mod checks;
mod columns;
mod datatype;
mod depends;
mod grants;
mod indexes;
mod last_changes;
mod model;
mod modules;
mod others;
mod properties;
mod queries;
mod relations;
mod row;
mod spaces;
mod types;

#[cfg(test)]
pub(crate) mod tests;

pub(crate) use properties::DESCRIPTION;
