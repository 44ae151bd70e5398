//! The record: its SQL's ways on SQL Server, and how that SQL is sent.

use async_trait::async_trait;
use dbvc_engine::driver::{Fence, RecordLocation, Rows};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use dbvc_engine::record::{Chaining, RecordDialect, RecordGrammar, RecordSql, SqlRecord, Upsert};

use crate::error;
use crate::message::{self, batch, literal};
use crate::session::MsSqlSession;

/// This session's name. The server gives a session's number to the next one soon, so when it logged in belongs to it.
/// Every login may see its own session (reference, `sys.dm_exec_sessions`, "permissions").
pub(crate) const SESSION: &str = "(SELECT CONCAT(session_id, N'/', CONVERT(nvarchar(33), login_time, 126)) \
     FROM sys.dm_exec_sessions WHERE session_id = @@SPID)";

/// The record's ways. Times are in UTC by the server's clock, to the millisecond. Short texts compare character by
/// character: `R__a` and `R__A` are two migrations. None is longer than an index takes (900 bytes).
pub(crate) const DIALECT: RecordDialect = RecordDialect {
    schemas: true,
    literal,
    now: "SYSUTCDATETIME()",
    begun: "SYSUTCDATETIME()",
    // Three digits, also where the server leaves out those that are zero.
    iso: |time| format!("LEFT(CONVERT(varchar(33), CONVERT(datetime2(3), {time}), 126) + '.000', 23) + 'Z'"),
    moved: |time, millis| {
        // `DATEADD` takes an `int`: seconds and milliseconds apart, and a year at most.
        let millis = millis.clamp(-31_536_000_000, 31_536_000_000);
        format!(
            "DATEADD(second, {}, DATEADD(millisecond, {}, {time}))",
            millis / 1000,
            millis % 1000
        )
    },
    millis: |from, to| format!("DATEDIFF_BIG(millisecond, {from}, {to})"),
    session: SESSION,
    login: Some("ORIGINAL_LOGIN()"),
    alive,
    rank_type: "bigint IDENTITY(1, 1) NOT NULL PRIMARY KEY",
    time_type: "datetime2(3)",
    // UTF-8 collations are there since SQL Server 2019 (manual, "Collation and Unicode support").
    sha256: Some(|text| {
        format!(
            "LOWER(CONVERT(char(64), HASHBYTES('SHA2_256', CONVERT(varchar(max), {text} \
             COLLATE Latin1_General_100_BIN2_UTF8)), 2))"
        )
    }),
    // It escapes slashes as well, which the canonical form does not (reference, "STRING_ESCAPE").
    json: |text| format!("CONCAT(N'\"', REPLACE(STRING_ESCAPE({text}, N'json'), N'\\/', N'/'), N'\"')"),
    grammar: RecordGrammar {
        quote: ('[', ']'),
        qualified: false,
        upsert,
        string_type: |length| format!("nvarchar({length}) COLLATE Latin1_General_100_BIN2"),
        text_type: "nvarchar(max)",
        // Without a text that may be long among them, more than 4,000 characters are cut off (reference, "CONCAT").
        long_concat: |parts| format!("concat(CONVERT(nvarchar(max), N''), {parts})"),
        table_options: "",
        create_schema: |schema| {
            format!(
                "IF SCHEMA_ID({}) IS NULL EXEC({})",
                literal(&plain(schema)),
                literal(&format!("CREATE SCHEMA {schema}"))
            )
        },
        create_table: |table| {
            format!(
                "IF OBJECT_ID({}, N'U') IS NULL CREATE TABLE {table}",
                literal(table)
            )
        },
        // A view must be alone in its batch.
        create_view: |view, query| {
            format!(
                "IF OBJECT_ID({}, N'V') IS NULL EXEC({})",
                literal(view),
                literal(&format!("CREATE VIEW {view} AS {query}"))
            )
        },
        create_index: "CREATE INDEX",
        add_column: "ADD",
        several_columns: false,
        hold_row: (" WITH (UPDLOCK, HOLDLOCK)", ""),
        chaining: Chaining::EachAlone,
        fence: "",
        no_head: None,
        no_entry: None,
        first_rows: |query, limit| {
            // An order inside another query needs a `TOP`.
            let top = limit.map_or_else(|| "100) PERCENT".to_owned(), |limit| format!("{limit})"));
            query.replacen("SELECT ", &format!("SELECT TOP ({top} "), 1)
        },
    },
};

/// A name without its brackets.
fn plain(name: &str) -> String {
    name.trim_start_matches('[')
        .trim_end_matches(']')
        .replace("]]", "]")
}

/// An update, and an insert where it met no row. The key's range is locked from the first of them on, so that two who do
/// this at once come one after the other. (`MERGE` has no such promise without the same hints, and known faults.)
fn upsert(row: &Upsert<'_>) -> String {
    let Upsert {
        table,
        columns,
        values,
        key,
        assignments,
    } = row;
    let assignments = assignments.map_or_else(|| format!("{key} = there.{key}"), ToOwned::to_owned);
    format!(
        "UPDATE there SET {assignments} FROM {table} AS there WITH (UPDLOCK, HOLDLOCK) \
         JOIN (SELECT {values}) AS excluded ({columns}) ON there.{key} = excluded.{key}; \
         IF @@ROWCOUNT = 0 INSERT INTO {table} ({columns}) VALUES ({values})"
    )
}

