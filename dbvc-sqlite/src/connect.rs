//! From a target to a connection.

use std::path::{Path, PathBuf};
use std::time::Duration;

use dbvc_engine::driver::{Access, Target, TargetError};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use percent_encoding::percent_decode_str;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};

use crate::error;
use crate::group::ANSWERS_AHEAD;
use crate::session::SqliteSession;

const OPTIONS: [&str; 3] = ["busy_timeout", "foreign_keys", "mode"];
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// A target's URL, understood.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) file: PathBuf,
    pub(crate) busy_timeout: Duration,
    foreign_keys: bool,
    mode: Mode,
    pub(crate) read_only: bool,
}

/// What the URL allows to be done to the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// `rwc`: make it, where it is not there.
    Create,
    /// `rw`: write to it.
    Write,
    /// `ro`: nothing, not even to repair it.
    Look,
}

impl Settings {
    pub(crate) fn read(target: &Target) -> Result<Self, TargetError> {
        let mut settings = Self {
            file: file_of(target)?,
            busy_timeout: BUSY_TIMEOUT,
            foreign_keys: true,
            mode: Mode::Create,
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
                // SQLite counts in an `int`.
                let millis: i32 = millis
                    .parse()
                    .ok()
                    .filter(|millis| *millis >= 0)
                    .ok_or_else(|| part("busy_timeout", "expected milliseconds, such as 5000"))?;
                self.busy_timeout = Duration::from_millis(u64::from(millis.unsigned_abs()));
            }
            ("foreign_keys", "on" | "true" | "1") => self.foreign_keys = true,
            ("foreign_keys", "off" | "false" | "0") => self.foreign_keys = false,
            ("foreign_keys", _) => return Err(part("foreign_keys", "expected `on` or `off`")),
            ("mode", "rwc") => self.mode = Mode::Create,
            ("mode", "rw") => self.mode = Mode::Write,
            ("mode", "ro") => (self.mode, self.read_only) = (Mode::Look, true),
            ("mode", _) => return Err(part("mode", "expected `ro`, `rw` or `rwc`")),
            (other, _) => return Err(unknown(other)),
        }
        Ok(())
    }

    /// Opens the file; creates it when the settings allow.
    pub(crate) async fn open(&self) -> Result<SqliteConnection> {
        self.check_file()?;
        let options = self
            .options()
            .filename(&self.file)
            .create_if_missing(self.mode == Mode::Create && !self.read_only)
            .read_only(self.read_only);
        options
            .connect()
            .await
            .map_err(|error| self.explain(error::from_sqlx(&error, Operation::Connect, None)))
    }

    /// Lets SQLite undo what a killed writer left half done, as it does whenever the file is opened by somebody who may
    /// write to it: it takes the locks that this needs, and leaves a living writer alone (`sqlite.org/lockingv3.html`,
    /// "Dealing with hot journals"). Nobody can read the file before that.
    async fn roll_back_leftovers(&self) -> bool {
        let left = std::fs::metadata(beside(&self.file, "-journal")).is_ok_and(|found| found.len() > 0);
        if !left || self.mode == Mode::Look {
            return false;
        }
        let options = self.options().filename(&self.file).create_if_missing(false);
        let Ok(mut connection) = options.connect().await else {
            return false;
        };
        let read = sqlx::raw_sql("SELECT count(*) FROM sqlite_schema")
            .execute(&mut connection)
            .await;
        drop_connection(connection).await;
        read.is_ok()
    }

    /// Opens the file as one that nobody changes. A file in WAL mode needs a second one beside it for memory that its
    /// readers share (`sqlite.org/wal.html`, "Read-Only Databases"); where that one cannot be made, this still reads,
    /// as long as all changes have reached the file itself.
    async fn open_unchanging(&self, first: DriverError) -> Result<SqliteConnection> {
        for (ending, what) in [
            (
                "-wal",
                "a write-ahead log, which holds changes that are not in the file yet",
            ),
            (
                "-journal",
                "a rollback journal: a writer was killed, and what it left must be undone",
            ),
        ] {
            let beside = beside(&self.file, ending);
            if std::fs::metadata(&beside).is_ok_and(|found| found.len() > 0) {
                let message = format!(
                    "{} cannot be read without writing to it first",
                    self.file.display()
                );
                return Err(DriverError { message, ..first }
                    .with_note(format!("{} is {what}", beside.display()))
                    .with_note(
                        "SQLite does that when the file is next opened by something that may write to it",
                    ));
            }
        }
        let options = self
            .options()
            .filename(&self.file)
            .read_only(true)
            .immutable(true);
        options.connect().await.map_err(|_| first)
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
            .row_buffer_size(ANSWERS_AHEAD)
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
        if self.mode == Mode::Write && !self.file.exists() {
            return unreachable(format!(
                "{} does not exist, and `mode=rw` says not to create it",
                self.file.display()
            ));
        }
        Ok(())
    }

    pub(crate) fn explain(&self, error: DriverError) -> DriverError {
        let file = self.file.display();
        match error.code.as_deref() {
            Some("26") => DriverError {
                message: format!("{file} is not a SQLite database"),
                ..error
            },
            Some(code) if primary(code) == CANNOT_OPEN => DriverError {
                message: format!("{file} cannot be opened; may you read and write it?"),
                ..error
            },
            Some(code) if primary(code) == READ_ONLY => DriverError {
                message: format!("{file} cannot be written to; may you write to it and its folder?"),
                ..error
            },
            _ => error,
        }
    }
}

