//! The server's and the library's errors as kinds, codes and positions.

use dbvc_engine::driver::Target;
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Position};
use dbvc_engine::record::Missing;
use dbvc_engine::sql::{Dialect, Statement, TokenKind, leading_words, tokens};
use tiberius::error::{Error, IoErrorKind, TokenError};

/// Ours: the fence is stale. Numbers from 50,000 on are for programs to use (`THROW`, "`error_number`").
pub(crate) const STALE_FENCE: u32 = 58_401;
/// Ours: the script ended the transaction that it ran in, or left another one open.
pub(crate) const NOT_OUR_TRANSACTION: u32 = 58_402;
/// Ours: somebody else makes the record.
pub(crate) const BUSY: u32 = 58_403;
/// Ours: a take-over and a unit exclude each other.
pub(crate) const TAKEN: u32 = 58_404;
/// The numbers of ours.
const OURS: std::ops::RangeInclusive<u32> = 58_401..=58_404;
/// The lock was not had within `LOCK_TIMEOUT`.
const LOCK_TIMEOUT: u32 = 1222;
/// `EXECUTE` came back with more or fewer transactions open than before.
const UNBALANCED: u32 = 266;
/// A transaction that can only be rolled back (`XACT_STATE() = -1`) was to write.
const DOOMED: u32 = 3930;
/// The same at the end of the batch.
const DOOMED_AT_END: u32 = 3998;
/// A column that takes no NULL was to get one.
const NULL_REFUSED: u32 = 515;
/// A primary key that is there already.
const KEY_TAKEN: u32 = 2627;

/// The server's number, where the server sent the error.
pub(crate) fn number(error: &Error) -> Option<u32> {
    match error {
        Error::Server(error) => Some(error.code()),
        _ => None,
    }
}

/// An error of the client library as the port has it, secrets removed.
pub(crate) fn from_tiberius(error: &Error, operation: Operation, target: &Target) -> DriverError {
    let connecting = operation == Operation::Connect;
    let broken = if connecting {
        ErrorKind::Unreachable
    } else {
        ErrorKind::ConnectionLost
    };
    let made = |kind, words: &str| DriverError::new(kind, operation, words);
    let made = match error {
        Error::Server(error) => from_server(error, operation),
        Error::Io { kind, message } if is_tls(*kind, message) => made(ErrorKind::Tls, message),
        Error::Io { message, .. } => made(broken, message),
        Error::Tls(message) => made(ErrorKind::Tls, message),
        // After an answer that was cut off nothing that comes is understood.
        Error::Protocol(message) if is_cut_off(message) => made(broken, message),
        other => made(ErrorKind::Protocol, &other.to_string()),
    };
    redacted(made, target)
}

fn is_tls(kind: IoErrorKind, message: &str) -> bool {
    kind == IoErrorKind::InvalidData && message.to_ascii_lowercase().contains("certificate")
}

/// The library tells the end of the stream as a fault of the protocol.
fn is_cut_off(message: &str) -> bool {
    ["Never got", "EOF", "eof", "closed", "out of sync"]
        .iter()
        .any(|sign| message.contains(sign))
}

fn from_server(error: &TokenError, operation: Operation) -> DriverError {
    let kind = kind(error.code(), error.class(), operation);
    let made =
        DriverError::new(kind, operation, in_one_line(error.message())).with_code(error.code().to_string());
    let mut said = format!("level {}, state {}", error.class(), error.state());
    if !error.procedure().is_empty() {
        said = format!("{said}, procedure {}, line {}", error.procedure(), error.line());
    }
    let made = if OURS.contains(&error.code()) {
        made
    } else {
        made.with_note(said)
    };
    match error.code() {
        NULL_REFUSED if operation == Operation::Record => match Missing::named_in(error.message()) {
            Some(missing) => missing.told(&made),
            None => made,
        },
        KEY_TAKEN if operation == Operation::Record => match Missing::taken_in(error.message()) {
            Some(missing) => missing.told(&made),
            None => made,
        },
        UNBALANCED => made.with_note(
            "a procedure or dynamic SQL began or ended a transaction; what was committed on the way stays",
        ),
        DOOMED | DOOMED_AT_END => made.with_note(
            "after an error that the script caught itself (`TRY … CATCH`), a transaction can only be rolled back; let the \
             script fail there (`THROW`), or test before for what may fail",
        ),
        1105 | 9002 => made.with_note("the database or its log is full; an administrator must make room"),
        3906 => made.with_note("the database is set to read only, or is a readable copy"),
        _ => made,
    }
}

