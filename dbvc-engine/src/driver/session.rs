//! One connection.

use std::collections::BTreeMap;
use std::fmt::Debug;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::step::{StepNotes, Stepped, step_by_calls};
use super::{Capabilities, Executor, Heard, HistoryStore, Limits, LockStore, Resolver};
use crate::error::{DriverError, ErrorKind, Operation, Result};
use crate::schema::{Database, ObjectKey, SchemaOverview};
use crate::sql::Statement;

/// Who answered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ServerInfo {
    /// The product's name, such as `PostgreSQL`.
    pub product: String,
    /// Its version, such as `15.18`.
    pub version: String,
    /// The database.
    pub database: String,
    /// The login.
    pub login: String,
    /// What this version offers to scripts and other versions of the family lack, such as `skip-locked`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
}

/// The answer to a query, each cell as text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rows {
    /// The columns' names.
    pub columns: Vec<String>,
    /// The cells; none is NULL.
    pub cells: Vec<Vec<Option<String>>>,
}

impl Rows {
    /// Reads an answer of [`Introspector::overview`]: a schema's name, its tables and its views, a schema a row.
    pub fn overviews(&self) -> Result<Vec<SchemaOverview>> {
        self.cells.iter().map(|row| schema_overview(row)).collect()
    }
}

fn schema_overview(row: &[Option<String>]) -> Result<SchemaOverview> {
    let cell = |at: usize| row.get(at).and_then(Option::as_deref).unwrap_or_default();
    let number = |at: usize| {
        cell(at).parse().map_err(|_| {
            DriverError::new(
                ErrorKind::Protocol,
                Operation::Query,
                format!(
                    "the catalogue counts `{}` in schema {}, which is no number",
                    cell(at),
                    cell(0)
                ),
            )
        })
    };
    Ok(SchemaOverview {
        name: cell(0).to_owned(),
        tables: number(1)?,
        views: number(2)?,
    })
}

/// When and by whom an object was changed last, as far as the server keeps that.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LastChange {
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// The login that is named for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// The part of a session that reads the catalogue.
#[async_trait]
pub trait Introspector: Send {
    /// Every schema of the user's with its tables and views counted; the database's own schemas and dbvc's record are
    /// left out.
    async fn overview(&mut self) -> Result<Vec<SchemaOverview>>;
    /// The whole schema as one consistent view, in the adapter's one spelling: what means the same reads the same. The
    /// database's own objects, those that an extension brought and dbvc's record are left out; what the model has no
    /// place for is there as text. Called outside a transaction.
    async fn introspect(&mut self) -> Result<Database> {
        Err(DriverError::unsupported(
            Operation::Query,
            "this adapter cannot read a whole schema; it only counts tables and views",
        ))
    }
    /// When and by whom objects that are there were changed last. What the server does not keep is left out. Called
    /// outside a transaction.
    async fn last_changes(&mut self, objects: &[ObjectKey]) -> Result<BTreeMap<ObjectKey, LastChange>> {
        let _ = objects;
        Ok(BTreeMap::new())
    }
}

/// One physical connection: locks, transactions, settings and limits live and die with it. There is no pool.
#[async_trait]
pub trait Session: Executor + HistoryStore + LockStore + Introspector + Resolver + Debug + Send {
    /// What this server, at this version and for this user, can do.
    fn capabilities(&self) -> &Capabilities;
    /// Who answered.
    fn server(&self) -> &ServerInfo;
    /// Runs one statement outside a transaction: before it the intent is written where the script begins with it, and
    /// when it has completed, how far the script has come or that it has ended.
    ///
    /// The default makes up to three calls; an adapter overrides it where all travel in one message.
    async fn execute_step(
        &mut self,
        statement: &Statement,
        notes: &StepNotes<'_>,
        limits: &Limits,
        heard: &mut dyn Heard,
    ) -> Stepped {
        step_by_calls(self, statement, notes, limits, heard).await
    }
    /// Says goodbye to the server.
    async fn close(self: Box<Self>) -> Result<()>;
    /// Undoes what scripts have set in this session, so that the next script does the same whether it follows them in
    /// one run or begins a run of its own. Called outside a transaction.
    async fn refresh(&mut self) -> Result<()> {
        Ok(())
    }
}
