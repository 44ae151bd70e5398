//! Finding out what became of a broken-off statement.

mod question;

use async_trait::async_trait;
use dbvc_engine::driver::{Effect, Resolver};
use dbvc_engine::error::{Operation, Result};
use dbvc_engine::sql::Statement;

use crate::message::HEAD;
use crate::record::literal;
use crate::session::PostgresSession;
use crate::statement::Head;
use question::{Answer, Question};

#[async_trait]
impl Resolver for PostgresSession {
    async fn effect(&mut self, statement: &Statement, session: Option<&str>) -> Result<Effect> {
        let application = self.target.application_name.clone();
        let running = running(&statement.sql, session, &application);
        let ended = session.map(|session| self.ended(session, &application));
        let head = Head::of(&statement.sql);
        let question = Question::about(&head);
        let mut queries = vec![running.as_str()];
        queries.extend(ended.as_deref());
        queries.extend(question.sql());
        let answers = self.read(Operation::Query, &queries).await?;
        let mut answers = answers.into_iter().map(|rows| rows.cells);
        let running = answers.next().unwrap_or_default();
        if let Some(Some(pid)) = running.first().and_then(|row| row.first()) {
            return Ok(Effect::Running(pid.clone()));
        }
        let ended = ended.and_then(|_| answers.next());
        if let Some(Some(pid)) = ended.as_ref().and_then(|rows| rows.first()?.first()) {
            return Ok(Effect::Running(pid.clone()));
        }
        Ok(question.effect(&Answer(answers.next().unwrap_or_default())))
    }

    /// Known by what stands before the text of its message.
    async fn at_work(&mut self) -> Result<Option<String>> {
        let sql = format!(
            "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND state = 'active' \
             AND datname = current_database() AND starts_with(query, {}) LIMIT 1",
            literal(HEAD)
        );
        let answers = self.read(Operation::Query, &[&sql]).await?;
        let mut cells = answers.into_iter().flat_map(|rows| rows.cells).flatten();
        Ok(cells.next().flatten())
    }
}

impl PostgresSession {
    /// Ends the session that the record names, where it is there and waits for its client. That is dead, but what it sent
    /// may still be under way to the server, and would be run whenever it arrives; and a server that does not hear that
    /// the client is gone may wait for hours for the rest of a `COPY`. Behind a pooler the session may be
    /// somebody else's by now, and a number that is used again may be that of this run's keeper: both are left alone.
    fn ended(&self, session: &str, application: &str) -> String {
        format!(
            "SELECT pid, CASE WHEN pg_has_role(usesysid, 'USAGE') THEN pg_terminate_backend(pid) END \
             FROM pg_stat_activity WHERE pid::text = {} AND pid <> pg_backend_pid() \
             AND (state <> 'active' OR wait_event_type = 'Client') AND datname = current_database() AND application_name = {} AND NOT ({}) \
             AND NOT EXISTS (SELECT FROM {} WHERE session_id = pid::text)",
            literal(session),
            literal(application),
            self.pooled(),
            self.record.table("migration_locks"),
        )
    }
}

/// A session's text without the limits that go in front of a statement where they cannot be set before.
const SENT: &str = r"regexp_replace(query, '^(SET LOCAL [a-z_]+ = [0-9]+\s*;\s*)+', '')";

/// The session that runs the statement now: the one that the record names, or one of dbvc's. The server keeps only the
/// first part of a statement's text (`track_activity_query_size`).
fn running(sql: &str, session: Option<&str>, application: &str) -> String {
    let pid = session.map_or_else(String::new, |session| {
        format!("pid::text = {} OR ", literal(session))
    });
    format!(
        "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND state = 'active' \
         AND ({pid}application_name = {}) AND {SENT} <> '' AND starts_with({}, {SENT})",
        literal(application),
        literal(sql)
    )
}