/// The kind of an error number (Microsoft, "Database Engine events and errors").
pub(crate) fn kind(number: u32, class: u8, operation: Operation) -> ErrorKind {
    let connecting = operation == Operation::Connect;
    match number {
        STALE_FENCE => ErrorKind::LockLost,
        // 4060: the database is not there or not for this login. The login fails with 18456 right after.
        4060 if connecting => ErrorKind::NoSuchDatabase,
        18_450..=18_452 | 18_456 | 18_461..=18_470 | 18_486..=18_488 | 40_532 => ErrorKind::Unauthenticated,
        // 40615: the firewall of Azure SQL.
        40_615 | 47_073 => ErrorKind::Unreachable,
        229 | 230 | 262 | 297 | 300 | 916 | 3906 | 10_314 | 15_247 | 15_517 => ErrorKind::Denied,
        LOCK_TIMEOUT | TAKEN => ErrorKind::LockTimeout,
        // 3960, 3961: a conflict under SNAPSHOT; 41301 and on: tables in memory.
        1205 | 3960 | 3961 | 41_301 | 41_302 | 41_305 | 41_325 | 41_839 => ErrorKind::Conflict,
        701
        | 802
        | 1101
        | 1105
        | 1204
        | 8645
        | 8651
        | 8657
        | 9002
        | 10_928
        | 10_929
        | 40_544
        | 40_551..=40_553 => ErrorKind::Resources,
        number if breaks(number) && connecting => ErrorKind::Unreachable,
        number if breaks(number) => ErrorKind::ConnectionLost,
        208 | 2812 if is_about_record(operation) => ErrorKind::NotInstalled,
        // Two that ask for a lock for the first time at once.
        2601 | 2627 if operation == Operation::Lock => ErrorKind::Conflict,
        // Two that make the record at once.
        1913 | 2601 | 2627 | 2705 | 2714 | 2759 if operation == Operation::Install => ErrorKind::Conflict,
        // From level 20 on the server ends the connection ("Database Engine error severities").
        _ if class >= 20 && !connecting => ErrorKind::ConnectionLost,
        _ if class >= 20 => ErrorKind::Unreachable,
        _ => ErrorKind::Statement,
    }
}

/// Azure SQL moves, scales or protects a database; 233 and on: the network; 596, 6005: a session that was killed, a
/// server that stops.
fn breaks(number: u32) -> bool {
    matches!(
        number,
        40_197 | 40_501 | 40_613 | 40_143 | 40_540 | 40_549 | 40_550 | 49_918
            ..=49_920 | 4221 | 64 | 121 | 233 | 596 | 6002 | 6005 | 6006 | 10_053 | 10_054 | 10_060
    )
}

/// Whether only our own tables are named.
fn is_about_record(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::Survey | Operation::Install | Operation::Lock | Operation::Record
    )
}

/// The line of the batch at which an error was met. A line inside a procedure that the batch only calls is another
/// text's; the one that the batch itself makes counts from the batch's beginning (MS-TDS, "ERROR", `LineNumber`).
pub(crate) fn position(error: &Error, statement: &Statement) -> Option<Position> {
    let Error::Server(error) = error else {
        return None;
    };
    if error.line() == 0 || (!error.procedure().is_empty() && !makes(error.procedure(), &statement.sql)) {
        return None;
    }
    let line = usize::try_from(error.line()).unwrap_or(usize::MAX);
    if let Some(at) = quoted_name(error.message()).and_then(|name| place_of(&statement.sql, line, name)) {
        return u32::try_from(at).ok().map(Position::Byte);
    }
    // What is missing at the end is met behind it.
    let last = statement.sql.lines().count().max(1);
    u32::try_from(line.min(last)).ok().map(Position::Line)
}

/// The name in `Invalid column name 'x'.` or `Incorrect syntax near 'x'.`, without what it belongs to.
fn quoted_name(message: &str) -> Option<&str> {
    let name = message.split('\'').nth(1)?;
    let last = name.rsplit('.').next().unwrap_or(name);
    (!last.is_empty()).then_some(last)
}

/// The byte at which `name` stands in the line, or first behind it: the line is often the statement's first one.
fn place_of(batch: &str, line: usize, name: &str) -> Option<usize> {
    let start = batch
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    tokens(batch, &Dialect::MSSQL)
        .filter(|token| token.offset >= start && token.kind != TokenKind::Comment)
        .find(|token| {
            token
                .text
                .trim_matches(['[', ']', '"'])
                .eq_ignore_ascii_case(name)
        })
        .map(|token| token.offset)
}

fn makes(procedure: &str, batch: &str) -> bool {
    let words = leading_words(batch, &Dialect::MSSQL, 1);
    let name = procedure.rsplit('.').next().unwrap_or(procedure);
    matches!(words.first().map(String::as_str), Some("CREATE" | "ALTER"))
        && batch.to_lowercase().contains(&name.to_lowercase())
}

