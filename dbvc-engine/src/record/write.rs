//! Writing to the history.

use std::fmt::Display;

use super::{RecordSql, Upsert};
use crate::driver::{Action, AppliedState, End, EntryStatus, Fence, NewExecution, Progress};

impl RecordSql {
    /// The intent to run a script outside a transaction. The last statement yields the rank.
    pub fn start(&self, fence: &Fence, execution: &NewExecution, progress: &Progress) -> Vec<String> {
        let mut statements = self.register(execution);
        let now = self.dialect.now.to_owned();
        statements.push(self.insert_history(
            fence,
            execution,
            &History {
                status: EntryStatus::Started,
                started: now,
                ended: None,
                done: progress.done,
                error: None,
            },
        ));
        statements.push(self.upsert_status(
            execution,
            &Status {
                state: AppliedState::Partial,
                duration: "0".into(),
                done: progress.done,
                progress: Some(progress),
                session: self.dialect.session,
            },
        ));
        statements.extend(self.chained(&self.told_started(execution)));
        statements.push(format!("SELECT {}", self.newest(&execution.migration)));
        statements
    }

    /// How far a script outside a transaction has come.
    /// `rank` is its number, or an expression for that.
    pub fn advance(&self, rank: impl Display, progress: &Progress) -> Vec<String> {
        vec![
            format!(
                "UPDATE {} SET statements_done = {}, duration_ms = {} WHERE execution_id = {rank}",
                self.table("migration_execution_history"),
                progress.done,
                (self.dialect.millis)("started_at", self.dialect.now),
            ),
            format!(
                "UPDATE {} SET statements_done = {}, progress_digest = {}, in_flight = {}, session_id = {} \
                 WHERE {}",
                self.table("migration_applied_status"),
                progress.done,
                self.text(&progress.digest),
                self.optional(progress.in_flight.as_deref()),
                self.dialect.session,
                self.status_of(rank),
            ),
        ]
    }

    /// The status that execution `rank` wrote, found by the table's key: its executions have no index of their own.
    fn status_of(&self, rank: impl Display) -> String {
        format!(
            "migration_id = (SELECT migration_id FROM {} WHERE execution_id = {rank}) AND execution_id = {rank}",
            self.table("migration_execution_history")
        )
    }

    /// How an execution ended. `rank` is its number, or an expression for that.
    pub fn finish(&self, rank: impl Display, end: &End) -> Vec<String> {
        let now = self.dialect.now;
        let duration = match end.duration {
            Some(duration) => duration.as_millis().to_string(),
            // It broke off: its last sign of life counts, and not when somebody noticed.
            None => format!(
                "coalesce(duration_ms, {})",
                (self.dialect.millis)("started_at", now)
            ),
        };
        let mut statements = vec![format!(
            "UPDATE {} SET status = {}, finished_at = {now}, duration_ms = {duration}, statements_done = {}, \
             error_message = {} WHERE execution_id = {rank}",
            self.table("migration_execution_history"),
            self.text(&word(&end.status)),
            end.statements_done,
            self.optional(end.error.as_deref()),
        )];
        if let Some(state) = end.state {
            let forget = if state == AppliedState::Partial {
                ""
            } else {
                ", progress_digest = NULL, in_flight = NULL, session_id = NULL"
            };
            let took = match end.duration {
                Some(took) => took.as_millis().to_string(),
                None => format!(
                    "(SELECT duration_ms FROM {} WHERE execution_id = {rank})",
                    self.table("migration_execution_history")
                ),
            };
            statements.push(format!(
                "UPDATE {} SET status = {}, applied_at = {now}, duration_ms = {took}, statements_done = {}{forget} \
                 WHERE {}",
                self.table("migration_applied_status"),
                self.text(&word(&state)),
                end.statements_done,
                self.status_of(&rank),
            ));
            statements.extend(self.stale_after(state));
        }
        if let Some(execution) = &end.of {
            statements.extend(self.chained(&self.told_finished(&rank.to_string(), execution, end)));
        }
        statements
    }

    /// A rollback may have dropped what repeatable migrations made, a view with its schema.
    fn stale_after(&self, state: AppliedState) -> Option<String> {
        (state == AppliedState::RolledBack).then(|| {
            format!(
                "UPDATE {} SET status = 'stale' WHERE kind = 'repeatable' AND status = 'applied'",
                self.table("migration_applied_status")
            )
        })
    }

