//! Scratch databases: marked by the comment of a table, and dropped with whoever is still in them.

use async_trait::async_trait;
use dbvc_engine::driver::{
    Rows, SCRATCH_AGE, SCRATCH_MARK, SCRATCH_PREFIX, SCRATCH_UNMARKED_AGE, ScratchGround, ScratchServer,
    Session as _, Target, scratch_age,
};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};

use crate::connect::Settings;
use crate::introspect::{quoted, string};
use crate::message::{Message, Part};
use crate::record::literal;
use crate::session::MySqlSession;

/// The table whose comment is the mark, as databases have none on MySQL. It stands with the record's tables, which no
/// schema has in it.
const MARK_TABLE: &str = "scratch";

/// How scratch databases are made on MySQL and MariaDB.
#[derive(Debug)]
pub(crate) struct MySqlScratch;

#[async_trait]
impl ScratchServer for MySqlScratch {
    type Session = MySqlSession;

    // Every login may enter it.
    const MAINTENANCE: &'static str = "information_schema";

    async fn enter(target: &Target) -> Result<MySqlSession> {
        let settings = Settings::read(target).map_err(|error| {
            DriverError::new(ErrorKind::Unsupported, Operation::Connect, error.to_string())
        })?;
        MySqlSession::open(target, settings).await
    }

    async fn leave(session: MySqlSession) {
        let _ = Box::new(session).close().await;
    }

    async fn ground(session: &mut MySqlSession, beside: &Target, _: bool) -> Result<ScratchGround> {
        let answers = ask(session, &[LIKE_OURS, OWN]).await?;
        let own = answers.get(1).and_then(|rows| rows.cells.first());
        let own = |at: usize| own.and_then(|row| row.get(at).cloned().flatten());
        Ok(ScratchGround {
            leftovers: answers
                .first()
                .into_iter()
                .flat_map(first_cells)
                .cloned()
                .collect(),
            now: own(0).unwrap_or_default(),
            // `information_schema` has a collation of its own that is nobody's.
            like: vec![own(1).filter(|_| beside.database_name() != Self::MAINTENANCE)],
        })
    }

    async fn is_left_behind(session: &mut MySqlSession, name: &str) -> Result<bool> {
        is_left_behind(session, name).await
    }

    async fn drop_leftover(session: &mut MySqlSession, name: &str) -> Result<()> {
        run(session, &[&format!("DROP DATABASE IF EXISTS {name}")]).await
    }

    async fn create(
        session: &mut MySqlSession,
        _: &Target,
        name: &str,
        like: &[Option<String>],
    ) -> Result<()> {
        let collate = like
            .iter()
            .flatten()
            .map(|collation| format!(" COLLATE {collation}"));
        let collate: String = collate.collect();
        run(session, &[&format!("CREATE DATABASE {name}{collate}")]).await
    }

    async fn mark(session: &mut MySqlSession, beside: &Target, name: &str, mark: &str) -> Result<()> {
        let table = quoted(&format!("{}{MARK_TABLE}", beside.record.prefix));
        let mark = string(mark);
        let marked = format!("CREATE TABLE {name}.{table} (made_at bigint) COMMENT = {mark}");
        run(session, &[&marked]).await
    }

    async fn remove(session: &mut MySqlSession, _: &Target, name: &str) -> Result<()> {
        let inside = format!(
            "SELECT id FROM information_schema.processlist WHERE db = {} AND id <> CONNECTION_ID()",
            literal(name)
        );
        // Whoever holds a lock in it would keep it from being dropped.
        for id in ask(session, &[&inside]).await?.iter().flat_map(first_cells) {
            if id.bytes().all(|byte| byte.is_ascii_digit()) {
                let _ = run(session, &[&format!("KILL {id}")]).await;
            }
        }
        run(session, &[&format!("DROP DATABASE IF EXISTS {}", quoted(name))]).await
    }

    fn right(session: &MySqlSession) -> String {
        format!(
            "GRANT ALL ON `{}%`.* TO {}",
            SCRATCH_PREFIX.replace('_', "\\_"),
            quoted(&session.server().login)
        )
    }
}

fn first_cells(rows: &Rows) -> impl Iterator<Item = &String> {
    rows.cells.iter().filter_map(|row| row.first()?.as_ref())
}

/// The server's time, and how texts are compared in the database that we are in.
const OWN: &str = "SELECT UNIX_TIMESTAMP(), default_collation_name FROM information_schema.schemata \
                   WHERE schema_name = DATABASE()";

/// Databases that may be ours. Their tables are asked for one by one: to look through those of all databases takes a
/// server long.
const LIKE_OURS: &str = "SELECT schema_name FROM information_schema.schemata WHERE schema_name LIKE 'dbvc!_scratch!_%' \
                         ESCAPE '!'";

/// Whether it has our mark, is old, and nobody is in it, as far as this login sees. Without the mark, where a run was
/// killed before it could leave that, it must be empty, and its name tells how old it is.
async fn is_left_behind(session: &mut MySqlSession, name: &str) -> Result<bool> {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let made_long_ago =
        scratch_age(name, now.unwrap_or_default()).is_some_and(|age| age > SCRATCH_UNMARKED_AGE);
    let (age, name) = (SCRATCH_AGE.as_secs(), literal(name));
    let mark = literal(&format!("{SCRATCH_MARK}, made at "));
    let question = format!(
        "SELECT 1 FROM information_schema.tables t WHERE t.table_schema = {name} \
         AND LEFT(t.table_comment, CHAR_LENGTH({mark})) = {mark} \
         AND CAST(SUBSTRING(t.table_comment, CHAR_LENGTH({mark}) + 1) AS UNSIGNED) BETWEEN 1 AND UNIX_TIMESTAMP() - {age} \
         AND NOT EXISTS (SELECT 1 FROM information_schema.processlist p WHERE p.db = {name})"
    );
    let empty = format!(
        "SELECT 1 WHERE {made_long_ago} \
         AND NOT EXISTS (SELECT 1 FROM information_schema.tables t WHERE t.table_schema = {name}) \
         AND NOT EXISTS (SELECT 1 FROM information_schema.routines r WHERE r.routine_schema = {name}) \
         AND NOT EXISTS (SELECT 1 FROM information_schema.events e WHERE e.event_schema = {name}) \
         AND NOT EXISTS (SELECT 1 FROM information_schema.processlist p WHERE p.db = {name})"
    );
    let answers = ask(session, &[&question, &empty]).await?;
    Ok(answers.iter().any(|rows| !rows.cells.is_empty()))
}

async fn ask(session: &mut MySqlSession, questions: &[&str]) -> Result<Vec<Rows>> {
    let mut message = Message::new();
    for sql in questions {
        message.push(Part::Asked, sql);
    }
    session.run(Operation::Query, &message).await
}

async fn run(session: &mut MySqlSession, statements: &[&str]) -> Result<()> {
    let mut message = Message::new();
    for sql in statements {
        message.push(Part::Own, sql);
    }
    session.run(Operation::Execute, &message).await.map(drop)
}