/// The server's words in one line.
pub(crate) fn in_one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Removes the target's secrets from every text of `error`.
pub(crate) fn redacted(mut error: DriverError, target: &Target) -> DriverError {
    error.message = target.redact(&error.message);
    for note in &mut error.notes {
        *note = target.redact(note);
    }
    error
}

#[cfg(test)]
mod tests {
    use dbvc_engine::text::Origin;

    use super::*;

    #[test]
    fn numbers_become_kinds() {
        let told = |number| kind(number, 16, Operation::Execute);
        for (number, expected) in [
            (STALE_FENCE, ErrorKind::LockLost),
            (1222, ErrorKind::LockTimeout),
            (1205, ErrorKind::Conflict),
            (3960, ErrorKind::Conflict),
            (229, ErrorKind::Denied),
            (3906, ErrorKind::Denied),
            (3701, ErrorKind::Statement),
            (15_151, ErrorKind::Statement),
            (208, ErrorKind::Statement),
            (2714, ErrorKind::Statement),
            (102, ErrorKind::Statement),
            (9002, ErrorKind::Resources),
            (10_928, ErrorKind::Resources),
            (40_197, ErrorKind::ConnectionLost),
            (40_613, ErrorKind::ConnectionLost),
            (596, ErrorKind::ConnectionLost),
        ] {
            assert_eq!(told(number), expected, "{number}");
        }
    }

    #[test]
    fn what_an_error_means_depends_on_what_was_done() {
        for (number, operation, expected) in [
            (208, Operation::Survey, ErrorKind::NotInstalled),
            (208, Operation::Lock, ErrorKind::NotInstalled),
            (2714, Operation::Install, ErrorKind::Conflict),
            (2627, Operation::Install, ErrorKind::Conflict),
            (2627, Operation::Lock, ErrorKind::Conflict),
            (2627, Operation::Record, ErrorKind::Statement),
            (4060, Operation::Connect, ErrorKind::NoSuchDatabase),
            (18_456, Operation::Connect, ErrorKind::Unauthenticated),
            (40_615, Operation::Connect, ErrorKind::Unreachable),
            (40_613, Operation::Connect, ErrorKind::Unreachable),
        ] {
            assert_eq!(kind(number, 14, operation), expected, "{number}");
        }
    }

    #[test]
    fn from_level_twenty_on_the_connection_is_gone() {
        assert_eq!(kind(824, 24, Operation::Execute), ErrorKind::ConnectionLost);
        assert_eq!(kind(824, 19, Operation::Execute), ErrorKind::Statement);
    }

    #[test]
    fn a_batch_makes_the_procedure_that_it_creates_and_not_the_one_that_it_calls() {
        assert!(makes(
            "add_one",
            "/* x */ CREATE PROCEDURE dbo.Add_One AS SELECT 1"
        ));
        assert!(makes(
            "dbo.f",
            "alter function [f]() returns int as begin return 1 end"
        ));
        assert!(!makes("add_one", "EXEC dbo.add_one"));
        assert!(!makes("add_one", "CREATE TABLE t (id int)"));
    }

    #[test]
    fn the_name_at_fault_is_found_from_the_servers_line_on() {
        let batch = "SELECT wrong FROM t\n/* wrong */ SELECT\n  [Wrong] FROM t";
        assert_eq!(quoted_name("Invalid column name 'dbo.wrong'."), Some("wrong"));
        assert_eq!(quoted_name("Deadlocked"), None);
        assert_eq!(place_of(batch, 1, "wrong"), Some(7));
        assert_eq!(place_of(batch, 2, "wrong"), batch.find("[Wrong]"));
        assert_eq!(place_of(batch, 9, "wrong"), None);
    }

    #[test]
    fn a_broken_connection_is_one_however_the_library_says_it() {
        let target = Target::parse("mssql://ann:hunter2@localhost/app").expect("a target");
        let told = |error, operation| from_tiberius(&error, operation, &target).kind;
        let io = Error::Io {
            kind: IoErrorKind::UnexpectedEof,
            message: "early eof".into(),
        };
        assert_eq!(told(io.clone(), Operation::Execute), ErrorKind::ConnectionLost);
        assert_eq!(told(io, Operation::Connect), ErrorKind::Unreachable);
        let done = Error::Protocol("Never got DONE token.".into());
        assert_eq!(told(done, Operation::Execute), ErrorKind::ConnectionLost);
        let odd = Error::Protocol("invalid token type 7".into());
        assert_eq!(told(odd, Operation::Execute), ErrorKind::Protocol);
        let secret = Error::Tls("hunter2 was refused".into());
        assert!(
            !from_tiberius(&secret, Operation::Connect, &target)
                .message
                .contains("hunter2")
        );
    }

    #[test]
    fn an_error_of_the_library_has_no_place() {
        let statement = Statement::new("SELECT 1", Origin::START);
        assert_eq!(position(&Error::Utf8, &statement), None);
    }
}
