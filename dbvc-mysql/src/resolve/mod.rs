//! Finding out what became of a broken-off statement.

mod question;
mod reader;

use async_trait::async_trait;
use dbvc_engine::driver::{Effect, Resolver};
use dbvc_engine::error::{ErrorKind, Operation, Result};
use dbvc_engine::lock::{self, MarkedUnits};
use dbvc_engine::record::SqlRecord as _;
use dbvc_engine::sql::Statement;

use crate::message::{Message, Part};
use crate::session::MySqlSession;

#[async_trait]
impl Resolver for MySqlSession {
    async fn effect(&mut self, statement: &Statement, session: Option<&str>) -> Result<Effect> {
        if let Some(id) = self.running(&statement.sql, session).await? {
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

/// Columns of `SHOW FULL PROCESSLIST`.
const ID: usize = 0;
const DATABASE: usize = 3;
const COMMAND: usize = 4;
const TEXT: usize = 7;

type Row = Vec<Option<String>>;

fn cell(row: &Row, at: usize) -> &str {
    row.get(at).and_then(Option::as_deref).unwrap_or_default()
}

impl MySqlSession {
    /// The session that runs the statement now: the one that the record names, or another in this database with the
    /// same text.
    async fn running(&mut self, sql: &str, session: Option<&str>) -> Result<Option<String>> {
        let others = self.others().await?;
        Ok(others
            .iter()
            .filter(|row| session == Some(cell(row, ID)) || cell(row, DATABASE) == self.settings.database)
            .find(|row| runs(cell(row, TEXT), sql))
            .map(|row| cell(row, ID).to_owned()))
    }

    /// The sessions beside this one. Without the right `PROCESS` the server shows the login's own, which dbvc's are.
    async fn others(&mut self) -> Result<Vec<Row>> {
        let mut message = Message::new();
        message.push(Part::Asked, "SELECT CAST(CONNECTION_ID() AS CHAR)");
        message.push(Part::Asked, "SHOW FULL PROCESSLIST");
        let mut answers = self.run(Operation::Query, &message).await?.into_iter();
        let own = answers.next().unwrap_or_default().cells;
        let own = own.first().map_or("", |row| cell(row, ID));
        let all = answers.next().unwrap_or_default().cells;
        Ok(all.into_iter().filter(|row| cell(row, ID) != own).collect())
    }
}

/// A unit is known by the fence, which its transaction pins from its first statement to its end.
#[async_trait]
impl MarkedUnits for MySqlSession {
    async fn is_marked(&mut self) -> Result<bool> {
        let fences = self.record.table("migration_fences");
        let mut message = Message::new();
        message.push(Part::Own, "START TRANSACTION");
        message.push(
            Part::Own,
            &format!("SELECT token FROM {fences} FOR UPDATE NOWAIT"),
        );
        message.push(Part::Own, "ROLLBACK");
        match self.run_transaction(Operation::Lock, &message).await {
            Ok(_) => Ok(false),
            Err(error) if matches!(error.kind, ErrorKind::LockTimeout | ErrorKind::Conflict) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// A session in this database that is not waiting for its client.
    async fn marked_at_work(&mut self) -> Result<Option<String>> {
        let others = self.others().await?;
        Ok(others
            .iter()
            .find(|row| cell(row, DATABASE) == self.settings.database && cell(row, COMMAND) != "Sleep")
            .map(|row| cell(row, ID).to_owned()))
    }
}

/// Whether `shown`, a session's statement as the server shows it, is `sql`. The text may hold what was sent behind it.
fn runs(shown: &str, sql: &str) -> bool {
    let rest = shown.trim().strip_prefix(sql.trim());
    rest.is_some_and(|rest| rest.is_empty() || rest.trim_start().starts_with(';'))
}

#[cfg(test)]
mod tests {
    use super::runs;

    #[test]
    fn a_statement_is_known_by_its_whole_text() {
        assert!(runs("ALTER TABLE t ADD a INT", "ALTER TABLE t ADD a INT"));
        assert!(runs(
            "ALTER TABLE t ADD a INT\n;\nSHOW WARNINGS",
            "ALTER TABLE t ADD a INT"
        ));
        assert!(!runs(
            "ALTER TABLE t ADD a INT, ADD b INT",
            "ALTER TABLE t ADD a INT"
        ));
        assert!(!runs("", "ALTER TABLE t ADD a INT"));
    }
}
