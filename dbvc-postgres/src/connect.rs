//! From a target to a connection.

use std::time::Duration;

use dbvc_engine::driver::{Access, Target, TargetError};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};
use url::Url;
use uuid::Uuid;

use crate::error;

/// Options of a URL, as libpq names them (manual, 34.1.2 "Parameter Key Words").
const OPTIONS: [&str; 11] = [
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "connect_timeout",
    "application_name",
    "options",
    "host",
    "hostaddr",
    "port",
    "user",
];
const SSL_MODES: [&str; 6] = [
    "disable",
    "allow",
    "prefer",
    "require",
    "verify-ca",
    "verify-full",
];
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A target's URL, understood. What the URL leaves out comes from libpq's environment variables and password file,
/// as it does for `psql`.
#[derive(Clone)]
pub(crate) struct Settings {
    options: PgConnectOptions,
    pub(crate) timeout: Duration,
    read_only: bool,
    /// The server takes no start-up options.
    plain: bool,
}

impl Settings {
    /// Reads the URL without connecting.
    pub(crate) fn read(target: &Target) -> Result<Self, TargetError> {
        let mut timeout = CONNECT_TIMEOUT;
        let mut kept = Vec::new();
        for (key, value) in target.reveal_url().query_pairs() {
            match key.as_ref() {
                "connect_timeout" => timeout = seconds(&value)?,
                "channel_binding" => binding(&value)?,
                _ => {
                    check(&key, &value)?;
                    kept.push((key.into_owned(), value.into_owned()));
                }
            }
        }
        let mut url = target.reveal_url().clone();
        url.set_query(None);
        if url.path().trim_matches('/').is_empty() && !kept.iter().any(|(key, _)| key == "dbname") {
            return Err(TargetError::Part {
                part: "database".into(),
                reason: "the URL names none; write `postgres://user@host/database`, so that no other one is changed \
                         by mistake"
                    .into(),
            });
        }
        if !kept.is_empty() {
            url.query_pairs_mut().extend_pairs(kept);
        }
        Ok(Self {
            options: options(&url, target)?,
            timeout,
            read_only: target.access == Access::ReadOnly,
            plain: false,
        })
    }

    /// The database and the login.
    pub(crate) fn names(&self) -> (String, String) {
        let login = self.options.get_username();
        let database = self.options.get_database().unwrap_or(login);
        (database.to_owned(), login.to_owned())
    }

    /// Whether this session may only read and its server was not told so.
    pub(crate) fn must_refuse_writes(&self) -> bool {
        self.read_only && self.plain
    }

    /// Opens one connection: one start-up, and nothing sent after it.
    ///
    /// The start-up carries a word of our own that every message can look for: a server that answers without it is not
    /// the one that we started, so a pooler is between. A pooler that refuses such options is connected to without
    /// them; reads are sent in read-only transactions in any case.
    pub(crate) async fn open(&mut self, target: &Target) -> Result<Opened> {
        let mark = (!self.plain).then(|| Uuid::now_v7().simple().to_string());
        match self.try_open(mark.as_deref()).await {
            Ok(connection) => Ok(Opened { connection, mark }),
            Err(error) if !self.plain && refused_options(&error) => match self.try_open(None).await {
                Ok(connection) => {
                    self.plain = true;
                    Ok(Opened {
                        connection,
                        mark: None,
                    })
                }
                Err(error) => Err(self.explain(&error, target)),
            },
            Err(error) => Err(self.explain(&error, target)),
        }
    }

    async fn try_open(&self, mark: Option<&str>) -> std::result::Result<PgConnection, OpenError> {
        let mut options = self.options.clone();
        if let Some(mark) = mark {
            options = options.options([(MARK, mark)]).options(ALIVE);
            if self.read_only {
                options = options.options([("default_transaction_read_only", "on")]);
            }
        }
        match tokio::time::timeout(self.timeout, PgConnection::connect_with(&options)).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(OpenError::Failed(error)),
            Err(_) => Err(OpenError::TimedOut),
        }
    }

    fn explain(&self, error: &OpenError, target: &Target) -> DriverError {
        match error {
            OpenError::TimedOut => DriverError::new(
                ErrorKind::Unreachable,
                Operation::Connect,
                format!("no answer within {} s", self.timeout.as_secs()),
            )
            .with_note("a longer wait: `connect_timeout=30` in the URL, in seconds"),
            OpenError::Failed(inner) => {
                let mut made = error::from_sqlx(inner, Operation::Connect, target);
                if refused_options(error) {
                    made.kind = ErrorKind::Unsupported;
                    made = made.with_note(
                        "a connection pooler refuses `options`: leave them out of the URL, or connect directly",
                    );
                }
                made
            }
        }
    }
}

/// An open connection.
pub(crate) struct Opened {
    pub(crate) connection: PgConnection,
    /// The value of [`MARK`] in the server that we started; none where a pooler did not pass it on.
    pub(crate) mark: Option<String>,
}

/// The server finds out within half a minute that the machine of a session is gone, and with it the proof that a holder
/// lives; by itself it would take hours (manual, 20.3.2 "TCP Settings"; without meaning on a socket of the file system).
const ALIVE: [(&str, &str); 3] = [
    ("tcp_keepalives_idle", "10"),
    ("tcp_keepalives_interval", "5"),
    ("tcp_keepalives_count", "3"),
];

