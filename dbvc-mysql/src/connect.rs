//! From a target to a connection.

use std::path::PathBuf;
use std::time::Duration;

use dbvc_engine::driver::{Access, Target, TargetError};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use mysql_async::{ClientIdentity, Conn, DriverError as ClientError, Error, Opts, OptsBuilder, SslOpts};
use percent_encoding::percent_decode_str;

use crate::error;

/// Options of a URL, as the `mysql` client names them.
const OPTIONS: [&str; 6] = [
    "ssl-mode",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "connect-timeout",
    "socket",
];
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const DEFAULT_PORT: u16 = 3306;

/// How much TLS is asked for (manual, `--ssl-mode`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SslMode {
    Disabled,
    /// Where the server offers it, unverified; not on this machine itself.
    Preferred,
    Required,
    VerifyCa,
    VerifyIdentity,
}

const SSL_MODES: [(&str, SslMode); 5] = [
    ("disabled", SslMode::Disabled),
    ("preferred", SslMode::Preferred),
    ("required", SslMode::Required),
    ("verify_ca", SslMode::VerifyCa),
    ("verify_identity", SslMode::VerifyIdentity),
];

/// A target's URL, understood.
#[derive(Clone)]
pub(crate) struct Settings {
    options: Opts,
    mode: SslMode,
    authority: Option<PathBuf>,
    identity: Option<(PathBuf, PathBuf)>,
    timeout: Duration,
    pub(crate) database: String,
    pub(crate) read_only: bool,
    local: bool,
}

impl Settings {
    /// Reads the URL without connecting.
    pub(crate) fn read(target: &Target) -> Result<Self, TargetError> {
        let url = target.reveal_url();
        let database = decoded(url.path().trim_matches('/'));
        if database.is_empty() || database.contains('/') {
            return Err(part(
                "database",
                "the URL names none; write `mysql://user@host/database`, so that no other one is changed by mistake",
            ));
        }
        let mut asked = Asked::default();
        for (key, value) in url.query_pairs() {
            asked.take(&key, &value)?;
        }
        let host = url.host_str().unwrap_or("localhost").trim_matches(['[', ']']);
        let host = decoded(host);
        let local = asked.socket.is_some() || matches!(host.as_str(), "localhost" | "127.0.0.1" | "::1");
        let options = OptsBuilder::default()
            .ip_or_hostname(host)
            .tcp_port(url.port().unwrap_or(DEFAULT_PORT))
            .user((!url.username().is_empty()).then(|| decoded(url.username())))
            .pass(url.password().map(decoded))
            .db_name(Some(database.clone()))
            .socket(asked.socket.as_ref().map(|path| path.display().to_string()))
            // Otherwise the library turns to the server's socket by itself.
            .prefer_socket(asked.socket.is_some())
            .stmt_cache_size(0)
            // Known, so that the library does not ask the server for them.
            .max_allowed_packet(Some(1 << 30))
            .wait_timeout(Some(28_800))
            .connect_attribute("program_name", &target.application_name);
        Ok(Self {
            options: options.into(),
            mode: asked.mode.unwrap_or(match (&asked.authority, local) {
                (Some(_), _) => SslMode::VerifyIdentity,
                (None, true) => SslMode::Disabled,
                (None, false) => SslMode::Preferred,
            }),
            identity: asked.identity()?,
            timeout: asked.timeout.unwrap_or(CONNECT_TIMEOUT),
            authority: asked.authority,
            database,
            read_only: target.access == Access::ReadOnly,
            local,
        })
    }

    /// Opens one connection.
    pub(crate) async fn connect(&self, target: &Target) -> Result<Conn> {
        match self.try_connect(self.mode).await {
            Err(Tried::Failed(Error::Driver(ClientError::NoClientSslFlagFromServer)))
                if self.mode == SslMode::Preferred =>
            {
                self.try_connect(SslMode::Disabled).await
            }
            other => other,
        }
        .map_err(|error| self.explain(&error, target))
    }

    async fn try_connect(&self, mode: SslMode) -> Result<Conn, Tried> {
        let options = OptsBuilder::from_opts(self.options.clone()).ssl_opts(self.ssl(mode));
        match tokio::time::timeout(self.timeout, Conn::new(options)).await {
            Ok(Ok(conn)) => Ok(conn),
            Ok(Err(error)) => Err(Tried::Failed(error)),
            Err(_) => Err(Tried::TimedOut),
        }
    }

    fn ssl(&self, mode: SslMode) -> Option<SslOpts> {
        if mode == SslMode::Disabled {
            return None;
        }
        let unverified = matches!(mode, SslMode::Preferred | SslMode::Required);
        let roots: Vec<_> = self.authority.iter().cloned().map(Into::into).collect();
        let identity = self
            .identity
            .clone()
            .map(|(certificate, key)| ClientIdentity::new(certificate.into(), key.into()));
        Some(
            SslOpts::default()
                .with_disable_built_in_roots(!roots.is_empty())
                .with_root_certs(roots)
                .with_client_identity(identity)
                .with_danger_accept_invalid_certs(unverified)
                .with_danger_skip_domain_validation(mode != SslMode::VerifyIdentity),
        )
    }

