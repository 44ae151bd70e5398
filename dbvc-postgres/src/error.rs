//! The server's errors as kinds, codes and positions.

use dbvc_engine::driver::Target;
use dbvc_engine::error::{DriverError, ErrorKind, Operation};
use dbvc_engine::record::Missing;
use sqlx::postgres::{PgDatabaseError, PgErrorPosition, PgSeverity};

/// SQLSTATE that our own blocks raise when the fence is stale. Classes that begin with a letter from I on are left to
/// implementations (SQL standard, part 2, "Status codes").
pub(crate) const STALE_FENCE: &str = "VC001";

/// SQLSTATE that our own block raises when another session makes the record.
pub(crate) const INSTALLING: &str = "VC002";

/// `not_null_violation`.
const NULL_REFUSED: &str = "23502";
/// `unique_violation`.
const KEY_TAKEN: &str = "23505";

/// What a failed release of our savepoint says: the script ended the transaction that it ran in, and began another
/// or none.
const NOT_OUR_TRANSACTION: [&str; 2] = ["3B001", "25P01"];

/// An error of sqlx as the port has it. Positions are left to the caller, who knows what was sent.
pub(crate) fn from_sqlx(error: &sqlx::Error, operation: Operation, target: &Target) -> DriverError {
    let made = match error {
        sqlx::Error::Database(inner) => match inner.try_downcast_ref::<PgDatabaseError>() {
            Some(inner) => from_server(inner, operation),
            None => DriverError::new(ErrorKind::Protocol, operation, inner.message()),
        },
        sqlx::Error::Io(inner) => from_io(inner, operation),
        sqlx::Error::Tls(inner) => tls(operation, chain(inner.as_ref())),
        sqlx::Error::Configuration(inner) => {
            DriverError::new(ErrorKind::Unsupported, operation, chain(inner.as_ref()))
        }
        other => DriverError::new(ErrorKind::Protocol, operation, other.to_string()),
    };
    redacted(made, target)
}

/// The 0-based character that the server points at, in the whole message that was sent.
pub(crate) fn position(error: &sqlx::Error) -> Option<usize> {
    match database(error)?.position()? {
        PgErrorPosition::Original(at) => at.checked_sub(1),
        PgErrorPosition::Internal { .. } => None,
    }
}

/// The server's code.
pub(crate) fn code(error: &sqlx::Error) -> Option<&str> {
    database(error).map(PgDatabaseError::code)
}

fn database(error: &sqlx::Error) -> Option<&PgDatabaseError> {
    match error {
        sqlx::Error::Database(inner) => inner.try_downcast_ref::<PgDatabaseError>(),
        _ => None,
    }
}

fn from_server(error: &PgDatabaseError, operation: Operation) -> DriverError {
    let fatal = matches!(error.severity(), PgSeverity::Fatal | PgSeverity::Panic);
    let kind = if fatal && operation != Operation::Connect {
        ErrorKind::ConnectionLost
    } else {
        kind(error.code(), error.message(), operation)
    };
    let mut made = DriverError::new(kind, operation, error.message()).with_code(error.code());
    if NOT_OUR_TRANSACTION.contains(&error.code()) && operation == Operation::Transaction {
        made.kind = ErrorKind::Statement;
        made.message =
            "the script ended the transaction that it runs in; what it did before that stays".into();
    }
    made.notes = notes(error);
    if operation == Operation::Record {
        let missing = match error.code() {
            NULL_REFUSED => Missing::named_in(error.message()),
            KEY_TAKEN => Missing::taken_in(error.message()),
            _ => None,
        };
        if let Some(missing) = missing {
            return missing.told(&made);
        }
    }
    match kind {
        ErrorKind::Denied if error.code() == "25006" => {
            made.with_note("the server, the database or the login is set to read only")
        }
        _ => made,
    }
}

