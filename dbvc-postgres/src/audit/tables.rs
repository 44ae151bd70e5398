//! The tables and their SQL: rows are only added.

use dbvc_engine::audit::{Admitted, Container, Document, Head};
use sqlx::{Connection as _, PgConnection, Row as _};

/// What goes in one statement; an event is a few hundred bytes.
pub(super) const ROWS_AT_ONCE: usize = 1000;

/// A statement for the whole table is refused before it finds a row, and a document is replaced by a later row.
const SCHEMA: &str = "
CREATE SCHEMA IF NOT EXISTS dbvc_audit;
CREATE TABLE dbvc_audit.events (
  database_id text COLLATE \"C\" NOT NULL,
  sequence bigint NOT NULL,
  event text NOT NULL,
  digest text NOT NULL,
  signature text,
  PRIMARY KEY (database_id, sequence)
);
CREATE TABLE dbvc_audit.documents (
  place bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  container text NOT NULL,
  database_id text COLLATE \"C\" NOT NULL,
  id text COLLATE \"C\" NOT NULL,
  content text NOT NULL
);
CREATE INDEX documents_by_id ON dbvc_audit.documents (database_id, container, id, place);
CREATE FUNCTION dbvc_audit.refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit trail is only added to'; END $$;
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON dbvc_audit.events
  FOR EACH STATEMENT EXECUTE FUNCTION dbvc_audit.refuse();
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON dbvc_audit.documents
  FOR EACH STATEMENT EXECUTE FUNCTION dbvc_audit.refuse();
";

/// Makes the tables where they are not there; says whether it did.
pub(super) async fn install(connection: &mut PgConnection) -> sqlx::Result<bool> {
    if is_there(connection).await? {
        return Ok(false);
    }
    let mut transaction = connection.begin().await?;
    lock(&mut transaction, "").await?;
    let made = !is_there(&mut transaction).await?;
    if made {
        sqlx::raw_sql(SCHEMA).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    Ok(made)
}

async fn is_there(connection: &mut PgConnection) -> sqlx::Result<bool> {
    // Not `to_regclass`, which asks for rights on the schema.
    sqlx::query_scalar(
        "SELECT count(*) = 2 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
         WHERE n.nspname = 'dbvc_audit' AND c.relname IN ('events', 'documents')",
    )
    .fetch_one(connection)
    .await
}

/// Lets one writer of a chain in at a time, until its transaction ends.
pub(super) async fn lock(connection: &mut PgConnection, chain: &str) -> sqlx::Result<()> {
    sqlx::raw_sql("SET LOCAL lock_timeout = '10s'")
        .execute(&mut *connection)
        .await?;
    // The second number keeps these locks apart from everybody else's of the same words.
    sqlx::query("SELECT pg_advisory_xact_lock(hashtextextended($1, 7241009))")
        .bind(chain)
        .execute(connection)
        .await
        .map(|_| ())
}

pub(super) async fn head(connection: &mut PgConnection, database_id: &str) -> sqlx::Result<Option<Head>> {
    let row = sqlx::query(
        "SELECT sequence, digest FROM dbvc_audit.events WHERE database_id = $1 ORDER BY sequence DESC LIMIT 1",
    )
    .bind(database_id)
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(Head {
            database_id: database_id.to_owned(),
            sequence: super::place(row.try_get(0)?),
            digest: row.try_get(1)?,
        })
    })
    .transpose()
}

/// Each chain's name and first event. Looks each chain up by the key, not through all events.
pub(super) async fn firsts(connection: &mut PgConnection) -> sqlx::Result<Vec<(String, String)>> {
    sqlx::query_as(
        "WITH RECURSIVE chains AS ((SELECT min(database_id) AS id FROM dbvc_audit.events) UNION ALL \
         SELECT (SELECT min(e.database_id) FROM dbvc_audit.events e WHERE e.database_id > c.id) FROM chains c \
         WHERE c.id IS NOT NULL) \
         SELECT c.id, (SELECT e.event FROM dbvc_audit.events e WHERE e.database_id = c.id ORDER BY e.sequence LIMIT 1) \
         FROM chains c WHERE c.id IS NOT NULL ORDER BY c.id",
    )
    .fetch_all(connection)
    .await
}

