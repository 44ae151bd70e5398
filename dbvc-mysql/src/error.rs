//! The server's and the library's errors as kinds, codes and positions.

use dbvc_engine::driver::Target;
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Position};
use dbvc_engine::sql::Statement;
use mysql_async::{DriverError as ClientError, Error, IoError, ServerError};

use crate::connect::{is_tls, tls_failed};
use crate::statement::only_place;

/// A subquery of ours that gives two rows when the fence is stale, or when the audit trail has no head.
pub(crate) const STALE_FENCE: u16 = 1242;
/// A sum of ours that is too large when an event's execution is not in the history.
pub(crate) const OUT_OF_RANGE: u16 = 1690;
/// A primary key that is there already.
pub(crate) const KEY_TAKEN: u16 = 1062;
/// A savepoint that is not there: the script ended the transaction.
pub(crate) const NO_SAVEPOINT: u16 = 1305;
/// `KILL QUERY`.
const INTERRUPTED: u16 = 1317;

/// The server's number, where the server sent the error.
pub(crate) fn number(error: &Error) -> Option<u16> {
    match error {
        Error::Server(error) => Some(error.code),
        _ => None,
    }
}

pub(crate) fn is_interrupted(error: &Error) -> bool {
    // 1969: MariaDB's `max_statement_time`; 3024: MySQL's `max_execution_time`.
    matches!(number(error), Some(INTERRUPTED | 1969 | 3024))
}

/// An error of the client library as the port has it, secrets removed.
pub(crate) fn from_mysql(error: &Error, operation: Operation, target: &Target) -> DriverError {
    let made = match error {
        Error::Server(error) => from_server(error, operation),
        Error::Io(IoError::Tls(error)) => tls_failed(operation, chain(error)),
        Error::Io(IoError::Io(error)) => from_io(error, operation),
        Error::Driver(error) => from_client(error, operation),
        Error::Url(error) => DriverError::new(ErrorKind::Unsupported, operation, error.to_string()),
        Error::Other(error) => DriverError::new(ErrorKind::Protocol, operation, error.to_string()),
    };
    redacted(made, target)
}

fn from_server(error: &ServerError, operation: Operation) -> DriverError {
    let kind = kind(error, operation);
    // The number is what the manual lists; the SQLSTATE is the standard's class.
    let made = DriverError::new(kind, operation, &error.message)
        .with_code(format!("{} {}", error.code, error.state));
    match error.code {
        1290 | 1792 | 1836 => made.with_note("the server, the session or the login is set to read only"),
        1227 | 1419 => made.with_note(
            "with binary logging, making stored functions and triggers needs more rights; see \
             `log_bin_trust_function_creators`",
        ),
        _ => made,
    }
}

/// The kind of a server's error number (MySQL "Server Error Message Reference", MariaDB "Error Codes").
fn kind(error: &ServerError, operation: Operation) -> ErrorKind {
    let connecting = operation == Operation::Connect;
    match error.code {
        // 3118, 4151: the account is locked; 1820, 1862: the password has expired; 1251: the client's way of login is
        // refused; 3955: too many wrong passwords.
        1045 | 1698 | 1251 | 1820 | 1862 | 3118 | 3955 | 4151 => ErrorKind::Unauthenticated,
        1129 if connecting => ErrorKind::Unreachable,
        1049 if connecting => ErrorKind::NoSuchDatabase,
        1044 if connecting => ErrorKind::Denied,
        // No login from that host; a plugin of the login's is not loaded.
        1130 | 1524 if connecting => ErrorKind::Unauthenticated,
        3159 => ErrorKind::Tls,
        1044 | 1142 | 1143 | 1227 | 1370 | 1290 | 1410 | 1419 | 1792 | 1836 | 1356 => ErrorKind::Denied,
        1205 | 3572 | 3058 => ErrorKind::LockTimeout,
        // 1412: a table was changed after this transaction began to read.
        1213 | 1020 | 1412 | 1614 | 3101 => ErrorKind::Conflict,
        INTERRUPTED => ErrorKind::Cancelled,
        1969 | 3024 => ErrorKind::StatementTimeout,
        1053 | 1077 | 1079 | 1152 | 1159 | 1160 | 1161 | 1184 | 1927 | 4031 => {
            if connecting {
                ErrorKind::Unreachable
            } else {
                ErrorKind::ConnectionLost
            }
        }
        1021 | 1037 | 1038 | 1040 | 1041 | 1114 | 1203 | 1226 | 3 | 28 => ErrorKind::Resources,
        1146 | 1049 if is_about_record(operation) => ErrorKind::NotInstalled,
        // Two that make the record at once.
        1050 | 1061 | 1062 | 1684 if operation == Operation::Install => ErrorKind::Conflict,
        _ => ErrorKind::Statement,
    }
}