    /// An entry that begins and ends at once. Without a duration it began with the transaction.
    pub fn record(&self, fence: &Fence, execution: &NewExecution, end: &End) -> Vec<String> {
        let now = self.dialect.now;
        let started = match end.duration {
            Some(duration) => {
                let back = i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
                (self.dialect.moved)(now, -back)
            }
            None => self.dialect.begun.to_owned(),
        };
        let took = match end.duration {
            Some(duration) => duration.as_millis().to_string(),
            None => (self.dialect.millis)(self.dialect.begun, now),
        };
        let mut statements = self.register(execution);
        statements.push(self.insert_history(
            fence,
            execution,
            &History {
                status: end.status,
                started,
                ended: Some(&took),
                done: end.statements_done,
                error: end.error.as_deref(),
            },
        ));
        if let Some(state) = end.state {
            let status = Status {
                state,
                duration: took,
                done: end.statements_done,
                progress: None,
                session: "NULL",
            };
            statements.push(self.upsert_status(execution, &status));
            statements.extend(self.stale_after(state));
        }
        statements.extend(self.chained(&self.told_recorded(execution, end)));
        statements
    }

    /// Puts a migration into the registry; texts that are not given stay as they are.
    fn register(&self, execution: &NewExecution) -> Vec<String> {
        if execution.action == Action::Rollback {
            return Vec::new();
        }
        let texts = execution.registration.as_ref();
        let keep = if texts.is_some() {
            ", up_script = excluded.up_script, down_script = excluded.down_script"
        } else {
            ""
        };
        let values = format!(
            "{id}, {version}, {description}, {kind}, {script}, {checksum}, {up}, {down}, {now}, {by}",
            id = self.text(&execution.migration),
            version = self.optional(execution.version.as_deref()),
            description = self.text(&execution.description),
            kind = self.text(&execution.kind),
            script = self.text(&execution.script),
            checksum = self.text(&execution.checksum),
            up = self.optional(texts.and_then(|texts| texts.up_script.as_deref())),
            down = self.optional(texts.and_then(|texts| texts.down_script.as_deref())),
            now = self.dialect.now,
            by = self.login(execution),
        );
        vec![self.upsert(&Upsert {
            table: &self.table("migration_registry"),
            columns: "migration_id, version, description, kind, script, checksum, up_script, down_script, \
                      registered_at, registered_by",
            values: &values,
            key: "migration_id",
            assignments: Some(&format!(
                "description = excluded.description, kind = excluded.kind, script = excluded.script, \
                 checksum = excluded.checksum{keep}"
            )),
        })]
    }

    /// The database's login; the person's where the database has none.
    fn login(&self, execution: &NewExecution) -> String {
        self.dialect
            .login
            .map_or_else(|| self.text(&execution.actor.user), ToOwned::to_owned)
    }

    fn insert_history(&self, fence: &Fence, execution: &NewExecution, history: &History<'_>) -> String {
        let ended = history
            .ended
            .map_or_else(|| ("NULL", "NULL"), |took| (self.dialect.now, took));
        format!(
            "INSERT INTO {table} (run_id, migration_id, version, description, kind, script, action, status, \
             checksum, started_at, finished_at, duration_ms, statements, statements_done, transactional, db_login, \
             executed_by, host, ci_job, environment_name, reason, error_message, tool_version, session_id, fence) \
             VALUES ({run}, {id}, {version}, {description}, {kind}, {script}, {action}, {status}, {checksum}, \
             {started}, {finished}, {took}, {statements}, {done}, {transactional}, {login}, {user}, {host}, {job}, \
             {environment}, {reason}, {error}, {tool}, {session}, {token})",
            table = self.table("migration_execution_history"),
            run = self.text(&execution.run.to_string()),
            id = self.text(&execution.migration),
            version = self.optional(execution.version.as_deref()),
            description = self.text(&execution.description),
            kind = self.text(&execution.kind),
            script = self.text(&execution.script),
            action = self.text(&word(&execution.action)),
            status = self.text(&word(&history.status)),
            checksum = self.text(&execution.checksum),
            started = history.started,
            finished = ended.0,
            took = ended.1,
            statements = execution.statements,
            done = history.done,
            transactional = i32::from(execution.transactional),
            login = self.login(execution),
            user = self.text(&execution.actor.user),
            host = self.text(&execution.actor.host),
            job = self.optional(execution.actor.ci_job.as_deref()),
            environment = self.text(&execution.environment),
            reason = self.optional(execution.reason.as_deref()),
            error = self.optional(history.error),
            tool = self.text(&execution.tool_version),
            session = self.dialect.session,
            token = fence.token,
        )
    }

