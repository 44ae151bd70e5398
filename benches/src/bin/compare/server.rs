//! The PostgreSQL server that a comparison runs on, and what its backends need.

use std::fs;
use std::process::Command;

use dbvc_tests::servers::{PostgresServer, TestServer as _};

use crate::database::Address;
use crate::tools::postgres_program;

/// A cluster of our own with the durability of a production server; dropping it stops it.
#[derive(Debug)]
pub(crate) struct Server {
    server: PostgresServer,
}

impl Server {
    pub(crate) fn start() -> Result<Self, String> {
        let failed = |error: &dyn std::fmt::Display| format!("no PostgreSQL server: {error}");
        PostgresServer::install().map_err(|error| failed(&error))?;
        let server = PostgresServer::start_own_durable().map_err(|error| failed(&error))?;
        Ok(Self { server })
    }

    /// A new, empty database.
    pub(crate) fn create(&self) -> Result<Address, String> {
        let url = self.server.create_database("bench");
        Address::parse(&url.map_err(|error| error.to_string())?)
    }

    /// Takes a database away, so that its files do not pile up.
    pub(crate) fn drop(&self, database: &Address) -> Result<(), String> {
        self.say(&format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", database.name))
            .map(drop)
    }

    /// Writes out what earlier runs left dirty: no run shall pay for the one before it.
    pub(crate) fn settle(&self) -> Result<(), String> {
        self.say("CHECKPOINT").map(drop)
    }

    /// The server's own name for its version.
    pub(crate) fn version(&self) -> Result<String, String> {
        self.say("SHOW server_version")
    }

    fn say(&self, sql: &str) -> Result<String, String> {
        let mut command = Command::new(postgres_program("psql")?);
        command.args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-c", sql, self.server.url()]);
        let answer = command.output().map_err(|error| format!("psql: {error}"))?;
        if answer.status.success() {
            return Ok(String::from_utf8_lossy(&answer.stdout).trim().to_owned());
        }
        Err(format!(
            "psql: {}",
            String::from_utf8_lossy(&answer.stderr).trim()
        ))
    }
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
