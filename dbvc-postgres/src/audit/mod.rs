//! The audit trail in tables of a PostgreSQL database.

mod tables;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use dbvc_engine::audit::{
    Appended, AuditDriver, AuditDriverInfo, AuditSink, Container, Document, Finding, Head, KnownChain,
    Provisioned, Sealed, SinkTarget, admit, beside, known, same,
};
use dbvc_engine::driver::{Target, TargetError};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use sqlx::{Connection as _, PgConnection};

use crate::connect::Settings;
use crate::error;

static INFO: AuditDriverInfo = AuditDriverInfo {
    name: "postgres",
    title: "PostgreSQL table",
    schemes: &["postgres", "postgresql"],
    example_url: "postgres://auditor:${AUDIT_PASSWORD}@host:5432/audit",
};

/// Sinks that are tables in PostgreSQL.
#[derive(Debug, Clone, Copy, Default)]
pub struct PostgresAuditDriver;

/// The driver for audit trails in PostgreSQL.
pub fn audit_driver() -> Arc<dyn AuditDriver> {
    Arc::new(PostgresAuditDriver)
}

#[async_trait]
impl AuditDriver for PostgresAuditDriver {
    fn info(&self) -> &AuditDriverInfo {
        &INFO
    }

    fn check(&self, target: &SinkTarget) -> Result<(), TargetError> {
        Settings::read(&database(target)?).map(|_| ())
    }

    async fn open(&self, target: &SinkTarget) -> Result<Box<dyn AuditSink>> {
        Ok(Box::new(open(target).await?.0))
    }

    async fn provision(&self, target: &SinkTarget) -> Result<Provisioned> {
        let (sink, made) = open(target).await?;
        Box::new(sink).close().await?;
        let tables = ["table dbvc_audit.events", "table dbvc_audit.documents"].map(str::to_owned);
        let mut provisioned = Provisioned::default();
        if made {
            provisioned.made.extend(tables);
        } else {
            provisioned.found.extend(tables);
        }
        Ok(provisioned)
    }
}

fn database(target: &SinkTarget) -> Result<Target, TargetError> {
    let mut database = Target::parse(target.url.reveal())?;
    for (name, value) in &target.options {
        if name != "password" {
            return Err(TargetError::Part {
                part: name.clone(),
                reason: "unknown option; a table in PostgreSQL has `password`, and the rest in the URL"
                    .into(),
            });
        }
        database = database.with_password(value);
    }
    Ok(database)
}

/// Connects; says whether the tables were made now.
async fn open(target: &SinkTarget) -> Result<(PostgresSink, bool)> {
    let unusable =
        |error: TargetError| DriverError::new(ErrorKind::Unsupported, Operation::Connect, error.to_string());
    let target = database(target).map_err(unusable)?;
    let mut settings = Settings::read(&target).map_err(unusable)?;
    let opened = settings.open(&target).await;
    let connection = opened.map_err(|error| at(&target, error))?.connection;
    let mut sink = PostgresSink {
        connection,
        target,
        remarks: Vec::new(),
    };
    let made = match tables::install(&mut sink.connection).await {
        Ok(made) => made,
        Err(error) => {
            let error = sink.failed(Operation::Install)(error);
            return Err(if error.kind == ErrorKind::Denied {
                error.with_note(
                    "the login may not make the schema `dbvc_audit`: let its owner run `dbvc init --infrastructure` once, \
                     and grant this one USAGE on the schema, INSERT and SELECT on its tables",
                )
            } else {
                error
            });
        }
    };
    Ok((sink, made))
}

/// A project has several servers: the error says of which it is.
fn at(target: &Target, mut error: DriverError) -> DriverError {
    let url = target.reveal_url();
    let host = url.host_str().unwrap_or("localhost");
    error.message = format!("{host}:{}: {}", url.port().unwrap_or(5432), error.message);
    error
}

/// An open connection.
struct PostgresSink {
    connection: PgConnection,
    target: Target,
    remarks: Vec<Finding>,
}

impl std::fmt::Debug for PostgresSink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PostgresSink")
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}

impl PostgresSink {
    /// An error as the port has it, without the target's secrets.
    fn failed(&self, operation: Operation) -> impl Fn(sqlx::Error) -> DriverError + use<> {
        let target = self.target.clone();
        move |error| error::from_sqlx(&error, operation, &target)
    }
}

