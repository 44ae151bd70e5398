//! Finding out what became of a broken-off statement.

mod question;

use std::time::Duration;

use async_trait::async_trait;
use dbvc_engine::driver::{Effect, Resolver};
use dbvc_engine::error::{Operation, Result};
use dbvc_engine::lock::{self, MarkedUnits};
use dbvc_engine::record::SqlRecord as _;
use dbvc_engine::sql::Statement;

use crate::message::literal;
use crate::record::{step_name, unit_name};
use crate::session::MsSqlSession;

/// Whether this login sees what other sessions do (reference, `sys.dm_exec_requests`, "permissions").
const SEES_OTHERS: &str = "CASE WHEN HAS_PERMS_BY_NAME(NULL, NULL, N'VIEW SERVER STATE') = 1 \
     OR (SERVERPROPERTY('EngineEdition') IN (5, 12) AND HAS_PERMS_BY_NAME(DB_NAME(), N'DATABASE', N'VIEW DATABASE STATE') = 1) \
     THEN 1 ELSE 0 END";

/// How often a session that is ended is looked for, and how long between two looks.
const LOOKS: u32 = 10;
const PAUSE: Duration = Duration::from_millis(200);

/// A name for a session that has a mark and cannot be seen.
const UNSEEN: &str = "another one of dbvc's";

#[async_trait]
impl Resolver for MsSqlSession {
    async fn effect(&mut self, statement: &Statement, session: Option<&str>) -> Result<Effect> {
        let mark = step_name(self.record.location());
        if let Some(session) = session
            && let Some(id) = self.still_there(&mark, session).await?
        {
            return Ok(Effect::Running(id));
        }
        let question = question::about(&statement.sql);
        let answers = match question.thing() {
            Some(thing) => self.read_record(&[thing.sql()], Operation::Query).await?,
            None => Vec::new(),
        };
        Ok(question.effect(&answers))
    }

    async fn at_work(&mut self) -> Result<Option<String>> {
        lock::at_work(self).await
    }
}

/// A unit is known by the lock that its transaction holds from its beginning to its end.
#[async_trait]
impl MarkedUnits for MsSqlSession {
    async fn is_marked(&mut self) -> Result<bool> {
        let mark = marked(&unit_name(self.record.location()));
        let answers = self
            .read_record(&[format!("SELECT {mark}")], Operation::Query)
            .await?;
        let cell = answers
            .first()
            .and_then(|rows| rows.cells.first()?.first()?.as_deref());
        Ok(cell == Some("1"))
    }

    async fn marked_at_work(&mut self) -> Result<Option<String>> {
        let mark = unit_name(self.record.location());
        self.at_work_with(&mark, "r.database_id = DB_ID()").await
    }
}

/// A session by the name that the record has for it.
fn only_session(name: &str) -> String {
    format!(
        "CONCAT(s.session_id, N'/', CONVERT(nvarchar(33), s.login_time, 126)) = {}",
        literal(name)
    )
}

/// The number of such a session, whatever it does.
fn waiting(which: &str) -> String {
    format!(
        "SELECT TOP (1) CONVERT(nvarchar(20), s.session_id) FROM sys.dm_exec_sessions s WHERE s.session_id <> @@SPID \
         AND {which}"
    )
}

/// Whether another session has the mark: 1 or 0. Nobody needs rights to ask.
fn marked(mark: &str) -> String {
    format!(
        "CASE APPLOCK_TEST(N'public', {}, N'Exclusive', N'Session') WHEN 0 THEN 1 ELSE 0 END",
        literal(mark)
    )
}

impl MsSqlSession {
    /// The session of the record's name, as long as it may still do what it was sent. One that waits for its client is
    /// ended: that is dead, but its batch may be under way to the server, and would be run whenever it arrives.
    async fn still_there(&mut self, mark: &str, session: &str) -> Result<Option<String>> {
        let which = only_session(session);
        for _ in 0..LOOKS {
            if let Some(id) = self.at_work_with(mark, &which).await? {
                return Ok(Some(if id == UNSEEN { session.to_owned() } else { id }));
            }
            let answers = self.read_record(&[waiting(&which)], Operation::Query).await?;
            let id = answers
                .first()
                .and_then(|rows| rows.cells.first()?.first()?.as_deref()?.parse::<u32>().ok());
            let Some(id) = id else { return Ok(None) };
            // Whoever may not end it waits for it.
            let _ = self.run(Operation::Query, &format!("KILL {id}")).await;
            tokio::time::sleep(PAUSE).await;
        }
        Ok(Some(session.to_owned()))
    }

    /// A session with the mark that runs something now, as far as this login may see that; otherwise any with the mark.
    async fn at_work_with(&mut self, mark: &str, which: &str) -> Result<Option<String>> {
        let sql = format!(
            "SELECT {}, {SEES_OTHERS}, (SELECT TOP (1) CONVERT(nvarchar(20), r.session_id) FROM sys.dm_exec_requests r \
             JOIN sys.dm_exec_sessions s ON s.session_id = r.session_id WHERE r.session_id <> @@SPID AND {which})",
            marked(mark)
        );
        let answers = self.read_record(&[sql], Operation::Query).await?;
        let row = answers.first().and_then(|rows| rows.cells.first());
        let cell = |at: usize| row.and_then(|row| row.get(at)?.as_deref());
        if cell(0) != Some("1") {
            return Ok(None);
        }
        if cell(1) == Some("1") {
            return Ok(cell(2).map(ToOwned::to_owned));
        }
        Ok(Some(UNSEEN.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_known_by_its_number_and_when_it_logged_in() {
        let sql = only_session("53/2026-11-21T18:00:00.123'");
        assert!(sql.ends_with("= N'53/2026-11-21T18:00:00.123'''"), "{sql}");
    }

    #[test]
    fn a_mark_is_asked_for_without_rights() {
        assert_eq!(
            marked("dbvc.unit/x"),
            "CASE APPLOCK_TEST(N'public', N'dbvc.unit/x', N'Exclusive', N'Session') WHEN 0 THEN 1 ELSE 0 END"
        );
    }
}
