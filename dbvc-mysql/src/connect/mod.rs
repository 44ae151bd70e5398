//! From a target to a connection.

mod explain;
mod options;
mod tls;

use std::time::Duration;

use dbvc_engine::driver::{Access, Target, TargetError};
use dbvc_engine::error::Result;
use mysql_async::{Conn, DriverError as ClientError, Error, Opts, OptsBuilder};
use percent_encoding::percent_decode_str;
use tokio_util::task::AbortOnDropHandle;

use options::{Asked, SslMode};

pub(crate) use tls::{failed as tls_failed, is_tls};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const DEFAULT_PORT: u16 = 3306;

/// A target's URL, understood.
#[derive(Clone)]
pub(crate) struct Settings {
    options: Opts,
    mode: SslMode,
    files: tls::Files,
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
        let mut host = decoded(url.host_str().unwrap_or("localhost").trim_matches(['[', ']']));
        if host.starts_with('/') {
            // A socket in the place of the host, as variables like `DATABASE_HOST` have it.
            asked.socket.get_or_insert(host.into());
            host = "localhost".into();
        }
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
            .enable_cleartext_plugin(asked.cleartext)
            .stmt_cache_size(0)
            // Known, so that the library does not ask the server for them.
            .max_allowed_packet(Some(1 << 30))
            .wait_timeout(Some(28_800))
            .connect_attribute("program_name", &target.application_name);
        Ok(Self {
            options: options.into(),
            mode: asked.settle(local)?,
            files: tls::Files {
                identity: asked.identity()?,
                authority: asked.authority,
            },
            timeout: asked.timeout.unwrap_or(CONNECT_TIMEOUT),
            database,
            read_only: target.access == Access::ReadOnly,
            local,
        })
    }

    /// Opens one connection.
    pub(crate) async fn connect(&self, target: &Target) -> Result<Conn> {
        match self.try_connect(self.mode, None).await {
            Err(Tried::Failed(Error::Driver(ClientError::NoClientSslFlagFromServer)))
                if self.mode == SslMode::Preferred =>
            {
                self.try_connect(SslMode::Disabled, None).await
            }
            Err(Tried::Failed(error)) if self.mode == SslMode::VerifyCa => {
                match tls::name_in_certificate(&error) {
                    Some(name) => self.try_connect(self.mode, Some(name)).await,
                    None => Err(Tried::Failed(error)),
                }
            }
            other => other,
        }
        .map_err(|error| self.explain(error, target))
    }

    async fn try_connect(&self, mode: SslMode, name: Option<String>) -> Result<Conn, Tried> {
        let options = OptsBuilder::from_opts(self.options.clone()).ssl_opts(self.files.options(mode, name));
        // As a task, because the library panics on some answers that no honest server gives.
        let opening = AbortOnDropHandle::new(tokio::spawn(Conn::new(options)));
        match tokio::time::timeout(self.timeout, opening).await {
            Ok(Ok(Ok(conn))) => Ok(conn),
            Ok(Ok(Err(error))) => Err(Tried::Failed(error)),
            Ok(Err(_)) => Err(Tried::GaveUp),
            Err(_) => Err(Tried::TimedOut),
        }
    }
}

/// Why there is no connection.
enum Tried {
    TimedOut,
    /// The library met an answer that it did not expect at all.
    GaveUp,
    Failed(Error),
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
        let socket = read("mysql://ann@%2Frun%2Fmysqld%2Fmysqld.sock/app").expect("settings");
        assert_eq!(socket.options.socket(), Some("/run/mysqld/mysqld.sock"));
        assert_eq!(socket.mode, SslMode::Disabled);
    }

    #[test]
    fn files_for_tls_ask_for_it() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml");
        let mode = |options: &str| {
            read(&format!("mysql://ann@127.0.0.1/app?{options}"))
                .expect("settings")
                .mode
        };
        assert_eq!(mode(&format!("ssl-ca={file}")), SslMode::VerifyIdentity);
        assert_eq!(
            mode(&format!("ssl_ca={file}&ssl_mode=verify-ca")),
            SslMode::VerifyCa
        );
        assert_eq!(
            mode(&format!("ssl-cert={file}&ssl-key={file}")),
            SslMode::Required
        );
        for (options, words) in [
            (format!("ssl-cert={file}"), "needs the private key"),
            (format!("ssl-ca={file}&ssl-mode=disabled"), "have no use"),
            (format!("ssl-ca={file}&socket=/run/s"), "without TLS"),
            ("ssl-mode=required&socket=/run/s".into(), "without TLS"),
            ("enable-cleartext-plugin=1".into(), "as it is"),
        ] {
            let said = refusal(&format!("mysql://ann@127.0.0.1/app?{options}"));
            assert!(said.contains(words), "{options}: {said}");
        }
    }

    #[test]
    fn a_password_with_any_characters_arrives_as_it_is() {
        let settings =
            read("mysql://a%2Fb:%25%40%3A%2F%3F%23%5B%5D%20%2B%C3%A9%25zz@db/app").expect("settings");
        assert_eq!(settings.options.user(), Some("a/b"));
        assert_eq!(settings.options.pass(), Some("%@:/?#[] +é%zz"));
    }

    #[test]
    fn a_url_that_cannot_be_used_names_the_part() {
        for (url, words) in [
            ("mysql://ann@db", "database: "),
            ("mysql://ann@db/app?ssl-mode=sometimes", "ssl-mode: "),
            (
                "mysql://ann@db/app?ssl-mode=verify-full",
                "write `verify_identity`",
            ),
            ("mysql://ann@db/app?charset=latin1", "charset: "),
            ("mysql://ann@db/app?connect-timeout=soon", "connect-timeout: "),
            ("mysql://ann@db/app?ssl-ca=no-such-file.pem", "ssl-ca: "),
            ("mysql://ann@db/app?sockett=x", "did you mean `socket`?"),
        ] {
            assert!(refusal(url).contains(words), "{}", refusal(url));
        }
    }
}