fn place(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

#[async_trait]
impl AuditSink for PostgresSink {
    async fn append(&mut self, events: &[Sealed]) -> Result<Appended> {
        let failed = self.failed(Operation::Record);
        let admitted = admit(events)?;
        let Some(first) = admitted.first() else {
            return Ok(Appended::default());
        };
        let chain = &first.event.database_id;
        let mut transaction = self.connection.begin().await.map_err(&failed)?;
        tables::lock(&mut transaction, chain).await.map_err(&failed)?;
        let end = tables::head(&mut transaction, chain).await.map_err(&failed)?;
        let count = known(end.as_ref(), &admitted)?;
        if let (Some(first), Some(last)) = (admitted[..count].first(), admitted[..count].last()) {
            let (from, to) = (first.event.sequence, last.event.sequence);
            let kept = tables::digests(&mut transaction, chain, from, to).await;
            same(&admitted[..count], &kept.map_err(&failed)?)?;
        }
        for part in admitted[count..].chunks(tables::ROWS_AT_ONCE) {
            tables::insert(&mut transaction, chain, part)
                .await
                .map_err(&failed)?;
        }
        transaction.commit().await.map_err(&failed)?;
        Ok(Appended {
            new: (admitted.len() - count) as u64,
            known: count as u64,
        })
    }

    async fn head(&mut self, database_id: &str) -> Result<Option<Head>> {
        let failed = self.failed(Operation::Record);
        tables::head(&mut self.connection, database_id)
            .await
            .map_err(failed)
    }

    async fn chains(&mut self) -> Result<Vec<KnownChain>> {
        let failed = self.failed(Operation::Record);
        let firsts = tables::firsts(&mut self.connection).await.map_err(failed)?;
        let chains = firsts.iter().map(|(chain, event)| KnownChain::of(chain, event));
        Ok(chains.collect())
    }

    async fn read(&mut self, database_id: &str, after: u64, limit: usize) -> Result<Vec<Sealed>> {
        let failed = self.failed(Operation::Record);
        let rows: Vec<(String, String, Option<String>, i64)> = sqlx::query_as(
            "SELECT event, digest, signature, sequence FROM dbvc_audit.events WHERE database_id = $1 AND sequence > $2 \
             ORDER BY sequence LIMIT $3",
        )
        .bind(database_id)
        .bind(tables::number(after))
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&mut self.connection)
        .await
        .map_err(&failed)?;
        let mut found = Vec::with_capacity(rows.len());
        for (text, digest, signature, sequence) in rows {
            let kept = [
                ("databaseId", Some(database_id.to_owned())),
                ("sequence", Some(sequence.to_string())),
            ];
            self.remarks.extend(beside(&text, &kept));
            found.push(Sealed {
                text,
                digest,
                signature,
            });
        }
        Ok(found)
    }

    fn remarks(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.remarks)
    }

    async fn keep(&mut self, container: Container, documents: &[Document]) -> Result<()> {
        let failed = self.failed(Operation::Record);
        let mut transaction = self.connection.begin().await.map_err(&failed)?;
        for part in documents.chunks(tables::ROWS_AT_ONCE) {
            tables::insert_documents(&mut transaction, container, part)
                .await
                .map_err(&failed)?;
        }
        transaction.commit().await.map_err(failed)
    }

    async fn documents(
        &mut self,
        database_id: &str,
        container: Container,
        id: Option<&str>,
    ) -> Result<Vec<Document>> {
        let failed = self.failed(Operation::Record);
        let rows = tables::documents(&mut self.connection, database_id, container, id).await;
        let rows = rows.map_err(failed)?.into_iter();
        rows.map(|(id, content)| Document::read(id, database_id, &content))
            .collect()
    }

    async fn kept(&mut self, database_id: &str, container: Container) -> Result<BTreeMap<String, String>> {
        let failed = self.failed(Operation::Record);
        let kept = tables::kept(&mut self.connection, database_id, container).await;
        Ok(kept.map_err(failed)?.into_iter().collect())
    }

    fn keeps_documents(&self) -> bool {
        true
    }

    async fn close(self: Box<Self>) -> Result<()> {
        let failed = self.failed(Operation::Record);
        self.connection.close().await.map_err(failed)
    }
}
