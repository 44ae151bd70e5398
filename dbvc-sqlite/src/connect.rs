//! From a target to a connection.

use std::path::{Path, PathBuf};
use std::time::Duration;

use dbvc_engine::driver::{Access, Target, TargetError};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use percent_encoding::percent_decode_str;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};

use crate::error;
use crate::session::SqliteSession;

const OPTIONS: [&str; 3] = ["busy_timeout", "foreign_keys", "mode"];
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// A target's URL, understood.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) file: PathBuf,
    pub(crate) busy_timeout: Duration,
    foreign_keys: bool,
    create: bool,
    pub(crate) read_only: bool,
}

impl Settings {
    pub(crate) fn read(target: &Target) -> Result<Self, TargetError> {
        let mut settings = Self {
            file: file_of(target)?,
            busy_timeout: BUSY_TIMEOUT,
            foreign_keys: true,
            create: true,
            read_only: target.access == Access::ReadOnly,
        };
        for (name, value) in target.options() {
            settings.set(&name, &value)?;
        }
        Ok(settings)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), TargetError> {
        match (name, value) {
            ("busy_timeout", millis) => {
                let millis = millis
                    .parse()
                    .map_err(|_| part("busy_timeout", "expected milliseconds, such as 5000"))?;
                self.busy_timeout = Duration::from_millis(millis);
            }
            ("foreign_keys", "on" | "true" | "1") => self.foreign_keys = true,
            ("foreign_keys", "off" | "false" | "0") => self.foreign_keys = false,
            ("foreign_keys", _) => return Err(part("foreign_keys", "expected `on` or `off`")),
            ("mode", "rwc") => self.create = true,
            ("mode", "rw") => self.create = false,
            ("mode", "ro") => self.read_only = true,
            ("mode", _) => return Err(part("mode", "expected `ro`, `rw` or `rwc`")),
            (unknown, _) => {
                return Err(part(
                    unknown,
                    &format!("unknown option; SQLite has {}", OPTIONS.join(", ")),
                ));
            }
        }
        Ok(())
    }

    /// Opens the file; creates it when the settings allow.
    pub(crate) async fn open(&self) -> Result<SqliteConnection> {
        self.check_file()?;
        let options = self
            .options()
            .filename(&self.file)
            .create_if_missing(self.create && !self.read_only);
        let connected = if self.read_only {
            // WAL needs its shared memory file; where that cannot be made, reading the file as it is still works.
            match options.clone().read_only(true).connect().await {
                Err(first) => options
                    .read_only(true)
                    .immutable(true)
                    .connect()
                    .await
                    .map_err(|_| first),
                connected => connected,
            }
        } else {
            options.connect().await
        };
        connected.map_err(|error| self.explain(error::from_sqlx(&error, Operation::Connect, None)))
    }

    /// An empty database in memory, in place of a file that must not be made yet.
    pub(crate) async fn stand_in(&self) -> Result<SqliteConnection> {
        let options = self.options().in_memory(true);
        options
            .connect()
            .await
            .map_err(|error| error::from_sqlx(&error, Operation::Connect, None))
    }

    fn options(&self) -> SqliteConnectOptions {
        SqliteConnectOptions::new()
            .busy_timeout(self.busy_timeout)
            .foreign_keys(self.foreign_keys)
            .statement_cache_capacity(0)
            .disable_statement_logging()
    }

    fn check_file(&self) -> Result<()> {
        let unreachable = |message: String| {
            Err(DriverError::new(
                ErrorKind::Unreachable,
                Operation::Connect,
                message,
            ))
        };
        if self.file.is_dir() {
            return unreachable(format!(
                "{} is a folder, not a database file",
                self.file.display()
            ));
        }
        let folder = self.file.parent().filter(|folder| *folder != Path::new(""));
        if let Some(folder) = folder.filter(|folder| !folder.is_dir()) {
            return unreachable(format!(
                "the folder {} does not exist; create it first",
                folder.display()
            ));
        }
        if !self.create && !self.file.exists() {
            return unreachable(format!(
                "{} does not exist, and `mode=rw` says not to create it",
                self.file.display()
            ));
        }
        Ok(())
    }

    fn explain(&self, error: DriverError) -> DriverError {
        let file = self.file.display();
        match error.code.as_deref() {
            Some("26") => DriverError {
                message: format!("{file} is not a SQLite database"),
                ..error
            },
            Some("14") => DriverError {
                message: format!("{file} cannot be opened; may you read and write it?"),
                ..error
            },
            _ => error,
        }
    }
}

fn part(part: &str, reason: &str) -> TargetError {
    TargetError::Part {
        part: part.to_owned(),
        reason: reason.to_owned(),
    }
}

/// The file that a URL names: `sqlite:app.db`, `sqlite://app.db`, `sqlite:///var/app.db`.
fn file_of(target: &Target) -> Result<PathBuf, TargetError> {
    let url = target.reveal_url();
    let written = format!("{}{}", url.host_str().unwrap_or_default(), url.path());
    let decoded = percent_decode_str(&written)
        .decode_utf8()
        .map_err(|_| part("path", "not valid UTF-8 once decoded"))?;
    match decoded.as_ref() {
        "" | "/" => Err(part("path", "no file is named; write `sqlite:app.db`")),
        ":memory:" => Err(part(
            "path",
            "a database in memory ends with the process, so there is nothing to migrate; name a file, `sqlite:app.db`",
        )),
        _ => Ok(PathBuf::from(decoded.into_owned())),
    }
}

/// Connects. A file that does not exist is not made before something is written to it: until then an empty database
/// in memory stands in.
pub(crate) async fn connect(target: &Target) -> Result<SqliteSession> {
    let settings = Settings::read(target)
        .map_err(|error| DriverError::new(ErrorKind::Unreachable, Operation::Connect, error.to_string()))?;
    settings.check_file()?;
    let exists = settings.file.exists();
    let connection = if exists {
        settings.open().await?
    } else {
        settings.stand_in().await?
    };
    let mut session = SqliteSession::new(connection, settings, target, !exists);
    if let Err(error) = session.greet().await {
        return Err(session.settings.explain(error));
    }
    Ok(session)
}

/// Says goodbye without caring for the answer.
pub(crate) async fn drop_connection(connection: SqliteConnection) {
    let _ = connection.close().await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(url: &str) -> Result<Settings, TargetError> {
        Settings::read(&Target::parse(url).expect("a URL"))
    }

    #[test]
    fn every_way_to_write_a_file_is_understood() {
        for (url, file) in [
            ("sqlite:app.db", "app.db"),
            ("sqlite://app.db", "app.db"),
            ("sqlite:./data/app.db", "./data/app.db"),
            ("sqlite:///var/lib/app.db", "/var/lib/app.db"),
            ("sqlite:/var/lib/app.db", "/var/lib/app.db"),
            ("sqlite:my%20app.db", "my app.db"),
        ] {
            assert_eq!(settings(url).expect(url).file, PathBuf::from(file), "{url}");
        }
    }

    #[test]
    fn what_cannot_work_is_refused_before_connecting() {
        for (url, says) in [
            ("sqlite::memory:", "ends with the process"),
            ("sqlite:", "no file"),
            ("sqlite:a.db?mode=x", "`ro`, `rw` or `rwc`"),
            ("sqlite:a.db?bussy_timeout=3", "busy_timeout"),
            ("sqlite:a.db?busy_timeout=soon", "milliseconds"),
        ] {
            let error = settings(url).expect_err(url).to_string();
            assert!(error.contains(says), "{url}: {error}");
        }
    }
}
