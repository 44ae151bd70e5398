//! The record: its SQL's ways on MySQL and MariaDB, and how that SQL is sent.

use std::fmt::Write as _;

use async_trait::async_trait;
use dbvc_engine::driver::{Fence, RecordLocation, Rows};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use dbvc_engine::record::{Chaining, RecordDialect, RecordGrammar, RecordSql, SqlRecord, quote_standard};

use crate::error;
use crate::flavour::Flavour;
use crate::message::{Message, Part};
use crate::session::MySqlSession;

/// The record's ways. Times are in UTC by the server's clock, to the microsecond, whatever the session's time zone.
/// Texts compare byte by byte: `R__a` and `R__A` are two migrations.
pub(crate) const DIALECT: RecordDialect = RecordDialect {
    schemas: false,
    literal,
    now: "UTC_TIMESTAMP(6)",
    begun: "COALESCE(@dbvc_begun, UTC_TIMESTAMP(6))",
    iso: |time| format!("DATE_FORMAT({time}, '%Y-%m-%dT%H:%i:%s.%fZ')"),
    moved: |time, millis| {
        // A year of milliseconds; beyond, the date would leave the calendar and become NULL.
        let micros = millis.clamp(-31_536_000_000, 31_536_000_000) * 1000;
        format!("({time} + INTERVAL {micros} MICROSECOND)")
    },
    millis: |from, to| format!("(TIMESTAMPDIFF(MICROSECOND, {from}, {to}) DIV 1000)"),
    session: "CAST(CONNECTION_ID() AS CHAR)",
    login: Some("SUBSTRING_INDEX(USER(), '@', 1)"),
    alive,
    rank_type: "bigint NOT NULL AUTO_INCREMENT PRIMARY KEY",
    time_type: "datetime(6)",
    // Whatever character set the session's texts have.
    sha256: Some(|text| format!("SHA2(CONVERT({text} USING utf8mb4), 256)")),
    json: |text| format!("JSON_QUOTE({text})"),
    grammar: RecordGrammar {
        quote: ('`', '`'),
        qualified: true,
        upsert: |row| row.on_duplicate_key(),
        text_type: "longtext",
        table_options: " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin",
        create_view: |view, query| format!("CREATE OR REPLACE VIEW {view} AS {query}"),
        create_index: "CREATE INDEX",
        add_column: "ADD COLUMN",
        several_columns: true,
        hold_row: ("", " FOR UPDATE"),
        chaining: Chaining::OneInsert,
        // Where a script has made the session lenient, NULL becomes 0 in a column that takes none. These two fail in
        // every mode: a subquery of two rows, and a sum beyond `bigint`.
        no_head: Some("(SELECT v.a FROM (SELECT 1 AS a UNION ALL SELECT 2) v WHERE h.sequence IS NULL)"),
        no_entry: Some("9223372036854775807 + h.sequence"),
        ..RecordGrammar::STANDARD
    },
};

/// A text as a literal, right whatever `sql_mode` and character set a script has set.
pub(crate) fn literal(text: &str) -> String {
    let plain = text
        .bytes()
        .all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t') && byte != b'\\');
    if plain {
        return quote_standard(text);
    }
    let text = text.replace('\0', "\u{fffd}");
    let mut literal = String::with_capacity(text.len() * 2 + 12);
    literal.push_str("_utf8mb4 X'");
    for byte in text.bytes() {
        let _ = write!(literal, "{byte:02X}");
    }
    literal.push('\'');
    literal
}

/// The same for MariaDB, whose `JSON_QUOTE` writes digits of control characters in upper case, which RFC 8785 does not.
/// Backslashes that stand for themselves are out of the way meanwhile, as a character that no such text holds.
pub(crate) fn maria_dialect() -> RecordDialect {
    RecordDialect {
        json: |text| {
            let mut quoted = format!("REPLACE(JSON_QUOTE({text}), _utf8mb4 X'5C5C', _utf8mb4 X'01')");
            for code in [0x0B, 0x0E, 0x0F, 0x1A, 0x1B, 0x1C, 0x1D, 0x1E, 0x1F] {
                let (upper, lower) = (format!("\\u{code:04X}"), format!("\\u{code:04x}"));
                quoted = format!("REPLACE({quoted}, {}, {})", literal(&upper), literal(&lower));
            }
            format!("REPLACE({quoted}, _utf8mb4 X'01', _utf8mb4 X'5C5C')")
        },
        ..DIALECT
    }
}