/// Whether only our own tables are named.
fn is_about_record(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::Survey | Operation::Install | Operation::Lock | Operation::Record
    )
}

fn from_io(error: &std::io::Error, operation: Operation) -> DriverError {
    let words = error.to_string();
    if operation != Operation::Connect {
        return DriverError::new(ErrorKind::ConnectionLost, operation, words);
    }
    if is_tls(error) {
        return tls_failed(operation, words);
    }
    DriverError::new(ErrorKind::Unreachable, operation, words)
}

fn from_client(error: &ClientError, operation: Operation) -> DriverError {
    let words = error.to_string();
    let made = |kind| DriverError::new(kind, operation, words.clone());
    match error {
        ClientError::ConnectionClosed if operation == Operation::Connect => made(ErrorKind::Unreachable),
        ClientError::ConnectionClosed => made(ErrorKind::ConnectionLost),
        ClientError::NoClientSslFlagFromServer => tls_failed(operation, "the server does not offer TLS".into()),
        ClientError::NoKeyFound => made(ErrorKind::Tls).with_note("`ssl-key` names a file with no private key"),
        ClientError::UnknownAuthPlugin { .. } => made(ErrorKind::Unauthenticated)
            .with_note(
                "the login uses a way of authentication that this client does not have; it has caching_sha2_password, \
                 mysql_native_password, ed25519 and parsec",
            ),
        ClientError::CleartextPluginDisabled => made(ErrorKind::Unauthenticated),
        ClientError::MysqlOldPasswordDisabled => made(ErrorKind::Unauthenticated)
            .with_note("the password is stored as before MySQL 4.1; set it anew on the server"),
        ClientError::PacketTooLarge => made(ErrorKind::Statement),
        ClientError::LocalInfile(_) => made(ErrorKind::Unsupported).with_note(
            "LOAD DATA LOCAL reads a file of this machine and is refused; use INSERT, or LOAD DATA with a file of the \
             server's",
        ),
        _ => made(ErrorKind::Protocol),
    }
}

fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut words = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let more = cause.to_string();
        if !words.contains(&more) {
            words = format!("{words}: {more}");
        }
        next = cause.source();
    }
    words
}

/// Where in `statement` the error is: at the text that the server quotes, at the only place of the name that it names,
/// or in the line that it counts from the statement's beginning.
pub(crate) fn position(error: &DriverError, statement: &Statement) -> Option<Position> {
    let sql = statement.sql.as_str();
    let byte = |at: usize| u32::try_from(at).ok().map(Position::Byte);
    let number = error.code.as_deref().and_then(|code| code.split(' ').next());
    match number {
        Some("1064") => {
            let (near, line) = quoted_text(&error.message)?;
            place_of(sql, near, line)
                .and_then(byte)
                .or(Some(Position::Line(line)))
        }
        Some(
            "1054" | "1072" | "1091" | "1146" | "1051" | "1305" | "1109" | "1176" | "1049" | "1060" | "1061"
            | "1050",
        ) => {
            let name = error.message.split(['\'', '`']).nth(1)?;
            let last = name.rsplit('.').next().unwrap_or(name);
            only_place(sql, last).and_then(byte)
        }
        _ => None,
    }
}

/// The text in `… near 'text' at line 3`, and the line.
fn quoted_text(message: &str) -> Option<(&str, u32)> {
    let (words, line) = message.rsplit_once(" at line ")?;
    let line = line.trim().parse().ok()?;
    let near = words.split_once(" near '").map_or("", |(_, near)| near);
    Some((near.strip_suffix('\'').unwrap_or(near), line))
}

/// The server's words without what it quotes of our own statements behind the script's.
pub(crate) fn without_ours(message: &str, statement: &Statement) -> Option<String> {
    let (near, line) = quoted_text(message)?;
    let sql = statement.sql.as_str();
    let rest = place_of(sql, near, line).map_or("", |at| &sql[at..]);
    let is_at_end = near.starts_with(";\n") || near.is_empty();
    let own = if is_at_end { "" } else { rest };
    (near.len() > own.len() && (is_at_end || near.starts_with(own)))
        .then(|| message.replacen(&format!("near '{near}'"), &format!("near '{own}'"), 1))
}

