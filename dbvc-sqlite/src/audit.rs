//! The audit trail in a SQLite file.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use dbvc_engine::audit::{
    Appended, AuditDriver, AuditDriverInfo, AuditSink, Container, Document, Finding, Head, KnownChain,
    Provisioned, Sealed, SinkTarget, admit, beside, digest, known, same,
};
use dbvc_engine::driver::{Target, TargetError};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use sqlx::{Connection as _, Row as _, SqliteConnection};

use crate::connect::Settings;
use crate::error;

static INFO: AuditDriverInfo = AuditDriverInfo {
    name: "sqlite",
    title: "SQLite file",
    schemes: &["sqlite"],
    example_url: "sqlite:audit/trail.db",
};

/// Rows are only added: the triggers refuse everything else, to whoever opens the file, also `INSERT OR REPLACE`, whose
/// deletion fires no trigger (`sqlite.org/lang_conflict.html`, "REPLACE"). A document is replaced by a later
/// row.
const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS audit_events (
  database_id TEXT NOT NULL,
  sequence INTEGER NOT NULL,
  event TEXT NOT NULL,
  digest TEXT NOT NULL,
  signature TEXT,
  PRIMARY KEY (database_id, sequence)
);
CREATE TABLE IF NOT EXISTS audit_documents (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  container TEXT NOT NULL,
  database_id TEXT NOT NULL,
  id TEXT NOT NULL,
  content TEXT NOT NULL,
  digest TEXT
);
CREATE INDEX IF NOT EXISTS audit_documents_by_id ON audit_documents (database_id, container, id, place);
CREATE TRIGGER IF NOT EXISTS audit_events_are_not_changed BEFORE UPDATE ON audit_events
BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END;
CREATE TRIGGER IF NOT EXISTS audit_events_are_not_deleted BEFORE DELETE ON audit_events
BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END;
CREATE TRIGGER IF NOT EXISTS audit_events_are_not_replaced BEFORE INSERT ON audit_events
WHEN EXISTS (SELECT 1 FROM audit_events WHERE database_id = NEW.database_id AND sequence = NEW.sequence)
BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END;
CREATE TRIGGER IF NOT EXISTS audit_documents_are_not_changed BEFORE UPDATE ON audit_documents
BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END;
CREATE TRIGGER IF NOT EXISTS audit_documents_are_not_deleted BEFORE DELETE ON audit_documents
BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END;
";

/// Sinks that are SQLite files.
#[derive(Debug, Clone, Copy, Default)]
pub struct SqliteAuditDriver;

/// The driver for audit trails in SQLite files.
pub fn audit_driver() -> Arc<dyn AuditDriver> {
    Arc::new(SqliteAuditDriver)
}

#[async_trait]
impl AuditDriver for SqliteAuditDriver {
    fn info(&self) -> &AuditDriverInfo {
        &INFO
    }

    fn check(&self, target: &SinkTarget) -> Result<(), TargetError> {
        settings(target).map(|_| ())
    }

    async fn open(&self, target: &SinkTarget) -> Result<Box<dyn AuditSink>> {
        Ok(Box::new(open(target).await?.0))
    }

    async fn provision(&self, target: &SinkTarget) -> Result<Provisioned> {
        let (sink, made) = open(target).await?;
        Box::new(sink).close().await?;
        let tables = ["table audit_events", "table audit_documents"].map(str::to_owned);
        let mut provisioned = Provisioned::default();
        if made {
            provisioned.made.extend(tables);
        } else {
            provisioned.found.extend(tables);
        }
        Ok(provisioned)
    }
}

fn settings(target: &SinkTarget) -> Result<Settings, TargetError> {
    if let Some(option) = target.options.keys().next() {
        return Err(TargetError::Part {
            part: option.clone(),
            reason: "unknown option; a SQLite file has its options in the URL".into(),
        });
    }
    Settings::read(&Target::parse(target.url.reveal())?)
}

/// Opens the file; says whether the tables were made now.
async fn open(target: &SinkTarget) -> Result<(SqliteSink, bool)> {
    let settings = settings(target)
        .map_err(|error| DriverError::new(ErrorKind::Unsupported, Operation::Connect, error.to_string()))?;
    let mut connection = settings.open().await?;
    let made = install(&mut connection)
        .await
        .map_err(|error| settings.explain(failed(Operation::Install)(error)))?;
    let remarks = Vec::new();
    Ok((SqliteSink { connection, remarks }, made))
}