    fn explain(&self, tried: &Tried, target: &Target) -> DriverError {
        let error = match tried {
            Tried::TimedOut => {
                return DriverError::new(
                    ErrorKind::Unreachable,
                    Operation::Connect,
                    format!("no answer within {} s", self.timeout.as_secs()),
                )
                .with_note("a longer wait: `connect-timeout=30` in the URL, in seconds");
            }
            Tried::Failed(error) => error,
        };
        let made = error::from_mysql(error, Operation::Connect, target);
        match made.kind {
            ErrorKind::Unauthenticated if self.local => made.with_note(
                "a login belongs to the host it comes from: 'user'@'localhost' is another than 'user'@'%'",
            ),
            _ => made,
        }
    }
}

enum Tried {
    TimedOut,
    Failed(Error),
}

/// The options that a URL has.
#[derive(Default)]
struct Asked {
    mode: Option<SslMode>,
    authority: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    timeout: Option<Duration>,
    socket: Option<PathBuf>,
}

impl Asked {
    fn take(&mut self, key: &str, value: &str) -> Result<(), TargetError> {
        // `ssl_mode` and `sslmode` are written as often.
        let plain: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
        match plain.to_ascii_lowercase().as_str() {
            "sslmode" => self.mode = Some(mode(value)?),
            "sslca" => self.authority = Some(file(key, value)?),
            "sslcert" => self.certificate = Some(file(key, value)?),
            "sslkey" => self.key = Some(file(key, value)?),
            "connecttimeout" => self.timeout = Some(seconds(value)?),
            "socket" => self.socket = Some(PathBuf::from(value)),
            _ => return Err(unknown(key)),
        }
        Ok(())
    }

    fn identity(&self) -> Result<Option<(PathBuf, PathBuf)>, TargetError> {
        match (&self.certificate, &self.key) {
            (Some(certificate), Some(key)) => Ok(Some((certificate.clone(), key.clone()))),
            (None, None) => Ok(None),
            (Some(_), None) => Err(part("ssl-key", "`ssl-cert` needs the private key too")),
            (None, Some(_)) => Err(part("ssl-cert", "`ssl-key` needs the certificate too")),
        }
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn part(part: &str, reason: impl Into<String>) -> TargetError {
    TargetError::Part {
        part: part.into(),
        reason: reason.into(),
    }
}

fn mode(value: &str) -> Result<SslMode, TargetError> {
    let wanted = value.replace('-', "_").to_ascii_lowercase();
    let known = SSL_MODES.iter().find(|(name, _)| *name == wanted);
    known.map(|(_, mode)| *mode).ok_or_else(|| {
        let names: Vec<&str> = SSL_MODES.iter().map(|(name, _)| *name).collect();
        part("ssl-mode", format!("`{value}` is none of {}", names.join(", ")))
    })
}

fn file(key: &str, value: &str) -> Result<PathBuf, TargetError> {
    let path = PathBuf::from(value);
    if path.is_file() {
        Ok(path)
    } else {
        Err(part(key, "there is no such file"))
    }
}

fn seconds(value: &str) -> Result<Duration, TargetError> {
    match value.parse::<u32>() {
        Ok(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds.into())),
        _ => Err(part(
            "connect-timeout",
            "expected whole seconds from 1 on, such as `10`",
        )),
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
        let settings = read("mysql://ann:s%40cret@db.example:3307/app?ssl-mode=REQUIRED&connect-timeout=3")
            .expect("settings");
        assert_eq!(settings.database, "app");
        assert_eq!(settings.options.ip_or_hostname(), "db.example");
        assert_eq!(settings.options.tcp_port(), 3307);
        assert_eq!(settings.options.pass(), Some("s@cret"));
        assert_eq!(
            (settings.mode, settings.timeout),
            (SslMode::Required, Duration::from_secs(3))
        );
    }

    #[test]
    fn tls_is_tried_on_a_network_and_not_on_this_machine() {
        assert_eq!(
            read("mariadb://ann@db/app").expect("settings").mode,
            SslMode::Preferred
        );
        assert_eq!(
            read("mysql://ann@127.0.0.1/app").expect("settings").mode,
            SslMode::Disabled
        );
        let socket = read("mysql://ann@localhost/app?socket=/run/mysqld/mysqld.sock").expect("settings");
        assert_eq!(socket.options.socket(), Some("/run/mysqld/mysqld.sock"));
    }

    #[test]
    fn a_url_that_cannot_be_used_names_the_part() {
        for (url, words) in [
            ("mysql://ann@db", "database: "),
            ("mysql://ann@db/app?ssl-mode=sometimes", "ssl-mode: "),
            ("mysql://ann@db/app?connect-timeout=soon", "connect-timeout: "),
            ("mysql://ann@db/app?ssl-ca=no-such-file.pem", "ssl-ca: "),
            ("mysql://ann@db/app?sockett=x", "did you mean `socket`?"),
        ] {
            assert!(refusal(url).contains(words), "{}", refusal(url));
        }
    }
}