/// The server's words in one line, and without the line that it counts from the statement's beginning: the place that is
/// shown is the file's.
pub(crate) fn in_one_line(message: &str) -> String {
    let counted = message.rsplit_once(" at line ");
    let words = match counted {
        Some((words, line)) if line.bytes().all(|byte| byte.is_ascii_digit()) => words,
        _ => message,
    };
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The byte at which `near` begins. The server quotes from where it stopped to the end of what was sent, or 80
/// characters; a statement that ended too early ends before it.
fn place_of(sql: &str, near: &str, line: u32) -> Option<usize> {
    let near = near.trim_end();
    if near.is_empty() {
        return Some(sql.trim_end().len().saturating_sub(1));
    }
    let start = line_start(sql, line)?;
    let from = &sql[start..];
    from.char_indices()
        .map(|(at, _)| &from[at..])
        .find(|rest| rest.starts_with(near) || near.starts_with(rest))
        .map(|rest| sql.len() - rest.len())
        .or_else(|| {
            near.starts_with(";\n")
                .then(|| sql.trim_end().len().saturating_sub(1))
        })
}

fn line_start(sql: &str, line: u32) -> Option<usize> {
    let mut start = 0;
    for _ in 1..line {
        start += sql[start..].find('\n')? + 1;
    }
    Some(start)
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

    fn syntax(message: &str) -> DriverError {
        DriverError::new(ErrorKind::Statement, Operation::Execute, message).with_code("1064 42000")
    }

    fn at(sql: &str, message: &str) -> Option<Position> {
        position(&syntax(message), &Statement::new(sql, Origin::START))
    }

    #[test]
    fn a_syntax_error_is_found_by_the_text_that_the_server_quotes() {
        let sql = "INSERT INTO t (a)\n  VALUS (1)";
        let message = "You have an error in your SQL syntax; check the manual that corresponds to your MariaDB server \
                       version for the right syntax to use near 'VALUS (1)' at line 2";
        assert_eq!(at(sql, message), Some(Position::Byte(20)));
        // What was sent behind the statement is quoted too.
        assert_eq!(
            at(sql, &message.replace("(1)'", "(1);\nSHOW WARNINGS LIMIT 20'")),
            Some(Position::Byte(20))
        );
    }

    #[test]
    fn the_servers_words_are_one_line_that_tells_no_other_place() {
        let said = "wrong near 'end\n  if' at line 4";
        assert_eq!(in_one_line(said), "wrong near 'end if'");
        let kept = "met at line one";
        assert_eq!(in_one_line(kept), kept);
    }

    #[test]
    fn our_own_statements_are_not_quoted() {
        let statement = Statement::new("ALTER TABLE t\n  ADD INDX i (a)", Origin::START);
        let told = |near: &str| without_ours(&format!("wrong near '{near}' at line 2"), &statement);
        assert_eq!(
            told("i (a);\nSHOW WARNINGS LIM").as_deref(),
            Some("wrong near 'i (a)' at line 2")
        );
        assert_eq!(told(";\nSHOW").as_deref(), Some("wrong near '' at line 2"));
        assert_eq!(told("i (a)"), None);
    }

    #[test]
    fn a_statement_that_ends_too_early_is_wrong_at_its_end() {
        assert_eq!(at("SELECT (1", "… near '' at line 1"), Some(Position::Byte(8)));
        assert_eq!(
            at("SELECT (1", "… near ';\nSHOW WARNINGS' at line 1"),
            Some(Position::Byte(8))
        );
        assert_eq!(
            at("SELECT (1", "… near 'elsewhere' at line 1"),
            Some(Position::Line(1))
        );
    }

    #[test]
    fn a_name_that_is_unknown_is_found_where_it_stands_once() {
        let error = DriverError::new(
            ErrorKind::Statement,
            Operation::Execute,
            "Unknown column 't.wrong' in 'field list'",
        )
        .with_code("1054 42S22");
        let place = position(&error, &Statement::new("SELECT wrong FROM t", Origin::START));
        assert_eq!(place, Some(Position::Byte(7)));
    }

    #[test]
    fn numbers_become_kinds() {
        let told = |code, operation| {
            let error = ServerError {
                code,
                message: String::new(),
                state: String::new(),
            };
            kind(&error, operation)
        };
        for (code, expected) in [
            (1205, ErrorKind::LockTimeout),
            (1213, ErrorKind::Conflict),
            (1412, ErrorKind::Conflict),
            (1317, ErrorKind::Cancelled),
            (1142, ErrorKind::Denied),
            (1064, ErrorKind::Statement),
            (1050, ErrorKind::Statement),
            (1146, ErrorKind::Statement),
            (1053, ErrorKind::ConnectionLost),
        ] {
            assert_eq!(told(code, Operation::Execute), expected, "{code}");
        }
        assert_eq!(told(1146, Operation::Survey), ErrorKind::NotInstalled);
        assert_eq!(told(1049, Operation::Connect), ErrorKind::NoSuchDatabase);
        assert_eq!(told(1045, Operation::Connect), ErrorKind::Unauthenticated);
    }
}
