//! Scratch databases: made from `template0`, marked by a comment, dropped with whoever is still in them.

use async_trait::async_trait;
use dbvc_engine::driver::{
    Rows, SCRATCH_AGE, SCRATCH_MARK, SCRATCH_PREFIX, SCRATCH_UNMARKED_AGE, ScratchGround, ScratchServer,
    Session as _, Target,
};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};

use crate::connect::Settings;
use crate::message::{Message, Part};
use crate::record::literal;
use crate::session::PostgresSession;

/// How scratch databases are made on PostgreSQL.
#[derive(Debug)]
pub(crate) struct PostgresScratch;

#[async_trait]
impl ScratchServer for PostgresScratch {
    type Session = PostgresSession;

    // Manual, 23.3.
    const MAINTENANCE: &'static str = "postgres";

    async fn enter(target: &Target) -> Result<PostgresSession> {
        let settings = Settings::read(target).map_err(|error| {
            DriverError::new(ErrorKind::Unsupported, Operation::Connect, error.to_string())
        })?;
        PostgresSession::open(target, settings).await
    }

    async fn leave(session: PostgresSession) {
        let _ = Box::new(session).close().await;
    }

    async fn ground(session: &mut PostgresSession, _: &Target, _: bool) -> Result<ScratchGround> {
        let (leftovers, own) = (leftovers_query(), own_query(session));
        let answers = session.read(Operation::Query, &[&leftovers, &own]).await?;
        let mut own = answers
            .get(1)
            .and_then(|rows| rows.cells.first().cloned())
            .unwrap_or_default()
            .into_iter();
        Ok(ScratchGround {
            leftovers: answers
                .first()
                .into_iter()
                .flat_map(first_cells)
                .cloned()
                .collect(),
            now: own.next().flatten().unwrap_or_default(),
            like: own.collect(),
        })
    }

    async fn drop_leftover(session: &mut PostgresSession, name: &str) -> Result<()> {
        alone(session, &format!("DROP DATABASE IF EXISTS {name}")).await
    }

    async fn create(
        session: &mut PostgresSession,
        _: &Target,
        name: &str,
        like: &[Option<String>],
    ) -> Result<()> {
        alone(session, &create_statement(name, like)).await
    }

    async fn mark(session: &mut PostgresSession, _: &Target, name: &str, mark: &str) -> Result<()> {
        alone(
            session,
            &format!("COMMENT ON DATABASE {name} IS {}", literal(mark)),
        )
        .await
    }

    async fn remove(session: &mut PostgresSession, _: &Target, name: &str) -> Result<()> {
        // Since 13 (manual, DROP DATABASE); before that those who are in it are sent away first.
        if session.is_at_least(130_000) {
            let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            return alone(session, &drop).await;
        }
        let send_away = format!(
            "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = {}",
            literal(name)
        );
        let _ = alone(session, &send_away).await;
        alone(session, &format!("DROP DATABASE IF EXISTS {name}")).await
    }

    fn right(session: &PostgresSession) -> String {
        let (_, login) = session.server_names();
        format!("ALTER ROLE \"{}\" CREATEDB", login.replace('"', "\"\""))
    }
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

fn create_statement(name: &str, like: &[Option<String>]) -> String {
    let setting = |at: usize| like.get(at).cloned().flatten();
    let mut sql = format!("CREATE DATABASE {name} TEMPLATE template0");
    for (word, at) in [("ENCODING", 0), ("LC_COLLATE", 1), ("LC_CTYPE", 2)] {
        if let Some(value) = setting(at) {
            sql = format!("{sql} {word} {}", literal(&value));
        }
    }
    let (provider, locale) = match setting(3).as_deref() {
        Some("i") => ("icu", "ICU_LOCALE"),
        Some("b") => ("builtin", "BUILTIN_LOCALE"),
        _ => return sql,
    };
    sql = format!("{sql} LOCALE_PROVIDER {provider}");
    for (word, at) in [(locale, 4), ("ICU_RULES", 5)] {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn some(values: &[&str]) -> Vec<Option<String>> {
        values.iter().map(|value| Some((*value).to_owned())).collect()
    }

    #[test]
    fn it_sorts_and_encodes_as_the_database_beside_it() {
        let sql = create_statement("x", &some(&["UTF8", "C", "de_DE.utf8", "c"]));
        assert_eq!(
            sql,
            "CREATE DATABASE x TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'de_DE.utf8'"
        );
        let sql = create_statement("x", &some(&["UTF8", "C", "C", "i", "de-DE"]));
        assert!(sql.ends_with("LOCALE_PROVIDER icu ICU_LOCALE 'de-DE'"), "{sql}");
        let sql = create_statement("x", &some(&["UTF8", "C", "C", "b", "C.UTF-8"]));
        assert!(
            sql.ends_with("LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8'"),
            "{sql}"
        );
    }
}
