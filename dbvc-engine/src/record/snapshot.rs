//! Snapshots of the schema in the record.

use super::RecordSql;
use super::cells::Cells;
use super::write::word;
use crate::driver::{Actor, NewSnapshot, Rows, Snapshot, SnapshotChoice, SnapshotEntry, SnapshotKind};
use crate::error::Result;

impl RecordSql {
    /// What a snapshot tells of who took it and why; layout 3 added it to the table.
    pub(super) fn snapshot_facts(&self) -> Vec<String> {
        let text = self.dialect.grammar.text_type;
        let add = self.dialect.grammar.add_column;
        let columns: Vec<String> = [
            ("run_id", "varchar(36)"),
            ("last_execution_id", "bigint"),
            ("executed_by", text),
            ("host", text),
            ("ci_job", text),
            ("environment_name", "varchar(200)"),
            ("reason", text),
            ("tool_version", "varchar(60)"),
        ]
        .iter()
        .map(|(name, kind)| format!("{add} {}", self.short_texts(&format!("{name} {kind}"))))
        .collect();
        let alter = format!("ALTER TABLE {}", self.table("schema_snapshots"));
        if self.dialect.grammar.several_columns {
            return vec![format!("{alter} {}", columns.join(", "))];
        }
        columns.iter().map(|column| format!("{alter} {column}")).collect()
    }

    /// Keeps a snapshot. The last statement yields its number.
    pub fn keep_snapshot(&self, snapshot: &NewSnapshot) -> Vec<String> {
        let table = self.table("schema_snapshots");
        let mut statements = Vec::new();
        if snapshot.kind == SnapshotKind::Run {
            let kind = self.text(&word(&SnapshotKind::Run));
            statements.push(format!("DELETE FROM {table} WHERE kind = {kind}"));
        }
        let login = self
            .dialect
            .login
            .map_or_else(|| self.text(&snapshot.actor.user), ToOwned::to_owned);
        statements.push(format!(
            "INSERT INTO {table} (version, kind, taken_at, taken_by, checksum, content, run_id, last_execution_id, \
             executed_by, host, ci_job, environment_name, reason, tool_version) VALUES ({version}, {kind}, {now}, \
             {login}, {checksum}, {content}, {run}, (SELECT coalesce(max(execution_id), 0) FROM {history}), {user}, \
             {host}, {job}, {environment}, {reason}, {tool})",
            version = self.optional(snapshot.version.as_deref()),
            kind = self.text(&word(&snapshot.kind)),
            now = self.dialect.now,
            checksum = self.text(&snapshot.checksum),
            content = self.text(&snapshot.content),
            run = self.text(&snapshot.run.to_string()),
            user = self.text(&snapshot.actor.user),
            host = self.text(&snapshot.actor.host),
            job = self.optional(snapshot.actor.ci_job.as_deref()),
            environment = self.text(&snapshot.environment),
            reason = self.optional(snapshot.reason.as_deref()),
            tool = self.text(&snapshot.tool_version),
            history = self.table("migration_execution_history"),
        ));
        statements.extend(self.chained(&self.told_snapshot(snapshot)));
        statements.push(format!("SELECT max(snapshot_id) FROM {table}"));
        statements
    }

    /// The snapshots without their content, newest last.
    pub fn snapshots(&self) -> String {
        format!(
            "SELECT {} FROM {} ORDER BY snapshot_id",
            self.snapshot_entry(),
            self.table("schema_snapshots")
        )
    }

    /// One snapshot with its content.
    pub fn snapshot(&self, choice: &SnapshotChoice) -> String {
        let only = match choice {
            SnapshotChoice::Newest => String::new(),
            SnapshotChoice::Version(version) => format!(" WHERE version = {}", self.text(version)),
            SnapshotChoice::Number(number) => format!(" WHERE snapshot_id = {number}"),
        };
        let query = format!(
            "SELECT {}, content FROM {}{only} ORDER BY snapshot_id DESC",
            self.snapshot_entry(),
            self.table("schema_snapshots")
        );
        (self.dialect.grammar.first_rows)(&query, Some(1))
    }

    fn snapshot_entry(&self) -> String {
        format!(
            "snapshot_id, kind, version, {}, taken_by, executed_by, host, ci_job, environment_name, reason, checksum, \
             last_execution_id",
            (self.dialect.iso)("taken_at")
        )
    }

    /// Reads the answer to [`RecordSql::snapshots`].
    pub fn read_snapshots(&self, answers: &[Rows]) -> Result<Vec<SnapshotEntry>> {
        answers
            .iter()
            .flat_map(|rows| &rows.cells)
            .map(|row| entry(&mut Cells::new(row)))
            .collect()
    }

    /// Reads the answer to [`RecordSql::snapshot`].
    pub fn read_snapshot(&self, answers: &[Rows]) -> Result<Option<Snapshot>> {
        let Some(row) = answers.iter().flat_map(|rows| &rows.cells).next() else {
            return Ok(None);
        };
        let mut cells = Cells::new(row);
        Ok(Some(Snapshot {
            entry: entry(&mut cells)?,
            content: cells.owned()?,
        }))
    }
}

pub(super) fn entry(cells: &mut Cells<'_>) -> Result<SnapshotEntry> {
    Ok(SnapshotEntry {
        id: cells.parsed()?,
        kind: cells.word()?,
        version: cells.optional_owned()?,
        taken_at: cells.parsed()?,
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
        checksum: cells.owned()?,
        rank: cells.parsed()?,
    })
}