    fn upsert_status(&self, execution: &NewExecution, status: &Status<'_>) -> String {
        let version = execution.version.as_deref();
        let progress = status.progress;
        let values = format!(
            "{id}, {version}, {order}, {description}, {kind}, {script}, {checksum}, {state}, {action}, {rank}, {now}, \
             {by}, {took}, {done}, {digest}, {flight}, {session}",
            id = self.text(&execution.migration),
            version = self.optional(version),
            order = self.optional(version.map(version_order).as_deref()),
            description = self.text(&execution.description),
            kind = self.text(&execution.kind),
            script = self.text(&execution.script),
            checksum = self.text(&execution.checksum),
            state = self.text(&word(&status.state)),
            action = self.text(&word(&execution.action)),
            rank = self.newest(&execution.migration),
            now = self.dialect.now,
            by = self.login(execution),
            took = status.duration,
            done = status.done,
            digest = self.optional(progress.map(|progress| progress.digest.as_str())),
            flight = self.optional(progress.and_then(|progress| progress.in_flight.as_deref())),
            session = status.session,
        );
        self.upsert(&Upsert {
            table: &self.table("migration_applied_status"),
            columns: "migration_id, version, version_order, description, kind, script, checksum, status, action, \
                      execution_id, applied_at, applied_by, duration_ms, statements_done, progress_digest, in_flight, \
                      session_id",
            values: &values,
            key: "migration_id",
            assignments: Some(&format!(
                "version = excluded.version, version_order = excluded.version_order, \
                 description = excluded.description, kind = excluded.kind, script = excluded.script, \
                 checksum = excluded.checksum, status = excluded.status, action = excluded.action, \
                 progress_digest = excluded.progress_digest, in_flight = excluded.in_flight, \
                 session_id = excluded.session_id{}",
                when_it_ran(execution.action)
            )),
        })
    }

    /// The rank of a migration's newest execution, as an expression. Only the holder of the lock adds one.
    pub fn newest(&self, migration: &str) -> String {
        format!(
            "(SELECT max(execution_id) FROM {} WHERE migration_id = {})",
            self.table("migration_execution_history"),
            self.text(migration)
        )
    }
}

struct History<'a> {
    status: EntryStatus,
    started: String,
    ended: Option<&'a str>,
    done: u32,
    error: Option<&'a str>,
}

struct Status<'a> {
    state: AppliedState,
    duration: String,
    done: u32,
    progress: Option<&'a Progress>,
    session: &'a str,
}

/// What an execution writes over about when, by whom and after what a migration ran. A fix runs nothing: with a new
/// rank, the migration it is about would count as the newest, and the next rollback would take that one.
fn when_it_ran(action: Action) -> &'static str {
    match action {
        Action::Fix => "",
        _ => {
            ", execution_id = excluded.execution_id, applied_at = excluded.applied_at, \
             applied_by = excluded.applied_by, duration_ms = excluded.duration_ms, \
             statements_done = excluded.statements_done"
        }
    }
}

/// The word that the record has for one of the small enums: the same that JSON has.
pub(super) fn word<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// A text that sorts as the version does in any collation: fixed-width numbers, then 1 for a release and 0 for what
/// comes before one.
fn version_order(version: &str) -> String {
    let (numbers, before) = version
        .split_once('-')
        .map_or((version, ""), |(numbers, before)| (numbers, before));
    let mut parts: Vec<String> = numbers
        .split(['.', '_'])
        .map(|part| format!("{part:0>20}"))
        .collect();
    parts.resize(parts.len().max(6), "0".repeat(20));
    parts.push(if before.is_empty() {
        "1".to_owned()
    } else {
        format!("0{before}")
    });
    parts.join(".")
}

#[cfg(test)]
mod tests {
    use super::version_order;

    #[test]
    fn versions_sort_as_texts() {
        let versions = [
            "0.9",
            "1.0.0-rc.1",
            "1.0.0",
            "1.2",
            "1.10.0",
            "2",
            "20251127_143000",
        ];
        let mut sorted = versions;
        sorted.sort_by_key(|version| version_order(version));
        assert_eq!(sorted, versions);
    }
}
