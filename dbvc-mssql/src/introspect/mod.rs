//! Reading the catalogue.
//!
//! All queries travel in one batch, whatever the size. The server reads its catalogue as it is at each moment: it keeps no
//! versions of it, under snapshot isolation neither (manual, "System catalog views", remarks on isolation). So everything
//! is asked for twice, and only when both readings say the same is it what the schema was in between.

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
mod overview;
mod properties;
mod queries;
mod relations;
mod row;
mod spaces;
mod types;

#[cfg(test)]
pub(crate) mod tests;

/// What is asked here, for whoever reads it again: of the newest server and of the oldest.
#[cfg(test)]
pub(crate) fn texts() -> Vec<String> {
    let of = |major, is_azure| {
        let version = Version { major, is_azure };
        queries::STEPS
            .iter()
            .map(move |(sql, _)| queries::fit(sql, version))
    };
    let changes = [ObjectKey::within(
        dbvc_engine::schema::ObjectKind::Table,
        "dbo",
        "it's",
    )];
    of(17, false)
        .chain(of(15, false))
        .chain(of(17, true))
        .chain(last_changes::question(&changes))
        .collect()
}

use std::collections::BTreeMap;

use async_trait::async_trait;
use dbvc_engine::driver::{Introspector, LastChange, Session as _};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use dbvc_engine::schema::{Database, ObjectKey, SchemaOverview};

use crate::session::{MsSqlSession, is_database_service};
use queries::Version;

pub(crate) use properties::DESCRIPTION;

/// How often a schema is read that changes meanwhile.
const READS: u32 = 5;

#[async_trait]
impl Introspector for MsSqlSession {
    async fn overview(&mut self) -> Result<Vec<SchemaOverview>> {
        self.count_tables().await
    }

    async fn introspect(&mut self) -> Result<Database> {
        if self.in_transaction {
            return Err(DriverError::unsupported(
                Operation::Query,
                "the schema is read outside a transaction",
            ));
        }
        let questions = queries::batch(self.catalogue(), &self.target.record.schema);
        let mut before = self.reading(&questions).await?;
        for _ in 0..READS {
            let after = self.reading(&questions).await?;
            if after == before {
                return Ok(after);
            }
            before = after;
        }
        Err(DriverError::new(
            ErrorKind::Conflict,
            Operation::Query,
            "the schema changed each time while it was read",
        ))
    }

    async fn last_changes(&mut self, objects: &[ObjectKey]) -> Result<BTreeMap<ObjectKey, LastChange>> {
        let Some(question) = last_changes::question(objects) else {
            return Ok(BTreeMap::new());
        };
        let answers = self.run(Operation::Query, &question).await?;
        let answer = answers.into_iter().next().unwrap_or_default();
        last_changes::read(objects, &answer)
    }
}

impl MsSqlSession {
    async fn reading(&mut self, questions: &str) -> Result<Database> {
        let answers = self.run(Operation::Query, questions).await;
        queries::database(&answers.map_err(queries::with_grant)?)
    }

    /// What this server's catalogue has. Azure's services count their versions in another way, and an instance may be one
    /// that keeps to SQL Server 2022 (manual, "Update policy").
    fn catalogue(&self) -> Version {
        let server = self.server();
        let major = server
            .version
            .split('.')
            .next()
            .and_then(|major| major.parse().ok());
        let major = match server.product.as_str() {
            product if is_database_service(product) => 17,
            "Azure SQL Managed Instance" => 16,
            _ => major.unwrap_or_default(),
        };
        Version {
            major,
            is_azure: is_database_service(&server.product),
        }
    }
}