async fn install(connection: &mut SqliteConnection) -> sqlx::Result<bool> {
    // One that somebody dropped is made again: that it is empty then is for the check of the trail to find.
    const THERE: &str =
        "SELECT count(*) = 2 FROM sqlite_schema WHERE name IN ('audit_events', 'audit_documents')";
    let there: bool = sqlx::query_scalar(THERE).fetch_one(&mut *connection).await?;
    if there {
        with_digests(connection).await?;
        return Ok(false);
    }
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let there: bool = sqlx::query_scalar(THERE).fetch_one(&mut *transaction).await?;
    if !there {
        sqlx::raw_sql(SCHEMA).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(!there)
}

/// A file of an older dbvc has no digests beside its documents.
async fn with_digests(connection: &mut SqliteConnection) -> sqlx::Result<()> {
    const LACKS: &str = "SELECT count(*) = 0 FROM pragma_table_info('audit_documents') WHERE name = 'digest'";
    let lacks: bool = sqlx::query_scalar(LACKS).fetch_one(&mut *connection).await?;
    if !lacks {
        return Ok(());
    }
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let lacks: bool = sqlx::query_scalar(LACKS).fetch_one(&mut *transaction).await?;
    if lacks {
        sqlx::raw_sql("ALTER TABLE audit_documents ADD COLUMN digest TEXT")
            .execute(&mut *transaction)
            .await?;
    }
    transaction.commit().await
}

fn failed(operation: Operation) -> impl Fn(sqlx::Error) -> DriverError {
    move |error| error::from_sqlx(&error, operation, None)
}

/// An open file.
#[derive(Debug)]
struct SqliteSink {
    connection: SqliteConnection,
    remarks: Vec<Finding>,
}

/// A cell whatever somebody put there; what is no text is an empty one, which is no event either.
fn lenient(row: &sqlx::sqlite::SqliteRow, index: usize) -> String {
    row.try_get::<String, _>(index)
        .or_else(|_| row.try_get::<i64, _>(index).map(|number| number.to_string()))
        .unwrap_or_default()
}

async fn head(connection: &mut SqliteConnection, database_id: &str) -> sqlx::Result<Option<Head>> {
    let row = sqlx::query(
        "SELECT sequence, digest FROM audit_events WHERE database_id = ? ORDER BY sequence DESC LIMIT 1",
    )
    .bind(database_id)
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(Head {
            database_id: database_id.to_owned(),
            sequence: place(row.try_get(0)?),
            digest: row.try_get(1)?,
        })
    })
    .transpose()
}

async fn digests(
    connection: &mut SqliteConnection,
    database_id: &str,
    from: u64,
    to: u64,
) -> sqlx::Result<Vec<(u64, String)>> {
    let rows = sqlx::query(
        "SELECT sequence, digest FROM audit_events WHERE database_id = ? AND sequence BETWEEN ? AND ?",
    )
    .bind(database_id)
    .bind(number(from))
    .bind(number(to))
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| Ok((place(row.try_get(0)?), row.try_get(1)?)))
        .collect()
}

/// SQLite's integers have a sign; places begin with 1.
fn number(place: u64) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX)
}