/// The server's further words. Its own source file and line (`file`, `line`, `routine`) say nothing to a user.
fn notes(error: &PgDatabaseError) -> Vec<String> {
    let mut notes = Vec::new();
    notes.extend(error.detail().map(|text| format!("detail: {text}")));
    notes.extend(error.hint().map(|text| format!("hint: {text}")));
    notes.extend(error.r#where().map(|text| format!("context: {text}")));
    if let Some(PgErrorPosition::Internal { query, .. }) = error.position() {
        notes.push(format!("in: {query}"));
    }
    notes
}

/// The kind of an SQLSTATE (manual, appendix A). Messages may be in any language, so they decide only where the code
/// says two things.
fn kind(code: &str, message: &str, operation: Operation) -> ErrorKind {
    match code {
        STALE_FENCE => ErrorKind::LockLost,
        "28P01" | "28000" => ErrorKind::Unauthenticated,
        "3D000" if operation == Operation::Connect => ErrorKind::NoSuchDatabase,
        // Poolers have one code for all that goes wrong before a server is reached.
        "08P01" if operation == Operation::Connect && message.contains("authentication failed") => {
            ErrorKind::Unauthenticated
        }
        "08P01" if operation == Operation::Connect && names_no_database(message) => ErrorKind::NoSuchDatabase,
        "42501" | "25006" => ErrorKind::Denied,
        "55P03" => ErrorKind::LockTimeout,
        "40P01" | "40001" | INSTALLING => ErrorKind::Conflict,
        "57014" if message.contains("user request") => ErrorKind::Cancelled,
        "57014" => ErrorKind::StatementTimeout,
        "57P03" | "58030" | "58P01" => ErrorKind::Resources,
        // Of 40003 it is not known whether it completed: like after a lost connection the history must be asked.
        "40003" | "57P01" | "57P02" | "57P04" | "57P05" | "25P03" | "25P04" => ErrorKind::ConnectionLost,
        // Two that make the record at once meet in the catalogue.
        "23505" | "42P06" | "42P07" | "42710" | "XX000" if operation == Operation::Install => {
            ErrorKind::Conflict
        }
        "42P01" | "3F000" if is_about_record(operation) => ErrorKind::NotInstalled,
        "0A000" if operation == Operation::Connect => ErrorKind::Unsupported,
        _ => match code.get(..2) {
            Some("08") if operation == Operation::Connect => ErrorKind::Unreachable,
            Some("08") => ErrorKind::ConnectionLost,
            Some("53") => ErrorKind::Resources,
            Some("28") => ErrorKind::Unauthenticated,
            _ => ErrorKind::Statement,
        },
    }
}

fn names_no_database(message: &str) -> bool {
    message.contains("no such database")
        || (message.contains("database") && message.contains("does not exist"))
}

/// Whether only our own tables are named.
fn is_about_record(operation: Operation) -> bool {
    matches!(
        operation,
        Operation::Survey | Operation::Install | Operation::Lock | Operation::Record
    )
}

fn from_io(error: &std::io::Error, operation: Operation) -> DriverError {
    let words = match error.kind() {
        // The library's words tell of bytes that it expected.
        std::io::ErrorKind::UnexpectedEof => {
            "the server closed the connection, or the network did".to_owned()
        }
        _ => error.to_string(),
    };
    if operation != Operation::Connect {
        return DriverError::new(ErrorKind::ConnectionLost, operation, words);
    }
    // A handshake that fails comes as an input/output error that carries the TLS library's words.
    if words.contains("certificate")
        || words.contains("TLS")
        || error.kind() == std::io::ErrorKind::InvalidData
    {
        return tls(operation, words);
    }
    DriverError::new(ErrorKind::Unreachable, operation, words)
}

/// What to do about a handshake that failed, by a word in the TLS library's text.
const TLS_ADVICE: [(&str, &str); 7] = [
    (
        "UnknownIssuer",
        "the certificate's issuer is not among the public ones; give its certificate with `sslrootcert=/path/ca.pem`",
    ),
    (
        "CaUsedAsEndEntity",
        "the server shows an issuer's own certificate; give the server one that the issuer signed",
    ),
    (
        "BadSignature",
        "the certificate is not signed by the issuer in `sslrootcert`, only by one of the same name; give the right one",
    ),
    (
        "not valid for",
        "the certificate is for another host name; use that name in the URL, or `sslmode=verify-ca`",
    ),
    (
        "expired",
        "the server's certificate is past its date: give the server a new one; if it is not, check this machine's clock",
    ),
    (
        "not valid yet",
        "the server's certificate begins later: check this machine's clock",
    ),
    (
        "does not support TLS",
        "switch TLS on at the server, or use `sslmode=prefer` on a network you trust",
    ),
];

fn tls(operation: Operation, words: String) -> DriverError {
    let advice = TLS_ADVICE.iter().find(|(word, _)| words.contains(word));
    let error = DriverError::new(ErrorKind::Tls, operation, words);
    match advice {
        Some((_, advice)) => error.with_note(*advice),
        None => error,
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

/// Removes the target's secrets from every text of `error`.
pub(crate) fn redacted(mut error: DriverError, target: &Target) -> DriverError {
    let plain = plain_password(target);
    let clean = |text: &str| {
        let text = target.redact(text);
        match &plain {
            Some(password) => text.replace(password, "****"),
            None => text,
        }
    };
    error.message = clean(&error.message);
    for note in &mut error.notes {
        *note = clean(note);
    }
    error
}

/// The password as the server knows it, where the URL had to write it differently.
fn plain_password(target: &Target) -> Option<String> {
    let written = target.reveal_url().password()?;
    let form = format!("p={}", written.replace('+', "%2B").replace('&', "%26"));
    let plain = url::form_urlencoded::parse(form.as_bytes())
        .next()?
        .1
        .into_owned();
    (plain.len() > 2 && plain != written).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_become_kinds() {
        for (code, expected) in [
            ("VC001", ErrorKind::LockLost),
            ("23505", ErrorKind::Statement),
            ("42501", ErrorKind::Denied),
            ("40P01", ErrorKind::Conflict),
            ("55P03", ErrorKind::LockTimeout),
            ("53100", ErrorKind::Resources),
            ("57P01", ErrorKind::ConnectionLost),
            ("08006", ErrorKind::ConnectionLost),
            ("3D000", ErrorKind::Statement),
            ("42P01", ErrorKind::Statement),
        ] {
            assert_eq!(kind(code, "", Operation::Execute), expected, "{code}");
        }
        for (code, expected) in [
            ("3D000", ErrorKind::NoSuchDatabase),
            ("28P01", ErrorKind::Unauthenticated),
            ("57P03", ErrorKind::Resources),
            ("53300", ErrorKind::Resources),
        ] {
            assert_eq!(kind(code, "", Operation::Connect), expected, "{code}");
        }
        assert_eq!(kind("3F000", "", Operation::Survey), ErrorKind::NotInstalled);
        assert_eq!(kind("42501", "", Operation::Survey), ErrorKind::Denied);
    }

    #[test]
    fn an_unknown_issuer_comes_with_advice() {
        let io = std::io::Error::new(
            std::io::ErrorKind::InvalidData,
            "invalid peer certificate: UnknownIssuer",
        );
        let error = from_io(&io, Operation::Connect);
        assert_eq!(error.kind, ErrorKind::Tls);
        assert!(error.notes[0].contains("sslrootcert"), "{error:?}");
    }

    #[test]
    fn a_password_is_removed_in_both_spellings() {
        let target = Target::parse("postgres://ann:s%40cret+1@db/app").expect("a URL");
        let error = DriverError::new(ErrorKind::Protocol, Operation::Connect, "s@cret+1 or s%40cret+1")
            .with_note("s@cret+1");
        let clean = redacted(error, &target);
        assert_eq!(clean.message, "**** or ****");
        assert_eq!(clean.notes, ["****"]);
    }
}