/// The locks that tell who is at work; a lock's name holds the record's schema, because a database may have several.
pub(crate) fn native_name(location: &RecordLocation, name: &str) -> String {
    format!("dbvc.lock/{}/{name}", location.schema)
}

/// What a unit's transaction holds, shared, from its beginning to its end.
pub(crate) fn unit_name(location: &RecordLocation) -> String {
    format!("dbvc.unit/{}", location.schema)
}

/// What a session holds, shared, that runs statements outside a transaction.
pub(crate) fn step_name(location: &RecordLocation) -> String {
    format!("dbvc.step/{}", location.schema)
}

/// Whether another session has the holder's lock. Nobody needs rights to ask (reference, `APPLOCK_TEST`).
fn alive(location: &RecordLocation, lock: &str) -> String {
    let name = format!(
        "CONCAT({}, {lock}.lock_name)",
        literal(&native_name(location, ""))
    );
    format!(
        "CASE WHEN {lock}.proven = 1 THEN CASE WHEN {lock}.session_id = {SESSION} \
         OR APPLOCK_TEST(N'public', {name}, N'Exclusive', N'Session') = 0 THEN 1 ELSE 0 END END"
    )
}

impl MsSqlSession {
    /// Fails when the fence is stale. In a transaction it also keeps the fence from moving until that ends: the row stays
    /// locked for sharing whatever the isolation level, and a take-over needs it for itself.
    pub(crate) fn check_fence(&self, fence: &Fence) -> String {
        let table = self.record.table("migration_fences");
        message::check_fence(&format!(
            "SELECT 1 FROM {table} WITH (REPEATABLEREAD, ROWLOCK) WHERE lock_name = {} AND token = {}",
            literal(&fence.lock),
            fence.token
        ))
    }

    /// Sends a batch that holds a transaction, and rolls it back when it failed on the way.
    pub(crate) async fn run_transaction(&mut self, operation: Operation, sql: &str) -> Result<Vec<Rows>> {
        let result = self.run(operation, sql).await;
        if result.is_err() {
            self.give_up().await;
        }
        result
    }

    /// Ends whatever transaction is open. The failure that is told is the one before; a session that cannot roll back
    /// is lost.
    pub(crate) async fn give_up(&mut self) {
        self.in_transaction = false;
        if self.client.is_some() {
            let _ = self.run(Operation::Transaction, message::ROLLBACK).await;
        }
    }

    fn with_grant(&self, error: DriverError) -> DriverError {
        if error.kind != ErrorKind::Denied {
            return error;
        }
        let schema = self.record.schema();
        error.with_note(format!(
            "let an administrator run `GRANT CREATE TABLE, CREATE VIEW, CREATE SCHEMA TO …`, or make the schema and run \
             `GRANT CREATE TABLE, CREATE VIEW TO …` and `GRANT ALTER, SELECT, INSERT, UPDATE, DELETE ON SCHEMA::{schema} TO …`"
        ))
    }
}

#[async_trait]
impl SqlRecord for MsSqlSession {
    fn record_sql(&self) -> &RecordSql {
        &self.record
    }

    async fn read_record(&mut self, statements: &[String], operation: Operation) -> Result<Vec<Rows>> {
        self.run(operation, &batch(statements)).await
    }

    async fn write_record(&mut self, fence: &Fence, statements: &[String]) -> Result<Vec<Rows>> {
        self.check_access(Operation::Record)?;
        let mut parts = vec![self.unhindered()];
        if self.in_transaction {
            parts.push(self.check_fence(fence));
            parts.extend_from_slice(statements);
            return self.run(Operation::Record, &batch(&parts)).await;
        }
        parts.push(message::check_none_open());
        // Whoever runs statements outside a transaction can be found by this.
        parts.push(message::get_lock(
            &step_name(self.record.location()),
            "Shared",
            "Session",
        ));
        parts.push("BEGIN TRANSACTION".into());
        parts.push(self.check_fence(fence));
        parts.extend_from_slice(statements);
        parts.push("COMMIT".into());
        self.run_transaction(Operation::Record, &batch(&parts)).await
    }

    async fn install_record(&mut self, statements: &[String]) -> Result<()> {
        self.check_access(Operation::Install)?;
        let name = literal(&native_name(self.record.location(), "install"));
        let mut parts = vec![
            self.unhindered(),
            "BEGIN TRANSACTION".into(),
            format!(
                "DECLARE @dbvc_lock int; EXEC @dbvc_lock = sp_getapplock @Resource = {name}, \
                 @LockMode = N'Exclusive', @LockOwner = N'Transaction', @LockTimeout = 0"
            ),
            message::refuse(
                "@dbvc_lock < 0",
                error::BUSY,
                "another session makes the record now",
            ),
        ];
        // Each by itself: what one adds, the next may name, and a batch is read as a whole.
        parts.extend(statements.iter().map(|sql| format!("EXEC({})", literal(sql))));
        parts.push("COMMIT".into());
        match self.run_transaction(Operation::Install, &batch(&parts)).await {
            Ok(_) => Ok(()),
            Err(error) if error.code.as_deref() == Some(&error::BUSY.to_string()) => Err(DriverError {
                kind: ErrorKind::Conflict,
                ..error
            }),
            Err(error) => Err(self.with_grant(error)),
        }
    }
}

#[cfg(test)]
mod tests;