/// The name of the lock that proves that a holder lives: it belongs to the database and the record in it, and fits the
/// 64 characters that MySQL takes (manual, "Locking Functions"). `name` is an expression.
pub(crate) fn native_name(location: &RecordLocation, name: &str) -> String {
    format!(
        "CONCAT('dbvc.', LEFT(SHA2(CONCAT_WS('/', {}, {}, {name}), 256), 40))",
        literal(&location.schema),
        literal(&location.prefix)
    )
}

/// Whether the holder's session has its lock.
fn alive(location: &RecordLocation, lock: &str) -> String {
    format!(
        "CASE WHEN {lock}.proven = 1 THEN CASE WHEN IS_USED_LOCK({}) = {lock}.session_id THEN 1 ELSE 0 END END",
        native_name(location, &format!("{lock}.lock_name"))
    )
}

/// What cannot be made twice and is there already: a column, an index.
const IS_THERE: [u16; 2] = [1060, 1061];

impl MySqlSession {
    /// Appends what fails when the fence is stale. In a transaction it also keeps the fence from moving until the
    /// transaction ends: a take-over needs the row for itself.
    pub(crate) fn push_fence(&self, message: &mut Message, fence: &Fence) {
        let hold = match self.flavour {
            Flavour::TiDb => "FOR UPDATE",
            _ => "LOCK IN SHARE MODE",
        };
        let read = format!("SET @dbvc_fence = ({} {hold})", self.record.token(&fence.lock));
        message.push(Part::Fence, &read);
        // There is no other way to fail on purpose without a stored program.
        let check = format!(
            "SET @dbvc_fence = (SELECT v.a FROM (SELECT 1 AS a UNION ALL SELECT 2 FROM DUAL \
             WHERE NOT (@dbvc_fence <=> {})) v)",
            fence.token
        );
        message.push(Part::Fence, &check);
    }

    /// Appends statements of the record as one transaction.
    pub(crate) fn push_recorded(&self, message: &mut Message, fence: &Fence, statements: &[String]) {
        message.push(Part::Own, "START TRANSACTION");
        self.push_fence(message, fence);
        for sql in statements {
            message.push(Part::Record, sql);
        }
        message.push(Part::Own, "COMMIT");
    }

    /// Sends a message that holds a transaction, and rolls it back when it failed on the way.
    pub(crate) async fn run_transaction(
        &mut self,
        operation: Operation,
        message: &Message,
    ) -> Result<Vec<Rows>> {
        let result = self.run(operation, message).await;
        if result.is_err() {
            self.give_up().await;
        }
        result
    }

    /// Ends whatever transaction is open. The failure that is told is the one before; a session that cannot roll back
    /// is lost.
    pub(crate) async fn give_up(&mut self) {
        self.in_transaction = false;
        if self.conn.is_some() {
            let mut message = Message::new();
            message.push(Part::Own, "ROLLBACK");
            let _ = self.run(Operation::Transaction, &message).await;
        }
    }

    fn check_access(&self, operation: Operation) -> Result<()> {
        if self.settings.read_only {
            return Err(DriverError::new(
                ErrorKind::Denied,
                operation,
                "this session was opened to read only",
            ));
        }
        Ok(())
    }

    /// Runs the statements in order; an index or a column that is there already is passed over.
    async fn install_each(&mut self, statements: &[String]) -> Result<()> {
        let statements = rows_together(statements);
        let made = self.install_in_order(&statements).await;
        if made.is_err() {
            self.give_up().await;
        }
        made
    }

    async fn install_in_order(&mut self, statements: &[&str]) -> Result<()> {
        let mut from = 0;
        while from < statements.len() {
            let mut message = Message::new();
            for sql in &statements[from..] {
                message.push(Part::Record, sql);
            }
            let answer = self.send(&message, None, None).await;
            let number = answer.error.as_ref().and_then(error::number);
            if number.is_some_and(|number| IS_THERE.contains(&number)) {
                from += answer.completed + 1;
                continue;
            }
            return match self.failure(&message, &answer, Operation::Install) {
                None => Ok(()),
                Some((_, error)) => Err(error),
            };
        }
        Ok(())
    }

    fn with_grant(&self, error: DriverError) -> DriverError {
        if error.kind != ErrorKind::Denied {
            return error;
        }
        error.with_note(format!(
            "let an administrator run `GRANT CREATE, CREATE VIEW, SHOW VIEW, INDEX, ALTER, SELECT, INSERT, UPDATE, DELETE \
             ON {}.* TO …`",
            self.record.schema()
        ))
    }
}

