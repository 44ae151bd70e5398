//! Why there is no connection, and what to do about it.

use std::io::ErrorKind as Io;

use dbvc_engine::driver::Target;
use dbvc_engine::error::{DriverError, ErrorKind, Operation};
use mysql_async::{DriverError as ClientError, Error, IoError};

use super::options::SslMode;
use super::{Settings, Tried};
use crate::error;

impl Settings {
    /// The failure with its kind, in the server's words, and with notes that say what to do next.
    pub(super) fn explain(&self, tried: Tried, target: &Target) -> DriverError {
        let made = match tried {
            Tried::TimedOut => DriverError::new(
                ErrorKind::Unreachable,
                Operation::Connect,
                format!("no answer within {} s", self.timeout.as_secs()),
            )
            .with_note(
                "a firewall may drop the connection, or something else than this database listens there",
            )
            .with_note("a longer wait: `connect-timeout=30` in the URL, in seconds"),
            Tried::GaveUp => DriverError::new(
                ErrorKind::Protocol,
                Operation::Connect,
                "the server's answer to the login makes no sense",
            )
            .with_note("something else than MySQL or MariaDB may listen there"),
            Tried::Failed(error) => {
                let made = error::from_mysql(&error, Operation::Connect, target);
                let notes = self.notes(&error);
                notes.into_iter().fold(made, DriverError::with_note)
            }
        };
        error::redacted(made, target)
    }

    /// A refusal of the first statements, which the server has for some logins.
    pub(crate) fn advise(&self, refused: DriverError) -> DriverError {
        let number = refused
            .code
            .as_deref()
            .and_then(|code| code.split(' ').next()?.parse().ok());
        let notes = number.map_or_else(Vec::new, |number| self.about_number(number, &refused.message));
        notes.into_iter().fold(refused, DriverError::with_note)
    }

    fn notes(&self, error: &Error) -> Vec<String> {
        match error {
            Error::Server(error) => self.about_number(error.code, &error.message),
            Error::Driver(ClientError::UnknownAuthPlugin { name }) if name == "sha256_password" => vec![
                "MySQL asks that way for some logins that it does not know, so that nobody can find out which there are: \
                 check user and password"
                    .into(),
            ],
            Error::Io(IoError::Io(error)) => self.about_io(error),
            Error::Driver(ClientError::CleartextPluginDisabled) => vec![
                "the login wants the password as it is (LDAP, PAM, IAM): `enable-cleartext-plugin=true` in the URL, with \
                 TLS"
                .into(),
            ],
            _ => Vec::new(),
        }
    }

    fn login(&self) -> String {
        format!("'{}'@'…'", self.options.user().unwrap_or_default())
    }

    /// By the server's number (MySQL "Server Error Message Reference", MariaDB "Error Codes").
    fn about_number(&self, number: u16, message: &str) -> Vec<String> {
        let (login, database) = (self.login(), self.database.replace('`', "``"));
        let one = |text: String| vec![text];
        match number {
            1045 | 1698 => self.about_login(message),
            1049 => one(format!(
                "to create it: CREATE DATABASE `{database}` CHARACTER SET utf8mb4"
            )),
            1044 => one(format!(
                "the login has no right on that database, or there is none of that name: GRANT ALL ON `{database}`.* TO \
                 {login}"
            )),
            1040 => one("all of the server's `max_connections` are in use; a run needs two, and one more to stop a \
                         statement"
                .into()),
            1203 | 1226 => one(format!(
                "the login has a limit of its own; a run needs two connections, and one more to stop a statement: ALTER \
                 USER {login} WITH MAX_USER_CONNECTIONS 0"
            )),
            1129 => one(
                "too many connections from this machine broke off (`max_connect_errors`); on the server: FLUSH HOSTS, or \
                 with MySQL TRUNCATE TABLE performance_schema.host_cache"
                    .into(),
            ),
            1130 => one(format!(
                "no login may come from this machine: CREATE USER '{}'@'<this machine>', or '%' for any",
                self.options.user().unwrap_or_default()
            )),
            3118 | 4151 => one(format!("to unlock it: ALTER USER {login} ACCOUNT UNLOCK")),
            1820 | 1862 => one(format!(
                "to set a new one: ALTER USER {login} IDENTIFIED BY '…', as an administrator, or with the `mysql` client"
            )),
            3159 => one("in the URL: `ssl-mode=verify_identity`, or at least `ssl-mode=required`".into()),
            1251 | 1524 => one(format!(
                "the server has no such way of login any more: ALTER USER {login} IDENTIFIED WITH caching_sha2_password \
                 BY '…' (MySQL)"
            )),
            _ => Vec::new(),
        }
    }

    /// A refused login, of which the server says no more.
    fn about_login(&self, message: &str) -> Vec<String> {
        let mut notes = Vec::new();
        if self.options.user().is_none() {
            notes.push("the URL names no login: `mysql://user@host/database`".to_owned());
        } else if self.options.pass().is_none_or(str::is_empty) {
            notes.push(
                "no password was given; in the URL: `mysql://user:${DB_PASSWORD}@host/database`".to_owned(),
            );
        }
        if self.options.socket().is_none() && message.contains("'root'@") {
            notes.push(
                "root may often log in over the socket alone: `socket=/run/mysqld/mysqld.sock` in the URL"
                    .to_owned(),
            );
        }
        if self.local {
            notes.push(
                "a login belongs to the host it comes from: 'user'@'localhost' is another than 'user'@'%'"
                    .to_owned(),
            );
        }
        if self.options.socket().is_none() {
            match self.mode {
                SslMode::Disabled | SslMode::Preferred => notes.push(
                    "a login that must use TLS (`REQUIRE SSL`) is refused in the same words: `ssl-mode=required`"
                        .to_owned(),
                ),
                _ if self.files.identity.is_none() => notes.push(
                    "a login that must show a certificate (`REQUIRE X509`) is refused in the same words: `ssl-cert` and \
                     `ssl-key`"
                        .to_owned(),
                ),
                _ => {}
            }
        }
        notes
    }

    fn about_io(&self, error: &std::io::Error) -> Vec<String> {
        let (host, port) = (self.options.ip_or_hostname(), self.options.tcp_port());
        let text = match (self.options.socket(), error.kind()) {
            (Some(path), Io::NotFound) => {
                format!("there is no socket {path}; the server tells its own: SELECT @@socket")
            }
            (Some(path), Io::PermissionDenied) => format!("this system user may not use {path}"),
            (Some(path), Io::ConnectionRefused) => format!("no server listens on {path} any more"),
            (None, Io::ConnectionRefused) => format!(
                "nothing listens on {host} port {port}: the server is down, or listens elsewhere (`bind_address`, \
                 `skip_networking`, `port`)"
            ),
            (None, _) if is_unknown_host(&error.to_string()) => {
                format!("this machine does not know the host name `{host}`")
            }
            _ => return Vec::new(),
        };
        vec![text]
    }
}

/// The standard library's words, and those of Windows.
fn is_unknown_host(words: &str) -> bool {
    words.contains("lookup address") || words.contains("No such host")
}