fn place(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

#[async_trait]
impl AuditSink for SqliteSink {
    async fn append(&mut self, events: &[Sealed]) -> Result<Appended> {
        let failed = failed(Operation::Record);
        let admitted = admit(events)?;
        let Some(first) = admitted.first() else {
            return Ok(Appended::default());
        };
        let chain = &first.event.database_id;
        let begun = self.connection.begin_with("BEGIN IMMEDIATE").await;
        let mut transaction = begun.map_err(&failed)?;
        let end = head(&mut transaction, chain).await.map_err(&failed)?;
        let count = known(end.as_ref(), &admitted)?;
        if let (Some(first), Some(last)) = (admitted[..count].first(), admitted[..count].last()) {
            let (from, to) = (first.event.sequence, last.event.sequence);
            let kept = digests(&mut transaction, chain, from, to).await;
            same(&admitted[..count], &kept.map_err(&failed)?)?;
        }
        for one in &admitted[count..] {
            sqlx::query(
                "INSERT INTO audit_events (database_id, sequence, event, digest, signature) VALUES (?, ?, ?, ?, ?)",
            )
            .bind(chain)
            .bind(number(one.event.sequence))
            .bind(&one.sealed.text)
            .bind(&one.sealed.digest)
            .bind(&one.sealed.signature)
            .execute(&mut *transaction)
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
        head(&mut self.connection, database_id)
            .await
            .map_err(failed(Operation::Record))
    }

    async fn chains(&mut self) -> Result<Vec<KnownChain>> {
        // Of a bare column beside min() SQLite gives the value of that row (`sqlite.org/lang_select.html`, "Bare columns").
        let rows = sqlx::query(
            "SELECT database_id, event, min(sequence) FROM audit_events GROUP BY database_id ORDER BY database_id",
        )
        .fetch_all(&mut self.connection)
        .await
        .map_err(failed(Operation::Record))?;
        let chains = rows
            .iter()
            .map(|row| KnownChain::of(&lenient(row, 0), &lenient(row, 1)));
        Ok(chains.collect())
    }

    async fn read(&mut self, database_id: &str, after: u64, limit: usize) -> Result<Vec<Sealed>> {
        let rows = sqlx::query(
            "SELECT event, digest, signature, sequence FROM audit_events WHERE database_id = ? AND sequence > ? \
             ORDER BY sequence LIMIT ?",
        )
        .bind(database_id)
        .bind(number(after))
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(&mut self.connection)
        .await
        .map_err(failed(Operation::Record))?;
        let mut found = Vec::with_capacity(rows.len());
        for row in &rows {
            let text = lenient(row, 0);
            let kept = [
                ("databaseId", Some(database_id.to_owned())),
                ("sequence", Some(lenient(row, 3))),
            ];
            self.remarks.extend(beside(&text, &kept));
            found.push(Sealed {
                text,
                digest: lenient(row, 1),
                signature: Some(lenient(row, 2)).filter(|text| !text.is_empty()),
            });
        }
        Ok(found)
    }

    fn remarks(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.remarks)
    }

    async fn keep(&mut self, container: Container, documents: &[Document]) -> Result<()> {
        let failed = failed(Operation::Record);
        let begun = self.connection.begin_with("BEGIN IMMEDIATE").await;
        let mut transaction = begun.map_err(&failed)?;
        for document in documents {
            let content = document.text();
            sqlx::query(
                "INSERT INTO audit_documents (container, database_id, id, digest, content) VALUES (?, ?, ?, ?, ?)",
            )
            .bind(container.name())
            .bind(&document.database_id)
            .bind(&document.id)
            .bind(digest(&content))
            .bind(content)
            .execute(&mut *transaction)
            .await
            .map_err(&failed)?;
        }
        transaction.commit().await.map_err(&failed)
    }

    async fn documents(
        &mut self,
        database_id: &str,
        container: Container,
        id: Option<&str>,
    ) -> Result<Vec<Document>> {
        // Of a bare column beside max() SQLite gives the value of that row (`sqlite.org/lang_select.html`, "Bare columns").
        let rows: sqlx::Result<Vec<(String, String, i64)>> = sqlx::query_as(
            "SELECT id, content, max(place) FROM audit_documents WHERE database_id = ? AND container = ? \
             AND id = coalesce(?, id) GROUP BY id ORDER BY id",
        )
        .bind(database_id)
        .bind(container.name())
        .bind(id)
        .fetch_all(&mut self.connection)
        .await;
        let rows = rows.map_err(failed(Operation::Record))?.into_iter();
        rows.map(|(id, content, _)| Document::read(id, database_id, &content))
            .collect()
    }

    async fn kept(&mut self, database_id: &str, container: Container) -> Result<BTreeMap<String, String>> {
        let rows: sqlx::Result<Vec<(String, String, i64)>> = sqlx::query_as(
            "SELECT id, coalesce(digest, ''), max(place) FROM audit_documents WHERE database_id = ? AND container = ? \
             GROUP BY id",
        )
        .bind(database_id)
        .bind(container.name())
        .fetch_all(&mut self.connection)
        .await;
        let rows = rows.map_err(failed(Operation::Record))?.into_iter();
        Ok(rows.map(|(id, digest, _)| (id, digest)).collect())
    }

    fn keeps_documents(&self) -> bool {
        true
    }

    async fn close(self: Box<Self>) -> Result<()> {
        self.connection.close().await.map_err(failed(Operation::Record))
    }
}
