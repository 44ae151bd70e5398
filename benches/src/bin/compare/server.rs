//! The servers that a comparison runs on, and what PostgreSQL's backends need.

use std::fs;
use std::process::Command;

use dbvc_tests::servers::{MariaDbServer, PostgresServer, TestServer as _};

use crate::database::{Address, Database, System};
use crate::tools::postgres_program;

/// Servers of our own with the durability of production; dropping them stops them.
#[derive(Debug)]
pub(crate) struct Servers {
    postgres: Option<PostgresServer>,
    mariadb: Option<MariaDbServer>,
}

impl Servers {
    /// Starts those that are wanted.
    pub(crate) fn start(wanted: impl Fn(System) -> bool) -> Result<Self, String> {
        let failed =
            |system: System, error: &dyn std::fmt::Display| format!("no {} server: {error}", system.title());
        let postgres = wanted(System::Postgres).then(|| {
            PostgresServer::install()
                .and_then(|()| PostgresServer::start_own_durable())
                .map_err(|error| failed(System::Postgres, &error))
        });
        let mariadb = wanted(System::MariaDb).then(|| {
            MariaDbServer::install()
                .and_then(|()| MariaDbServer::start_own_durable())
                .map_err(|error| failed(System::MariaDb, &error))
        });
        Ok(Self {
            postgres: postgres.transpose()?,
            mariadb: mariadb.transpose()?,
        })
    }

    /// A new, empty database, after what earlier runs left dirty was written out: no run shall pay for the one before
    /// it.
    pub(crate) fn create(&self, system: System) -> Result<Database, String> {
        match (system, &self.postgres, &self.mariadb) {
            (System::Postgres, Some(server), _) => {
                let url = server
                    .create_database("bench")
                    .map_err(|error| error.to_string())?;
                say(server, "CHECKPOINT")?;
                Ok(Database::Postgres(Address::parse(&url)?))
            }
            (System::MariaDb, _, Some(server)) => {
                let url = server
                    .create_database("bench")
                    .map_err(|error| error.to_string())?;
                server.run("FLUSH LOGS").map_err(|error| error.to_string())?;
                Ok(Database::MariaDb(Address::parse(&url)?))
            }
            _ => Err(format!("there is no {} server", system.title())),
        }
    }

    /// Takes a database away, so that its files do not pile up.
    pub(crate) fn drop(&self, database: &Database) -> Result<(), String> {
        match (database, &self.postgres, &self.mariadb) {
            (Database::Postgres(address), Some(server), _) => say(
                server,
                &format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", address.name),
            )
            .map(drop),
            (Database::MariaDb(address), _, Some(server)) => server
                .run(&format!("DROP DATABASE IF EXISTS {}", address.name))
                .map_err(|error| error.to_string()),
            _ => Ok(()),
        }
    }

    /// The servers' own names for their versions.
    pub(crate) fn versions(&self) -> Vec<String> {
        let postgres = self.postgres.as_ref().map(|server| {
            let version = say(server, "SHOW server_version").unwrap_or_default();
            format!("PostgreSQL {version}, its defaults (fsync on), on loopback")
        });
        let mariadb = self.mariadb.as_ref().map(|server| {
            let version = server.version().unwrap_or_default();
            format!("{version}, without a binary log, each commit on disk, on loopback")
        });
        postgres.into_iter().chain(mariadb).collect()
    }
}

fn say(server: &PostgresServer, sql: &str) -> Result<String, String> {
    let mut command = Command::new(postgres_program("psql")?);
    command.args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-c", sql, server.url()]);
    let answer = command.output().map_err(|error| format!("psql: {error}"))?;
    if answer.status.success() {
        return Ok(String::from_utf8_lossy(&answer.stdout).trim().to_owned());
    }
    Err(format!(
        "psql: {}",
        String::from_utf8_lossy(&answer.stderr).trim()
    ))
}

/// The most memory that the backends of one database have held of their own, in bytes: what is not shared, as a sum
/// over those that live at the same moment. Linux only; elsewhere it stays 0.
#[derive(Debug)]
pub(crate) struct BackendMemory {
    mark: String,
    /// The most so far.
    pub(crate) peak: u64,
    backends: Vec<u32>,
    looks: u32,
}

/// The process list is read at one in so many looks: reading all of it costs more than the known backends' lines.
const LOOKS_PER_LIST: u32 = 8;

impl BackendMemory {
    pub(crate) fn of(database: &Address) -> Self {
        Self {
            mark: format!(" {} {} ", database.user, database.name),
            peak: 0,
            backends: Vec::new(),
            looks: 0,
        }
    }

    pub(crate) fn look(&mut self) {
        if self.looks.is_multiple_of(LOOKS_PER_LIST) {
            self.backends = self.list();
        }
        self.looks += 1;
        let sum = self.backends.iter().filter_map(|pid| own_memory(*pid)).sum();
        self.peak = self.peak.max(sum);
    }

    fn list(&self) -> Vec<u32> {
        let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
        let pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        pids.filter(|pid| {
            fs::read_to_string(format!("/proc/{pid}/cmdline"))
                .is_ok_and(|line| line.starts_with("postgres:") && line.contains(&self.mark))
        })
        .collect()
    }
}

fn own_memory(pid: u32) -> Option<u64> {
    anonymous(&fs::read_to_string(format!("/proc/{pid}/status")).ok()?)
}

/// `RssAnon` of a process's status, in bytes.
fn anonymous(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_s_own_memory_is_read_in_bytes() {
        let status = "VmRSS:\t    9000 kB\nRssAnon:\t    1024 kB\nRssFile:\t 7976 kB\n";
        assert_eq!(anonymous(status), Some(1024 * 1024));
        assert_eq!(anonymous("Name:\tpostgres\n"), None);
    }
}
