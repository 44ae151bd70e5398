//! Reading the catalogue.
//!
//! All queries travel in one message, which is one transaction with one snapshot: a whole schema costs one round trip,
//! whatever its size. Each row is one JSON text, so that the server makes lists and this side has names.
//!
//! The server writes definitions (`pg_get_viewdef` and the like) from its own caches, which may be newer than the
//! snapshot. A change of the schema in that moment may therefore show in a text, or end the read with an error; it
//! never gives half a row.

mod columns;
mod constraints;
mod depends;
mod family;
mod grants;
mod indexes;
mod key_list;
mod last_changes;
mod made_up;
mod model;
mod others;
mod overview;
mod prepared;
mod relations;
mod routines;
mod sequences;
mod spaces;
mod types;
mod versions;

use std::collections::BTreeMap;

use async_trait::async_trait;
use dbvc_engine::driver::{Introspector, LastChange};
use dbvc_engine::error::{DriverError, Operation, Result};
use dbvc_engine::schema::{Database, ObjectKey, SchemaOverview};

use crate::message::{Message, Part};
use crate::record::literal;
use crate::session::PostgresSession;
use model::{Answers, Model};
pub(crate) use prepared::Kept;
use prepared::{Way, ask, is_lost};

/// What every text of the server's depends on. Without a search path all names are written in full; the rest makes
/// constants in expressions read the same everywhere.
const SETTINGS: &[&str] = &[
    "SET LOCAL transaction_isolation = 'repeatable read'",
    "SET LOCAL transaction_read_only = on",
    "SET LOCAL search_path = ''",
    "SET LOCAL datestyle = 'ISO, YMD'",
    "SET LOCAL intervalstyle = 'postgres'",
    "SET LOCAL timezone = 'UTC'",
    "SET LOCAL extra_float_digits = 1",
    "SET LOCAL bytea_output = 'hex'",
    "SET LOCAL xmloption = 'content'",
    "SET LOCAL quote_all_identifiers = off",
    "SET LOCAL standard_conforming_strings = on",
    // The server takes the queries for dearer than they are, and would compile each for seconds.
    "SET LOCAL jit = off",
];

/// What is the user's: not the server's own schemas, not dbvc's record. For a query that has the schema as `n`.
const OURS: &str = "n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', {record})";

/// The queries and what becomes of their rows, in an order in which each finds what it builds on.
type Step = (&'static str, fn(&mut Model, &mut Answers) -> Result<()>);

const STEPS: &[Step] = &[
    (spaces::SCHEMAS, spaces::add_schemas),
    (spaces::EXTENSIONS, spaces::add_extensions),
    (types::SQL, types::add),
    (sequences::SQL, sequences::add),
    (relations::SQL, relations::add),
    (columns::SQL, columns::add),
    (constraints::SQL, constraints::add),
    (indexes::SQL, indexes::add),
    (relations::POLICIES, relations::add_policies),
    (routines::SQL, routines::add),
    (routines::AGGREGATES, routines::add_aggregates),
    (routines::TRIGGERS, routines::add_triggers),
    (others::SQL, others::add),
    (grants::SQL, grants::add),
    (depends::SQL, depends::add),
];

#[async_trait]
impl Introspector for PostgresSession {
    async fn overview(&mut self) -> Result<Vec<SchemaOverview>> {
        self.count_schemas().await
    }

    async fn introspect(&mut self) -> Result<Database> {
        if self.transaction.is_some() {
            return Err(DriverError::unsupported(
                Operation::Query,
                "the schema is read outside a transaction",
            ));
        }
        let way = self.kept.way(self.objects, self.is_pooled());
        match self.read_catalogue(way).await {
            Err(error) if way != Way::Plain && is_lost(&error) => {
                self.kept = Kept::lost(way);
                self.read_catalogue(Way::Plain).await
            }
            read => read,
        }
    }

    async fn last_changes(&mut self, objects: &[ObjectKey]) -> Result<BTreeMap<ObjectKey, LastChange>> {
        self.commit_times(objects).await
    }
}

impl PostgresSession {
    async fn read_catalogue(&mut self, way: Way) -> Result<Database> {
        let ours = OURS.replace("{record}", &literal(&self.target.record.schema));
        let mut message = Message::new();
        for setting in SETTINGS {
            message.push(Part::Own, setting);
        }
        for (number, (sql, _)) in STEPS.iter().enumerate() {
            ask(&mut message, way, number, || {
                let sql = versions::fit(sql, |version| self.is_at_least(version)).replace("{ours}", &ours);
                format!("SELECT row_to_json(q) FROM ({sql}) q")
            });
        }
        let rows = self.run(Operation::Query, &mut message).await?;
        let mut model = Model::default();
        let mut answers = Answers::new(rows);
        for (_, add) in STEPS {
            add(&mut model, &mut answers)?;
        }
        let database = model.finish();
        self.objects = database.objects.len();
        self.kept = self.kept.after(way, self.objects);
        Ok(database)
    }
}
