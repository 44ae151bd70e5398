//! Scratch databases: marked by the comment of a table, and dropped with whoever is still in them.

use async_trait::async_trait;
use dbvc_engine::driver::{
    Access, Rows, SCRATCH_AGE, SCRATCH_MARK, SCRATCH_PREFIX, SCRATCH_UNMARKED_AGE, Scratch, Session as _,
    Target, is_scratch_name, scratch_age, scratch_name,
};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};

use crate::connect::Settings;
use crate::introspect::{quoted, string};
use crate::message::{Message, Part};
use crate::record::literal;
use crate::session::MySqlSession;

/// The database that every login may enter, for a target whose own does not exist yet.
const MAINTENANCE: &str = "information_schema";

/// The table whose comment is the mark, as databases have none on MySQL. It stands with the record's tables, which no
/// schema has in it.
const MARK_TABLE: &str = "scratch";

/// A scratch database.
#[derive(Debug)]
pub(crate) struct MySqlScratch {
    target: Target,
    /// From where it was made, and is dropped.
    beside: Target,
}

/// Makes one, after dropping what killed runs left behind.
pub(crate) async fn make(target: &Target, place: Option<&Target>) -> Result<Box<dyn Scratch>> {
    let beside = place
        .unwrap_or(target)
        .clone()
        .with_access(Access::ReadWrite)
        .with_record(target.record.clone());
    let (mut session, beside) = open(beside).await?;
    let made = make_in(&mut session, &beside).await;
    let _ = Box::new(session).close().await;
    made
}

async fn open(beside: Target) -> Result<(MySqlSession, Target)> {
    match session(&beside).await {
        Ok(session) => Ok((session, beside)),
        Err(error) if error.kind == ErrorKind::NoSuchDatabase => {
            let other = beside.with_database(MAINTENANCE);
            // That there is no such database is the answer to what was asked for.
            session(&other)
                .await
                .map_err(|_| error)
                .map(|session| (session, other))
        }
        Err(error) => Err(error),
    }
}

async fn session(target: &Target) -> Result<MySqlSession> {
    let settings = Settings::read(target)
        .map_err(|error| DriverError::new(ErrorKind::Unsupported, Operation::Connect, error.to_string()))?;
    MySqlSession::open(target, settings).await
}

async fn make_in(session: &mut MySqlSession, beside: &Target) -> Result<Box<dyn Scratch>> {
    let answers = ask(session, &[LIKE_OURS, OWN]).await?;
    for name in answers.first().into_iter().flat_map(first_cells) {
        if is_scratch_name(name) && is_left_behind(session, name).await? {
            // Somebody may have come in or dropped it meanwhile; then it is theirs, or gone.
            let _ = run(session, &[&format!("DROP DATABASE IF EXISTS {name}")]).await;
        }
    }
    let own = answers.get(1).and_then(|rows| rows.cells.first());
    let own = |at: usize| own.and_then(|row| row.get(at).cloned().flatten());
    let name = scratch_name();
    let mut create = format!("CREATE DATABASE {name}");
    // `information_schema` has a collation of its own that is nobody's.
    if let Some(collation) = own(1).filter(|_| beside.database_name() != MAINTENANCE) {
        create = format!("{create} COLLATE {collation}");
    }
    run(session, &[&create])
        .await
        .map_err(|error| explain(error, session))?;
    let made_at = own(0).unwrap_or_default();
    let table = quoted(&format!("{}{MARK_TABLE}", beside.record.prefix));
    let mark = string(&format!("{SCRATCH_MARK}, made at {made_at}"));
    let marked = format!("CREATE TABLE {name}.{table} (made_at bigint) COMMENT = {mark}");
    if let Err(error) = run(session, &[&marked]).await {
        // Without its mark nobody would ever drop it.
        let _ = run(session, &[&format!("DROP DATABASE IF EXISTS {name}")]).await;
        return Err(error);
    }
    Ok(Box::new(MySqlScratch {
        target: beside.clone().with_database(&name),
        beside: beside.clone(),
    }))
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

fn explain(error: DriverError, session: &MySqlSession) -> DriverError {
    if error.kind != ErrorKind::Denied {
        return error;
    }
    let login = &session.server().login;
    error.with_note(format!(
        "the right is given with: GRANT ALL ON `{}%`.* TO {}",
        SCRATCH_PREFIX.replace('_', "\\_"),
        quoted(login)
    ))
}

#[async_trait]
impl Scratch for MySqlScratch {
    fn target(&self) -> &Target {
        &self.target
    }

    async fn remove(self: Box<Self>) -> Result<()> {
        let name = self.target.database_name();
        let mut session = session(&self.beside).await?;
        let inside = format!(
            "SELECT id FROM information_schema.processlist WHERE db = {} AND id <> CONNECTION_ID()",
            literal(&name)
        );
        // Whoever holds a lock in it would keep it from being dropped.
        for id in ask(&mut session, &[&inside]).await?.iter().flat_map(first_cells) {
            if id.bytes().all(|byte| byte.is_ascii_digit()) {
                let _ = run(&mut session, &[&format!("KILL {id}")]).await;
            }
        }
        let dropped = run(
            &mut session,
            &[&format!("DROP DATABASE IF EXISTS {}", quoted(&name))],
        )
        .await;
        let _ = Box::new(session).close().await;
        dropped
    }
}
