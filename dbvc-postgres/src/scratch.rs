//! Scratch databases: made from `template0`, marked by a comment, dropped with whoever is still in them.

use async_trait::async_trait;
use dbvc_engine::driver::{
    Access, Rows, SCRATCH_AGE, SCRATCH_MARK, SCRATCH_PREFIX, SCRATCH_UNMARKED_AGE, Scratch, Session as _,
    Target, is_scratch_name, scratch_name,
};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};

use crate::connect::Settings;
use crate::message::{Message, Part};
use crate::record::literal;
use crate::session::PostgresSession;

/// The database that every server has, for a target whose own does not exist yet (manual, 23.3).
const MAINTENANCE: &str = "postgres";

/// A scratch database.
#[derive(Debug)]
pub(crate) struct PostgresScratch {
    target: Target,
    /// From where it was made, and is dropped: nobody can drop the database that he is in.
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

async fn open(beside: Target) -> Result<(PostgresSession, Target)> {
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

async fn session(target: &Target) -> Result<PostgresSession> {
    let settings = Settings::read(target)
        .map_err(|error| DriverError::new(ErrorKind::Unsupported, Operation::Connect, error.to_string()))?;
    PostgresSession::open(target, settings).await
}

async fn make_in(session: &mut PostgresSession, beside: &Target) -> Result<Box<dyn Scratch>> {
    let (leftovers, own) = (leftovers_query(), own_query(session));
    let answers = session.read(Operation::Query, &[&leftovers, &own]).await?;
    for name in answers.first().into_iter().flat_map(first_cells) {
        if is_scratch_name(name) {
            // Somebody may have come in or dropped it meanwhile; then it is theirs, or gone.
            let _ = alone(session, &format!("DROP DATABASE IF EXISTS {name}")).await;
        }
    }
    let name = scratch_name();
    let settings = answers.get(1).and_then(|rows| rows.cells.first());
    let settings = settings.map(Vec::as_slice).unwrap_or_default();
    alone(session, &create_statement(&name, settings))
        .await
        .map_err(|error| explain(error, session))?;
    let made_at = settings.first().cloned().flatten().unwrap_or_default();
    let mark = literal(&format!("{SCRATCH_MARK}, made at {made_at}"));
    if let Err(error) = alone(session, &format!("COMMENT ON DATABASE {name} IS {mark}")).await {
        // Without its mark nobody would ever drop it.
        let _ = alone(session, &format!("DROP DATABASE IF EXISTS {name}")).await;
        return Err(error);
    }
    Ok(Box::new(PostgresScratch {
        target: beside.clone().with_database(&name),
        beside: beside.clone(),
    }))
}

fn first_cells(rows: &Rows) -> impl Iterator<Item = &String> {
    rows.cells.iter().filter_map(|row| row.first()?.as_ref())
}

/// Databases with our name that are old and that nobody is in: with our mark, or, where a run was killed before it could
/// leave that, with no word on them and as small as an empty one. The name tells when those were made (RFC 9562, 5.7).
fn leftovers_query() -> String {
    let (age, unmarked) = (SCRATCH_AGE.as_secs(), SCRATCH_UNMARKED_AGE.as_secs());
    let now = "extract(epoch FROM clock_timestamp())";
    format!(
        "SELECT d.datname FROM pg_catalog.pg_database d WHERE d.datname ~ '^{SCRATCH_PREFIX}[0-9a-f]{{32}}$' \
         AND CASE WHEN NOT pg_catalog.pg_has_role(d.datdba, 'USAGE') THEN false \
         WHEN pg_catalog.shobj_description(d.oid, 'pg_database') IS NOT NULL \
         THEN substring(pg_catalog.shobj_description(d.oid, 'pg_database') \
         FROM '^{SCRATCH_MARK}, made at ([0-9]{{1,12}})$')::bigint < {now} - {age} \
         WHEN ('x' || substring(d.datname FROM '^{SCRATCH_PREFIX}([0-9a-f]{{12}})7[0-9a-f]{{3}}[89ab]'))::bit(48)::bigint / 1000 \
         < {now} - {unmarked} THEN pg_catalog.pg_database_size(d.oid) < pg_catalog.pg_database_size('template0') + {SPARE} \
         ELSE false END AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity a WHERE a.datid = d.oid)"
    )
}

/// What an empty database may have more than its template, in bytes: files that the server makes when it is entered.
const SPARE: u32 = 1 << 20;

/// The server's time, and what the database that we are in was made with. The columns' names changed (manual,
/// appendix E, release notes of 15, 16 and 17).
fn own_query(session: &PostgresSession) -> String {
    let locale = if session.is_at_least(170_000) {
        "d.datlocale"
    } else if session.is_at_least(150_000) {
        "d.daticulocale"
    } else {
        "NULL"
    };
    let provider = if session.is_at_least(150_000) {
        "d.datlocprovider::text"
    } else {
        "'c'"
    };
    let rules = if session.is_at_least(160_000) {
        "d.daticurules"
    } else {
        "NULL"
    };
    format!(
        "SELECT floor(extract(epoch FROM clock_timestamp()))::bigint::text, pg_catalog.pg_encoding_to_char(d.encoding), \
         d.datcollate::text, d.datctype::text, {provider}, {locale}, {rules} FROM pg_catalog.pg_database d \
         WHERE d.datname = pg_catalog.current_database()"
    )
}

fn create_statement(name: &str, settings: &[Option<String>]) -> String {
    let setting = |at: usize| settings.get(at).cloned().flatten();
    let mut sql = format!("CREATE DATABASE {name} TEMPLATE template0");
    for (word, at) in [("ENCODING", 1), ("LC_COLLATE", 2), ("LC_CTYPE", 3)] {
        if let Some(value) = setting(at) {
            sql = format!("{sql} {word} {}", literal(&value));
        }
    }
    let (provider, locale) = match setting(4).as_deref() {
        Some("i") => ("icu", "ICU_LOCALE"),
        Some("b") => ("builtin", "BUILTIN_LOCALE"),
        _ => return sql,
    };
    sql = format!("{sql} LOCALE_PROVIDER {provider}");
    for (word, at) in [(locale, 5), ("ICU_RULES", 6)] {
        if let Some(value) = setting(at) {
            sql = format!("{sql} {word} {}", literal(&value));
        }
    }
    sql
}

/// Sends a statement that refuses to share its message with another one.
async fn alone(session: &mut PostgresSession, sql: &str) -> Result<()> {
    let mut message = Message::new();
    message.push(Part::Own, sql);
    session.run(Operation::Execute, &mut message).await.map(drop)
}

fn explain(error: DriverError, session: &PostgresSession) -> DriverError {
    if error.kind == ErrorKind::Denied {
        let (_, login) = session.server_names();
        return error.with_note(format!(
            "the right is given with: ALTER ROLE \"{}\" CREATEDB",
            login.replace('"', "\"\"")
        ));
    }
    error
}

#[async_trait]
impl Scratch for PostgresScratch {
    fn target(&self) -> &Target {
        &self.target
    }

    async fn remove(self: Box<Self>) -> Result<()> {
        let name = self.target.database_name();
        let mut session = session(&self.beside).await?;
        // Since 13 (manual, DROP DATABASE); before that those who are in it are sent away first.
        let dropped = if session.is_at_least(130_000) {
            alone(
                &mut session,
                &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            )
            .await
        } else {
            let send_away = format!(
                "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = {}",
                literal(&name)
            );
            let _ = alone(&mut session, &send_away).await;
            alone(&mut session, &format!("DROP DATABASE IF EXISTS {name}")).await
        };
        let _ = Box::new(session).close().await;
        dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(values: &[&str]) -> Vec<Option<String>> {
        values.iter().map(|value| Some((*value).to_owned())).collect()
    }

    #[test]
    fn it_sorts_and_encodes_as_the_database_beside_it() {
        let sql = create_statement("x", &some(&["1", "UTF8", "C", "de_DE.utf8", "c"]));
        assert_eq!(
            sql,
            "CREATE DATABASE x TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'de_DE.utf8'"
        );
        let sql = create_statement("x", &some(&["1", "UTF8", "C", "C", "i", "de-DE"]));
        assert!(sql.ends_with("LOCALE_PROVIDER icu ICU_LOCALE 'de-DE'"), "{sql}");
        let sql = create_statement("x", &some(&["1", "UTF8", "C", "C", "b", "C.UTF-8"]));
        assert!(
            sql.ends_with("LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"),
            "{sql}"
        );
    }
}