/// The statements with all rows in one transaction, behind the tables and views, which commit by themselves: a chain of which
/// half was written could not be begun again.
fn rows_together(statements: &[String]) -> Vec<&str> {
    let defines = |sql: &String| {
        ["CREATE", "ALTER", "DROP"]
            .iter()
            .any(|word| sql.starts_with(word))
    };
    let rows = statements.iter().rposition(defines).map_or(0, |last| last + 1);
    let (definitions, rows) = statements.split_at(rows);
    let mut all: Vec<&str> = definitions.iter().map(String::as_str).collect();
    all.push("START TRANSACTION");
    all.extend(rows.iter().map(String::as_str));
    all.push("COMMIT");
    all
}

/// How often the record is read at most, where another run makes its tables or views anew meanwhile: that ends the reading
/// transaction (manual, "Consistent Nonlocking Reads"), and the next one sees them.
const READS: u32 = 5;

impl MySqlSession {
    /// Reads in a transaction that `begin` begins, unless one is open.
    async fn read_within(
        &mut self,
        begin: &str,
        statements: &[String],
        operation: Operation,
    ) -> Result<Vec<Rows>> {
        let mut message = Message::new();
        if self.changed {
            // A script's `SET NAMES` counts for answers too.
            message.push(Part::Own, "SET SESSION character_set_results = utf8mb4");
        }
        let alone = !self.in_transaction;
        if alone {
            for statement in begin.split("; ") {
                message.push(Part::Own, statement);
            }
        }
        for sql in statements {
            message.push(Part::Asked, sql);
        }
        if alone {
            message.push(Part::Own, "COMMIT");
        }
        for _ in 1..READS {
            match self.run(operation, &message).await {
                Err(error) if alone && error.kind == ErrorKind::Conflict => self.give_up().await,
                Err(error) => {
                    if alone {
                        self.give_up().await;
                    }
                    return Err(error);
                }
                read => return read,
            }
        }
        self.run(operation, &message).await
    }
}

#[async_trait]
impl SqlRecord for MySqlSession {
    fn record_sql(&self) -> &RecordSql {
        &self.record
    }

    async fn read_record(&mut self, statements: &[String], operation: Operation) -> Result<Vec<Rows>> {
        self.read_within("START TRANSACTION READ ONLY", statements, operation)
            .await
    }

    async fn read_at_once(&mut self, statements: &[String], operation: Operation) -> Result<Vec<Rows>> {
        // The first read makes the view that all later ones have (manual, "Consistent Nonlocking Reads").
        let begin = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; START TRANSACTION READ ONLY";
        self.read_within(begin, statements, operation).await
    }

    async fn write_record(&mut self, fence: &Fence, statements: &[String]) -> Result<Vec<Rows>> {
        self.check_access(Operation::Record)?;
        let mut message = Message::new();
        if self.in_transaction {
            self.push_fence(&mut message, fence);
            for sql in statements {
                message.push(Part::Record, sql);
            }
            return self.run(Operation::Record, &message).await;
        }
        self.push_recorded(&mut message, fence, statements);
        self.run_transaction(Operation::Record, &message).await
    }

    async fn install_record(&mut self, statements: &[String]) -> Result<()> {
        self.check_access(Operation::Install)?;
        let name = native_name(self.record.location(), "'install'");
        let mut message = Message::new();
        message.push(Part::Asked, &format!("SELECT GET_LOCK({name}, 0)"));
        let answers = self.run(Operation::Install, &message).await?;
        let got = answers
            .first()
            .and_then(|rows| rows.cells.first()?.first()?.as_deref());
        if got != Some("1") {
            return Err(DriverError::new(
                ErrorKind::Conflict,
                Operation::Install,
                "another session makes the record now",
            ));
        }
        let made = self.install_each(statements).await;
        let mut message = Message::new();
        message.push(Part::Own, &format!("DO RELEASE_LOCK({name})"));
        let released = self.run(Operation::Install, &message).await;
        made.map_err(|error| self.with_grant(error))
            .and(released.map(drop))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_written_together_behind_all_definitions() {
        let statements = [
            "CREATE TABLE t",
            "INSERT a",
            "CREATE VIEW v",
            "INSERT b",
            "UPDATE c",
        ];
        assert_eq!(
            rows_together(&statements.map(str::to_owned)),
            [
                "CREATE TABLE t",
                "INSERT a",
                "CREATE VIEW v",
                "START TRANSACTION",
                "INSERT b",
                "UPDATE c",
                "COMMIT"
            ]
        );
    }

    #[test]
    fn a_literal_holds_under_every_reading_of_backslashes() {
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(literal(r"a\"), "_utf8mb4 X'615C'");
        assert_eq!(literal("é"), "_utf8mb4 X'C3A9'");
    }
}