/// The setting by which a session knows its own server process.
pub(crate) const MARK: &str = "dbvc.session";

enum OpenError {
    TimedOut,
    Failed(sqlx::Error),
}

/// `08P01 unsupported startup parameter: options`, in the words of one pooler; others say that the feature is not
/// supported.
fn refused_options(error: &OpenError) -> bool {
    let OpenError::Failed(error) = error else {
        return false;
    };
    match error::code(error) {
        Some("08P01") => error.to_string().contains("startup parameter"),
        Some(code) => code == "0A000",
        None => false,
    }
}

fn options(url: &Url, target: &Target) -> Result<PgConnectOptions, TargetError> {
    let options = PgConnectOptions::from_url(url).map_err(|error| TargetError::Url {
        reason: target.redact(&error.to_string()),
    })?;
    let named = options.get_application_name().is_some();
    let options = options
        .statement_cache_capacity(0)
        // PgBouncer refuses this start-up parameter, and nothing here reads binary floats.
        .extra_float_digits(None)
        // The library would log every statement's text, passwords of `CREATE ROLE` included.
        .disable_statement_logging();
    Ok(if named {
        options
    } else {
        options.application_name(&target.application_name)
    })
}

fn part(part: &str, reason: impl Into<String>) -> TargetError {
    TargetError::Part {
        part: part.into(),
        reason: reason.into(),
    }
}

fn seconds(value: &str) -> Result<Duration, TargetError> {
    match value.parse::<u32>() {
        Ok(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds.into())),
        _ => Err(part(
            "connect_timeout",
            "expected whole seconds from 1 on, such as `10`",
        )),
    }
}

fn binding(value: &str) -> Result<(), TargetError> {
    match value {
        "disable" | "prefer" => Ok(()),
        _ => Err(part(
            "channel_binding",
            "this client cannot bind the login to the TLS channel; remove the option, and check the server with `sslmode=verify-full`",
        )),
    }
}

fn check(key: &str, value: &str) -> Result<(), TargetError> {
    match key {
        "sslmode" if !SSL_MODES.contains(&value) => Err(part(
            "sslmode",
            format!("`{value}` is none of {}", SSL_MODES.join(", ")),
        )),
        "sslrootcert" | "sslcert" | "sslkey"
            if !value.starts_with("-----BEGIN") && !std::path::Path::new(value).is_file() =>
        {
            Err(part(key, "there is no such file"))
        }
        "port" if value.parse::<u16>().is_err() => Err(part("port", "expected a number up to 65535")),
        "hostaddr" if value.parse::<std::net::IpAddr>().is_err() => Err(part(
            "hostaddr",
            "expected an IP address; a name goes into `host`",
        )),
        "password" => Ok(()),
        _ if OPTIONS.contains(&key) => Ok(()),
        _ => Err(unknown(key)),
    }
}

fn unknown(key: &str) -> TargetError {
    let nearest = OPTIONS
        .iter()
        .map(|known| (strsim::damerau_levenshtein(key, known), known))
        .min()
        .filter(|(distance, _)| *distance <= 3);
    let reason = match nearest {
        Some((_, known)) => format!("no such option; did you mean `{known}`?"),
        None => format!("no such option; known are {}", OPTIONS.join(", ")),
    };
    part(key, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str) -> Result<Settings, TargetError> {
        Settings::read(&Target::parse(url).expect("a URL"))
    }

    fn refusal(url: &str) -> String {
        match read(url) {
            Ok(_) => panic!("{url} was taken"),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_a_url_says_is_used() {
        let settings = read(
            "postgres://ann:secret@db.example:6432/app?sslmode=disable&connect_timeout=3&application_name=nightly",
        )
        .expect("settings");
        assert_eq!(settings.names(), ("app".into(), "ann".into()));
        assert_eq!(settings.options.get_host(), "db.example");
        assert_eq!(settings.options.get_port(), 6432);
        assert_eq!(settings.options.get_application_name(), Some("nightly"));
        assert_eq!(settings.timeout, Duration::from_secs(3));
    }

    #[test]
    fn a_socket_folder_is_used() {
        let settings = read("postgresql://ann@localhost/app?host=/run/postgresql").expect("settings");
        let socket = settings.options.get_socket().expect("a socket");
        assert_eq!(socket, std::path::Path::new("/run/postgresql"));
    }

    #[test]
    fn an_unknown_option_names_the_nearest() {
        let words = refusal("postgres://db/app?sslmod=require");
        assert_eq!(words, "sslmod: no such option; did you mean `sslmode`?");
        assert!(refusal("postgres://db/app?whatever_it_is=1").contains("known are sslmode"));
    }

    #[test]
    fn a_bad_value_is_refused_without_connecting() {
        for (url, part) in [
            ("postgres://db/app?sslmode=on", "sslmode"),
            ("postgres://db/app?connect_timeout=soon", "connect_timeout"),
            ("postgres://db/app?sslrootcert=/no/such/file", "sslrootcert"),
            ("postgres://db/app?port=70000", "port"),
            ("postgres://db/app?channel_binding=require", "channel_binding"),
        ] {
            assert!(refusal(url).starts_with(part), "{url}: {}", refusal(url));
        }
    }
}
