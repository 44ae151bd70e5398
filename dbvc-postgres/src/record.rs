//! The record: its SQL's ways on PostgreSQL, and how that SQL is sent.

use async_trait::async_trait;
use dbvc_engine::driver::{Fence, RecordLocation, Rows};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use dbvc_engine::record::{Chaining, RecordDialect, RecordGrammar, RecordSql, SqlRecord, quote_standard};

use crate::error::INSTALLING;
use crate::lock::pin_fence;
use crate::message::Part;
use crate::session::PostgresSession;

/// When the unit at hand began. The transaction's own time will not do: where a message holds several transactions, it
/// is for all of them when the message came.
pub(crate) const BEGUN: &str = "coalesce(to_timestamp(nullif(current_setting('dbvc.begun', true), '')::float8), transaction_timestamp())";

/// The record's ways on PostgreSQL.
pub(crate) const DIALECT: RecordDialect = RecordDialect {
    schemas: true,
    literal,
    now: "clock_timestamp()",
    begun: BEGUN,
    iso: |time| format!("to_char({time} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"),
    moved: |time, millis| format!("({time} + interval '1 millisecond' * {millis})"),
    millis: |from, to| format!("floor(extract(epoch FROM ({to}) - ({from})) * 1000)::bigint"),
    session: "pg_backend_pid()::text",
    login: Some("session_user::text"),
    alive,
    rank_type: "bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY",
    time_type: "timestamp with time zone",
    sha256: Some(|text| format!("encode(sha256(convert_to({text}, 'UTF8')), 'hex')")),
    // `escape_json` writes the canonical form (`json.c`).
    json: |text| format!("to_json({text})::text"),
    grammar: RecordGrammar {
        add_column: "ADD COLUMN IF NOT EXISTS",
        several_columns: true,
        hold_row: ("", " FOR UPDATE"),
        chaining: Chaining::OneStatement,
        fence: " OFFSET 0",
        ..RecordGrammar::STANDARD
    },
};

/// A text as a literal, right whatever `standard_conforming_strings` a script has set: one with a backslash is written
/// as an escape string (manual, 4.1.2.2).
pub(crate) fn literal(text: &str) -> String {
    let quoted = quote_standard(text);
    if text.contains('\\') {
        format!("E{}", quoted.replace('\\', "\\\\"))
    } else {
        quoted
    }
}

/// Whether the holder's session holds its advisory lock. On a standby the primary's sessions cannot be seen.
fn alive(_: &RecordLocation, lock: &str) -> String {
    format!(
        "CASE WHEN {lock}.proven = 1 AND NOT pg_is_in_recovery() THEN CASE WHEN EXISTS (SELECT FROM pg_locks a \
         WHERE a.locktype = 'advisory' AND a.granted AND a.objsubid = 2 AND a.classid = {lock}.tableoid \
         AND a.objid::int4 = hashtext({lock}.lock_name) AND a.pid::text = {lock}.session_id \
         AND a.database = (SELECT oid FROM pg_database WHERE datname = current_database())) THEN 1 ELSE 0 END END"
    )
}

/// A script may have taken on a role that cannot write the record; for the rest of the transaction it is given back.
const OWN_ROLE: &str = "SET LOCAL role = DEFAULT";

#[async_trait]
impl SqlRecord for PostgresSession {
    fn record_sql(&self) -> &RecordSql {
        &self.record
    }

    async fn read_record(&mut self, statements: &[String], operation: Operation) -> Result<Vec<Rows>> {
        let queries: Vec<&str> = statements.iter().map(String::as_str).collect();
        self.read(operation, &queries).await
    }

    async fn read_at_once(&mut self, statements: &[String], operation: Operation) -> Result<Vec<Rows>> {
        let mut message = self.reading();
        if self.transaction.is_none() {
            message.push(Part::Own, "SET LOCAL transaction_isolation = 'repeatable read'");
        }
        for sql in statements {
            message.push(Part::Asked, sql);
        }
        self.run(operation, &mut message).await
    }

    async fn write_record(&mut self, fence: &Fence, statements: &[String]) -> Result<Vec<Rows>> {
        let mut message = self.message();
        message.push(Part::Own, OWN_ROLE);
        message.push(Part::Own, &pin_fence(&self.record, fence));
        for sql in statements {
            message.push(Part::Record, sql);
        }
        self.run(Operation::Record, &mut message).await
    }

    async fn install_record(&mut self, statements: &[String]) -> Result<()> {
        let mut message = self.message();
        message.push(Part::Own, &self.only_installer());
        for sql in statements {
            message.push(Part::Record, &self.unless_there(sql));
        }
        let result = self.run(Operation::Install, &mut message).await;
        result.map(drop).map_err(|error| self.with_grant(error))
    }
}

impl PostgresSession {
    /// Refuses when another session installs now. It does not wait: see the lock.
    fn only_installer(&self) -> String {
        let schema = literal(&self.target.record.schema);
        let block = format!(
            "BEGIN IF NOT pg_try_advisory_xact_lock(hashtext('dbvc install'), hashtext({schema})) THEN \
             RAISE EXCEPTION 'another session makes the record now' USING ERRCODE = '{INSTALLING}'; END IF; END"
        );
        format!("DO {}", literal(&block))
    }

    /// `CREATE SCHEMA IF NOT EXISTS` asks for the right to create schemas even where the schema is there.
    fn unless_there(&self, sql: &str) -> String {
        if !sql.starts_with("CREATE SCHEMA") {
            return sql.to_owned();
        }
        let schema = literal(&self.target.record.schema);
        let block = format!(
            "BEGIN IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = {schema}) THEN {sql}; END IF; END"
        );
        format!("DO {}", literal(&block))
    }

    fn with_grant(&self, error: DriverError) -> DriverError {
        if error.kind != ErrorKind::Denied {
            return error;
        }
        let names = self.server_names();
        let schema = self.record.schema();
        error.with_note(format!(
            "let its owner run `GRANT CREATE ON DATABASE \"{}\" TO \"{}\"`, or make the schema for it: \
             `CREATE SCHEMA {schema} AUTHORIZATION \"{}\"`",
            names.0, names.1, names.1
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_holds_under_both_readings_of_backslashes() {
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(literal(r"a\'b"), r"E'a\\''b'");
    }
}
