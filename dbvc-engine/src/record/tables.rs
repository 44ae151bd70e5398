//! The record's tables and views.

use super::RecordSql;

impl RecordSql {
    /// The tables, in an order in which they can be made.
    pub(super) fn tables(&self) -> Vec<String> {
        let tables = [
            ("db_inventory", self.inventory_columns()),
            ("migration_registry", self.registry_columns()),
            ("migration_execution_history", self.history_columns()),
            ("migration_applied_status", self.status_columns()),
            ("schema_snapshots", self.snapshot_columns()),
            ("migration_locks", self.lock_columns()),
            (
                "migration_fences",
                "lock_name varchar(100) NOT NULL PRIMARY KEY, token bigint NOT NULL".to_owned(),
            ),
        ];
        tables
            .into_iter()
            .map(|(name, columns)| self.create_table(name, &columns))
            .collect()
    }

    fn create_table(&self, name: &str, columns: &str) -> String {
        let options = self.dialect.grammar.table_options;
        let begin = (self.dialect.grammar.create_table)(&self.table(name));
        format!("{begin} ({}){options}", self.short_texts(columns))
    }

    /// Columns with each `varchar(n)` as the database has it.
    pub(super) fn short_texts(&self, columns: &str) -> String {
        let mut parts = columns.split("varchar(");
        let mut sql = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (length, rest) = part.split_once(')').unwrap_or((part, ""));
            // Only lengths that are written in this file come here.
            sql.push_str(&(self.dialect.grammar.string_type)(length.parse().unwrap_or(200)));
            sql.push_str(rest);
        }
        sql
    }

    /// The audit trail's tables; layout 4 added them.
    pub(super) fn trail_tables(&self) -> Vec<String> {
        let text = self.dialect.grammar.text_type;
        vec![
            self.create_table(
                "audit_heads",
                "chain varchar(20) NOT NULL PRIMARY KEY, database_id varchar(36) NOT NULL, \
                 sequence bigint NOT NULL, digest varchar(64) NOT NULL",
            ),
            self.create_table(
                "audit_events",
                &format!(
                    "sequence bigint NOT NULL PRIMARY KEY, event {text} NOT NULL, digest varchar(64) NOT NULL, \
                     signature varchar(120)"
                ),
            ),
        ]
    }

    fn inventory_columns(&self) -> String {
        let time = self.dialect.time_type;
        format!(
            "database_id varchar(200) NOT NULL PRIMARY KEY, name varchar(200) NOT NULL, \
             environment varchar(200) NOT NULL, layout integer NOT NULL, tool_version varchar(60) NOT NULL, \
             installed_at {time} NOT NULL, updated_at {time} NOT NULL"
        )
    }

    fn registry_columns(&self) -> String {
        let time = self.dialect.time_type;
        let text = self.dialect.grammar.text_type;
        format!(
            "migration_id varchar(300) NOT NULL PRIMARY KEY, version varchar(200), description {text} NOT NULL, \
             kind varchar(20) NOT NULL, script {text} NOT NULL, checksum varchar(200) NOT NULL, up_script {text}, \
             down_script {text}, registered_at {time} NOT NULL, registered_by {text} NOT NULL"
        )
    }

    fn history_columns(&self) -> String {
        let time = self.dialect.time_type;
        let text = self.dialect.grammar.text_type;
        let rank = self.dialect.rank_type;
        format!(
            "execution_id {rank}, run_id varchar(36) NOT NULL, migration_id varchar(300) NOT NULL, \
             version varchar(200), description {text} NOT NULL, kind varchar(20) NOT NULL, script {text} NOT NULL, \
             action varchar(20) NOT NULL, status varchar(20) NOT NULL, checksum varchar(200) NOT NULL, \
             started_at {time} NOT NULL, finished_at {time}, duration_ms bigint, statements integer NOT NULL, \
             statements_done integer NOT NULL, transactional integer NOT NULL, db_login {text} NOT NULL, \
             executed_by {text} NOT NULL, host {text} NOT NULL, ci_job {text}, environment_name varchar(200) NOT NULL, \
             reason {text}, error_message {text}, tool_version varchar(60) NOT NULL, session_id {text}, \
             fence bigint NOT NULL"
        )
    }

    fn status_columns(&self) -> String {
        let time = self.dialect.time_type;
        let text = self.dialect.grammar.text_type;
        format!(
            "migration_id varchar(300) NOT NULL PRIMARY KEY, version varchar(200), version_order {text}, \
             description {text} NOT NULL, kind varchar(20) NOT NULL, script {text} NOT NULL, \
             checksum varchar(200) NOT NULL, status varchar(20) NOT NULL, action varchar(20) NOT NULL, \
             execution_id bigint NOT NULL, applied_at {time} NOT NULL, applied_by {text} NOT NULL, \
             duration_ms bigint NOT NULL, statements_done integer NOT NULL, progress_digest varchar(80), \
             in_flight {text}, session_id {text}"
        )
    }

    fn snapshot_columns(&self) -> String {
        let time = self.dialect.time_type;
        let text = self.dialect.grammar.text_type;
        let rank = self.dialect.rank_type;
        format!(
            "snapshot_id {rank}, version varchar(200), kind varchar(20) NOT NULL, taken_at {time} NOT NULL, \
             taken_by {text} NOT NULL, checksum varchar(200) NOT NULL, content {text} NOT NULL"
        )
    }

    fn lock_columns(&self) -> String {
        let time = self.dialect.time_type;
        let text = self.dialect.grammar.text_type;
        format!(
            "lock_name varchar(100) NOT NULL PRIMARY KEY, run_id varchar(36) NOT NULL, owner_user {text} NOT NULL, \
             owner_host {text} NOT NULL, owner_pid bigint NOT NULL, ci_job {text}, purpose {text} NOT NULL, \
             session_id {text}, acquired_at {time} NOT NULL, renewed_at {time} NOT NULL, expires_at {time}, \
             proven integer NOT NULL"
        )
    }

    /// The views and the index that they need.
    pub(super) fn views(&self) -> Vec<String> {
        let history = self.table("migration_execution_history");
        let status = self.table("migration_applied_status");
        let registry = self.table("migration_registry");
        let index = if self.dialect.schemas {
            "migration_execution_history_by_migration".to_owned()
        } else {
            self.local("migration_execution_history_by_migration")
        };
        let view = self.dialect.grammar.create_view;
        vec![
            format!(
                "{} {index} ON {history} (migration_id, execution_id)",
                self.dialect.grammar.create_index
            ),
            view(
                &self.table("deployment_history"),
                &format!(
                    "SELECT execution_id AS deployment_id, environment_name, \
                     started_at AS deployment_start, finished_at AS deployment_end, run_id, migration_id, version, \
                     description, script, action, status, duration_ms, statements, statements_done, db_login, \
                     executed_by, host, ci_job, reason, error_message, tool_version FROM {history}"
                ),
            ),
            view(
                &self.table("migration_dashboard"),
                &format!(
                    "SELECT r.migration_id, r.version, r.description, r.kind, e.environment_name, \
                     s.status, s.applied_at, s.applied_by, s.duration_ms, e.executions, e.last_deployment, \
                     h.status AS last_status, h.error_message AS last_error FROM {registry} r \
                     LEFT JOIN {status} s ON s.migration_id = r.migration_id \
                     LEFT JOIN (SELECT migration_id, environment_name, count(*) AS executions, \
                     max(started_at) AS last_deployment, max(execution_id) AS last_id FROM {history} \
                     GROUP BY migration_id, environment_name) e ON e.migration_id = r.migration_id \
                     LEFT JOIN {history} h ON h.execution_id = e.last_id"
                ),
            ),
            view(
                &self.table("database_version"),
                &format!(
                    "SELECT version, description AS name, applied_at AS deployed_at, \
                     applied_by AS deployed_by FROM {status} WHERE version_order = (SELECT max(version_order) \
                     FROM {status} WHERE status IN ('applied', 'baseline')) AND status IN ('applied', 'baseline')"
                ),
            ),
        ]
    }
}
