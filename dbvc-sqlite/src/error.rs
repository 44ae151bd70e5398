//! SQLite's errors as kinds, codes and positions.

use dbvc_engine::error::{DriverError, ErrorKind, Operation, Position};
use dbvc_engine::record::Missing;
use dbvc_engine::sql::{Dialect, TokenKind, tokens};

/// `SQLITE_CONSTRAINT_NOTNULL`.
const NULL_REFUSED: &str = "1299";
/// `SQLITE_CONSTRAINT_PRIMARYKEY` and `SQLITE_CONSTRAINT_UNIQUE`.
const KEY_TAKEN: [&str; 2] = ["1555", "2067"];

/// What sqlx says, as the engine knows it. `statement` is the text that was run, to find the place in.
pub(crate) fn from_sqlx(error: &sqlx::Error, operation: Operation, statement: Option<&str>) -> DriverError {
    let sqlx::Error::Database(database) = error else {
        let kind = match error {
            sqlx::Error::Io(_) | sqlx::Error::WorkerCrashed => ErrorKind::ConnectionLost,
            _ => ErrorKind::Protocol,
        };
        return DriverError::new(kind, operation, error.to_string());
    };
    let code = database
        .code()
        .map(std::borrow::Cow::into_owned)
        .unwrap_or_default();
    let message = database.message();
    let mut found = DriverError::new(kind_of(&code), operation, message).with_code(code);
    if operation == Operation::Record {
        let missing = match found.code.as_deref() {
            Some(NULL_REFUSED) => Missing::named_in(message),
            Some(code) if KEY_TAKEN.contains(&code) => Missing::taken_in(message),
            _ => None,
        };
        if let Some(missing) = missing {
            return missing.told(&found);
        }
    }
    if let Some(position) = statement.and_then(|statement| position_of(message, statement)) {
        found = found.with_position(position);
    }
    found
}

/// From sqlite.org/rescode.html; the low byte is the primary code.
fn kind_of(code: &str) -> ErrorKind {
    match code.parse::<u32>().unwrap_or(1) & 0xff {
        3 | 8 | 23 => ErrorKind::Denied,
        5 | 6 => ErrorKind::LockTimeout,
        7 | 10 | 13 => ErrorKind::Resources,
        9 => ErrorKind::Cancelled,
        11 | 14 | 26 => ErrorKind::Unreachable,
        _ => ErrorKind::Statement,
    }
}

/// SQLite gives no place, but often a word. When that word stands in the statement once, that is the place.
fn position_of(message: &str, statement: &str) -> Option<Position> {
    let word = named_in(message)?;
    let bare = |text: &str| text.trim_matches(['"', '`', '[', ']', '\'']).to_lowercase();
    let last = bare(word.rsplit('.').next().unwrap_or(word));
    let mut places = tokens(statement, &Dialect::SQLITE)
        .filter(|token| token.kind != TokenKind::Comment && bare(token.text) == last)
        .map(|token| token.offset);
    let first = places.next()?;
    if places.next().is_some() {
        return None;
    }
    u32::try_from(first).ok().map(Position::Byte)
}

fn named_in(message: &str) -> Option<&str> {
    if let Some(rest) = message.strip_prefix("near \"") {
        return rest.rsplit_once("\": syntax error").map(|(word, _)| word);
    }
    for start in [
        "no such column: ",
        "no such table: ",
        "no such function: ",
        "no such index: ",
        "no such view: ",
        "no such trigger: ",
        "no such collation sequence: ",
        "no such module: ",
        "duplicate column name: ",
        "ambiguous column name: ",
    ] {
        if let Some(rest) = message.strip_prefix(start) {
            return rest.split_whitespace().next();
        }
    }
    if let Some((_, column)) = message.split_once(" has no column named ") {
        return Some(column);
    }
    if let Some(rest) = message.strip_prefix("unrecognized token: \"") {
        return rest.strip_suffix('"');
    }
    let mut words = message.split_whitespace();
    match (words.next(), words.next(), message.ends_with("already exists")) {
        (Some("table" | "index" | "view" | "trigger"), Some(name), true) => Some(name),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_that_stands_once_is_the_place() {
        let place = |message, statement| position_of(message, statement);
        assert_eq!(
            place("near \"selct\": syntax error", "  selct 1"),
            Some(Position::Byte(2))
        );
        assert_eq!(
            place("no such column: o.custmer", "select o.custmer from o"),
            Some(Position::Byte(9))
        );
        assert_eq!(
            place("table \"a\" already exists", "create table a(x)"),
            Some(Position::Byte(13))
        );
    }

    #[test]
    fn a_word_that_stands_twice_is_no_place() {
        assert_eq!(position_of("no such column: x", "select x, x from t"), None);
    }

    #[test]
    fn codes_have_kinds() {
        assert_eq!(kind_of("517"), ErrorKind::LockTimeout);
        assert_eq!(kind_of("13"), ErrorKind::Resources);
        assert_eq!(kind_of("1555"), ErrorKind::Statement);
    }
}
