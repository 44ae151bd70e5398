//! Reading the record.

use super::RecordSql;
use super::cells::{Cells, bad};
use crate::driver::{Actor, Applied, Execution, ExecutionFilter, Registered, Registration, Rows, Survey};
use crate::error::Result;

impl RecordSql {
    /// Everything that planning needs, as statements for one message. Each row begins with the word of what it is.
    /// The last one is about the audit trail, which records before layout 4 do not have.
    pub fn survey(&self) -> Vec<String> {
        vec![
            self.layout(),
            self.holders(),
            // That the two other tables are there is seen now, and not in the middle of a run.
            format!(
                "SELECT 'snapshot', max(snapshot_id) FROM {} WHERE NOT EXISTS (SELECT 1 FROM {} WHERE migration_id = '') \
                 AND NOT EXISTS (SELECT 1 FROM {} WHERE execution_id < 0)",
                self.table("schema_snapshots"),
                self.table("migration_registry"),
                self.table("migration_execution_history")
            ),
            self.applied(),
            format!(
                "SELECT 'trail', count(*) FROM {} WHERE chain = 'this' AND NOT EXISTS (SELECT 1 FROM {} WHERE sequence < 0)",
                self.table("audit_heads"),
                self.table("audit_events")
            ),
        ]
    }

    /// How each migration stands.
    pub(super) fn applied(&self) -> String {
        let at = (self.dialect.iso)("applied_at");
        format!(
            "SELECT 'applied', migration_id, version, description, kind, script, checksum, status, action, \
             execution_id, {at}, applied_by, duration_ms, statements_done, progress_digest, in_flight, session_id \
             FROM {} ORDER BY execution_id",
            self.table("migration_applied_status")
        )
    }

    /// Reads the answers to [`RecordSql::survey`].
    pub fn read_survey(&self, answers: &[Rows]) -> Result<Survey> {
        let mut survey = Survey::default();
        for row in answers.iter().flat_map(|rows| &rows.cells) {
            let mut cells = Cells::new(row);
            match cells.text()? {
                "layout" => survey.layout = cells.optional_parsed()?,
                "snapshot" => survey.snapshot = cells.optional_parsed()?,
                "trail" => survey.trail = cells.flag()?,
                "lock" => survey.holder = Some(Self::holder(&mut cells)?),
                "applied" => survey.applied.push(applied(&mut cells)?),
                other => return Err(bad(format!("an answer begins with `{other}`"))),
            }
        }
        Ok(survey)
    }

    /// The history, newest last.
    pub fn executions(&self, filter: &ExecutionFilter) -> String {
        let only = filter.migration.as_ref().map_or_else(String::new, |migration| {
            format!(" WHERE migration_id = {}", self.text(migration))
        });
        let newest = format!(
            "SELECT * FROM {}{only} ORDER BY execution_id DESC",
            self.table("migration_execution_history")
        );
        format!(
            "SELECT execution_id, run_id, action, status, migration_id, description, script, checksum, {started}, \
             {finished}, duration_ms, statements, statements_done, db_login, executed_by, host, ci_job, \
             environment_name, reason, error_message, tool_version FROM ({newest}) AS newest ORDER BY execution_id",
            newest = (self.dialect.grammar.first_rows)(&newest, filter.limit),
            started = (self.dialect.iso)("started_at"),
            finished = (self.dialect.iso)("finished_at"),
        )
    }

    /// Reads the answer to [`RecordSql::executions`].
    pub fn read_executions(&self, answers: &[Rows]) -> Result<Vec<Execution>> {
        answers
            .iter()
            .flat_map(|rows| &rows.cells)
            .map(|row| execution(&mut Cells::new(row)))
            .collect()
    }

    /// The texts that the registry keeps of a migration.
    pub fn registration(&self, migration: &str) -> String {
        format!(
            "SELECT up_script, down_script FROM {} WHERE migration_id = {}",
            self.table("migration_registry"),
            self.text(migration)
        )
    }

    /// Reads the answer to [`RecordSql::registration`].
    pub fn read_registration(&self, answers: &[Rows]) -> Result<Option<Registration>> {
        let Some(row) = answers.iter().flat_map(|rows| &rows.cells).next() else {
            return Ok(None);
        };
        let mut cells = Cells::new(row);
        Ok(Some(Registration {
            up_script: cells.optional_owned()?,
            down_script: cells.optional_owned()?,
        }))
    }

    /// All that the registry keeps.
    pub fn registry(&self) -> String {
        format!(
            "SELECT migration_id, version, description, kind, script, checksum, {}, registered_by, up_script, \
             down_script FROM {} ORDER BY migration_id",
            (self.dialect.iso)("registered_at"),
            self.table("migration_registry")
        )
    }

    /// Reads the answer to [`RecordSql::registry`].
    pub fn read_registry(&self, answers: &[Rows]) -> Result<Vec<Registered>> {
        answers
            .iter()
            .flat_map(|rows| &rows.cells)
            .map(|row| registered(&mut Cells::new(row)))
            .collect()
    }

    /// Reads the rank that [`RecordSql::start`] yields.
    pub fn read_rank(&self, answers: &[Rows]) -> Result<u64> {
        let row = answers.iter().flat_map(|rows| &rows.cells).next_back();
        Cells::new(row.ok_or_else(|| bad("the history gave no rank"))?).parsed()
    }
}

pub(super) fn applied(cells: &mut Cells<'_>) -> Result<Applied> {
    Ok(Applied {
        migration: cells.owned()?,
        version: cells.optional_owned()?,
        description: cells.owned()?,
        kind: cells.owned()?,
        script: cells.owned()?,
        checksum: cells.owned()?,
        state: cells.word()?,
        action: cells.word()?,
        rank: cells.parsed()?,
        at: cells.parsed()?,
        by: cells.owned()?,
        duration: cells.millis()?,
        statements_done: cells.parsed()?,
        progress: cells.optional_owned()?,
        in_flight: cells.optional_owned()?,
        session: cells.optional_owned()?,
    })
}

pub(super) fn execution(cells: &mut Cells<'_>) -> Result<Execution> {
    Ok(Execution {
        rank: cells.parsed()?,
        run: cells.parsed()?,
        action: cells.word()?,
        status: cells.word()?,
        migration: cells.owned()?,
        description: cells.owned()?,
        script: cells.owned()?,
        checksum: cells.owned()?,
        started_at: cells.parsed()?,
        finished_at: cells.optional_parsed()?,
        duration: cells.optional_millis()?,
        statements: cells.parsed()?,
        statements_done: cells.parsed()?,
        login: cells.owned()?,
        actor: Actor {
            user: cells.owned()?,
            host: cells.owned()?,
            ci_job: cells.optional_owned()?,
            git_commit: None,
            git_branch: None,
        },
        environment: cells.owned()?,
        reason: cells.optional_owned()?,
        error: cells.optional_owned()?,
        tool_version: cells.owned()?,
    })
}

pub(super) fn registered(cells: &mut Cells<'_>) -> Result<Registered> {
    Ok(Registered {
        migration: cells.owned()?,
        version: cells.optional_owned()?,
        description: cells.owned()?,
        kind: cells.owned()?,
        script: cells.owned()?,
        checksum: cells.owned()?,
        registered_at: cells.parsed()?,
        registered_by: cells.owned()?,
        texts: Registration {
            up_script: cells.optional_owned()?,
            down_script: cells.optional_owned()?,
        },
    })
}
