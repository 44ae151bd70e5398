//! Finding out what became of a broken-off statement.

mod question;
mod reader;

use async_trait::async_trait;
use dbvc_engine::driver::{Effect, Resolver};
use dbvc_engine::error::{Operation, Result};
use dbvc_engine::record::SqlRecord as _;
use dbvc_engine::sql::Statement;

use crate::message::{Message, Part};
use crate::session::MySqlSession;
use question::Question;

#[async_trait]
impl Resolver for MySqlSession {
    async fn effect(&mut self, statement: &Statement, session: Option<&str>) -> Result<Effect> {
        if let Some(id) = self.running(&statement.sql, session).await? {
            return Ok(Effect::Running(id));
        }
        let question = Question::about(&statement.sql);
        let Some(sql) = question.sql() else {
            return Ok(question.effect(None));
        };
        let answers = self.read_record(&[sql], Operation::Query).await?;
        let there = answers
            .first()
            .and_then(|rows| rows.cells.first()?.first()?.as_deref())
            .map(|count| count != "0");
        Ok(question.effect(there))
    }
}

/// Columns of `SHOW FULL PROCESSLIST`.
const ID: usize = 0;
const DATABASE: usize = 3;
const TEXT: usize = 7;

impl MySqlSession {
    /// The session that runs the statement now: the one that the record names, or another in this database with the
    /// same text. Without the right `PROCESS` the server shows the login's own sessions, which dbvc's are.
    async fn running(&mut self, sql: &str, session: Option<&str>) -> Result<Option<String>> {
        let mut message = Message::new();
        message.push(Part::Asked, "SELECT CAST(CONNECTION_ID() AS CHAR)");
        message.push(Part::Asked, "SHOW FULL PROCESSLIST");
        let answers = self.run(Operation::Query, &message).await?;
        let own = answers
            .first()
            .and_then(|rows| rows.cells.first()?.first()?.clone());
        let rows = answers.get(1).into_iter().flat_map(|rows| &rows.cells);
        Ok(rows
            .filter(|row| {
                let cell = |at: usize| row.get(at).and_then(Option::as_deref).unwrap_or_default();
                let ours = session == Some(cell(ID)) || cell(DATABASE) == self.settings.database;
                ours && own.as_deref() != Some(cell(ID)) && runs(cell(TEXT), sql)
            })
            .find_map(|row| row.get(ID).cloned().flatten()))
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