pub(super) async fn digests(
    connection: &mut PgConnection,
    database_id: &str,
    from: u64,
    to: u64,
) -> sqlx::Result<Vec<(u64, String)>> {
    let rows = sqlx::query(
        "SELECT sequence, digest FROM dbvc_audit.events WHERE database_id = $1 AND sequence BETWEEN $2 AND $3",
    )
    .bind(database_id)
    .bind(number(from))
    .bind(number(to))
    .fetch_all(connection)
    .await?;
    rows.iter()
        .map(|row| Ok((super::place(row.try_get(0)?), row.try_get(1)?)))
        .collect()
}

pub(super) async fn insert(
    connection: &mut PgConnection,
    database_id: &str,
    events: &[Admitted<'_>],
) -> sqlx::Result<()> {
    let places: Vec<i64> = events.iter().map(|one| number(one.event.sequence)).collect();
    let texts: Vec<&str> = events.iter().map(|one| one.sealed.text.as_str()).collect();
    let digests: Vec<&str> = events.iter().map(|one| one.sealed.digest.as_str()).collect();
    let signatures: Vec<Option<&str>> = events.iter().map(|one| one.sealed.signature.as_deref()).collect();
    sqlx::query(
        "INSERT INTO dbvc_audit.events (database_id, sequence, event, digest, signature) \
         SELECT $1, n.* FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[]) AS n",
    )
    .bind(database_id)
    .bind(places)
    .bind(texts)
    .bind(digests)
    .bind(signatures)
    .execute(connection)
    .await
    .map(|_| ())
}

pub(super) async fn insert_documents(
    connection: &mut PgConnection,
    container: Container,
    documents: &[Document],
) -> sqlx::Result<()> {
    let databases: Vec<&str> = documents.iter().map(|one| one.database_id.as_str()).collect();
    let ids: Vec<&str> = documents.iter().map(|one| one.id.as_str()).collect();
    let contents: Vec<String> = documents.iter().map(Document::text).collect();
    sqlx::query(
        "INSERT INTO dbvc_audit.documents (container, database_id, id, content) \
         SELECT $1, n.database_id, n.id, n.content \
         FROM unnest($2::text[], $3::text[], $4::text[]) WITH ORDINALITY AS n (database_id, id, content, place) \
         ORDER BY n.place",
    )
    .bind(container.name())
    .bind(databases)
    .bind(ids)
    .bind(contents)
    .execute(connection)
    .await
    .map(|_| ())
}

/// Ids and contents, by id; of one document where it is named.
pub(super) async fn documents(
    connection: &mut PgConnection,
    database_id: &str,
    container: Container,
    id: Option<&str>,
) -> sqlx::Result<Vec<(String, String)>> {
    sqlx::query_as(
        "SELECT DISTINCT ON (id) id, content FROM dbvc_audit.documents WHERE database_id = $1 AND container = $2 \
         AND id = coalesce($3, id) ORDER BY id, place DESC",
    )
    .bind(database_id)
    .bind(container.name())
    .bind(id)
    .fetch_all(connection)
    .await
}

/// Ids and the digests of their contents. The server makes those, so that no content travels.
pub(super) async fn kept(
    connection: &mut PgConnection,
    database_id: &str,
    container: Container,
) -> sqlx::Result<Vec<(String, String)>> {
    sqlx::query_as(
        "SELECT id, encode(sha256(convert_to(content, 'UTF8')), 'hex') FROM ( \
           SELECT DISTINCT ON (id) id, content FROM dbvc_audit.documents WHERE database_id = $1 AND container = $2 \
           ORDER BY id, place DESC) AS newest",
    )
    .bind(database_id)
    .bind(container.name())
    .fetch_all(connection)
    .await
}

/// PostgreSQL's integers have a sign; places begin with 1.
pub(super) fn number(place: u64) -> i64 {
    i64::try_from(place).unwrap_or(i64::MAX)
}