/// `SQLITE_CANTOPEN` and `SQLITE_READONLY`, whose extended codes say more in the upper bytes.
const CANNOT_OPEN: u32 = 14;
const READ_ONLY: u32 = 8;

fn primary(code: &str) -> u32 {
    code.parse::<u32>().unwrap_or_default() & 0xff
}

/// The file of this name with an ending.
pub(crate) fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn unknown(option: &str) -> TargetError {
    let nearest = OPTIONS
        .iter()
        .map(|known| (strsim::damerau_levenshtein(option, known), known))
        .min()
        .filter(|(distance, _)| *distance <= 3);
    let reason = match nearest {
        Some((_, known)) => format!("unknown option; did you mean `{known}`?"),
        None => format!("unknown option; SQLite has {}", OPTIONS.join(", ")),
    };
    part(option, &reason)
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
    if !url.username().is_empty() || url.password().is_some() || url.port().is_some() {
        return Err(part(
            "host",
            "SQLite has no users and no ports; write `sqlite:app.db` or `sqlite:///folder/app.db`",
        ));
    }
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
    let read_only = settings.read_only;
    let mut session = SqliteSession::new(connection, settings, target, !exists);
    let refused = match session.greet().await {
        Ok(()) => return Ok(session),
        Err(error) => session.settings.explain(error),
    };
    let code = refused.code.as_deref().map(primary);
    if exists && read_only && matches!(code, Some(CANNOT_OPEN | READ_ONLY)) {
        let readable = if session.settings.roll_back_leftovers().await {
            session.settings.open().await?
        } else {
            session.settings.open_unchanging(refused).await?
        };
        drop_connection(std::mem::replace(&mut session.connection, readable)).await;
        let greeted = session.greet().await;
        return greeted
            .map_err(|error| session.settings.explain(error))
            .map(|()| session);
    }
    Err(refused)
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
            ("sqlite:a.db?bussy_timeout=3", "did you mean `busy_timeout`?"),
            (
                "sqlite:a.db?cache=shared",
                "SQLite has busy_timeout, foreign_keys, mode",
            ),
            ("sqlite:a.db?busy_timeout=-1", "milliseconds"),
            ("sqlite:a.db?busy_timeout=99999999999", "milliseconds"),
            ("sqlite:a.db?foreign_keys=maybe", "`on` or `off`"),
            ("sqlite://ann:secret@host/app.db", "no users"),
            ("sqlite:a.db?busy_timeout=soon", "milliseconds"),
        ] {
            let error = settings(url).expect_err(url).to_string();
            assert!(error.contains(says), "{url}: {error}");
        }
    }
}
