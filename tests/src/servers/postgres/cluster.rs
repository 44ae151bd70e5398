//! A cluster of our own: a new folder, a free port, loopback only, no durability.

use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::programs::{Programs, output, unprivileged};
use crate::servers::Unavailable;
use crate::servers::keeper::Keeper;

const USER: &str = "dbvc";
const PASSWORD: &str = "dbvc-test";
/// Between finding a free port and listening on it somebody else may take it.
const ATTEMPTS: u32 = 3;

/// Faster than safe: the data lives as long as the tests.
const SETTINGS: &str = "-c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off \
                        -c synchronous_commit=off -c max_connections=200 -c track_commit_timestamp=on";

/// As a server in production has it, but slow to write by itself what no commit waits for: so that there is something to
/// lose in a crash. The system itself does not crash, so `fsync` proves nothing here.
const LAZY: &str = "-c listen_addresses=127.0.0.1 -c fsync=off -c wal_writer_delay=10s \
                    -c wal_writer_flush_after=0 -c wal_buffers=16MB -c max_connections=200";

/// The server's own defaults: what it says to be written is on disk.
const DURABLE: &str = "-c listen_addresses=127.0.0.1";

/// How a server ends.
#[derive(Debug, Clone, Copy)]
pub enum End {
    /// Sessions are cut off, and all is written (`pg_ctl stop -m fast`).
    Fast,
    /// Nothing more is written (`pg_ctl stop -m immediate`).
    Immediate,
    /// The first process is killed; the others see that and end.
    Killed,
}

/// A running cluster. Dropping it stops the server by its pid and removes the folder.
#[derive(Debug)]
pub(super) struct Cluster {
    port: u16,
    folder: PathBuf,
    programs: Programs,
    settings: &'static str,
    _keeper: Keeper,
}

impl Cluster {
    pub(super) fn start(programs: &Programs) -> Result<Self, Unavailable> {
        Self::start_with(programs, SETTINGS)
    }

    /// One that can lose what it has not written.
    pub(super) fn start_lazy(programs: &Programs) -> Result<Self, Unavailable> {
        Self::start_with(programs, LAZY)
    }

    /// One that waits for the disk, as in production.
    pub(super) fn start_durable(programs: &Programs) -> Result<Self, Unavailable> {
        Self::start_with(programs, DURABLE)
    }

    fn start_with(programs: &Programs, settings: &'static str) -> Result<Self, Unavailable> {
        let mut make = unprivileged(Path::new("mktemp"));
        make.arg("-d")
            .arg(std::env::temp_dir().join("dbvc-postgres-XXXXXX"));
        let folder = PathBuf::from(output(make)?);
        let data = folder.join("data");
        // QUIT is the server's immediate shutdown: nothing in the folder is worth a checkpoint.
        let keeper = Keeper::watch(&data.join("postmaster.pid"), "QUIT", &folder)?;
        init(programs, &folder, &data)?;
        let port = listen(programs, &folder, settings)?;
        Ok(Self {
            port,
            folder,
            programs: programs.clone(),
            settings,
            _keeper: keeper,
        })
    }

    /// Ends the server, and waits until it has ended.
    pub(super) fn end(&self, how: End) -> Result<(), Unavailable> {
        let mode = match how {
            End::Fast => "fast",
            End::Immediate => "immediate",
            End::Killed => {
                let file = self.data().join("postmaster.pid");
                let text =
                    std::fs::read_to_string(&file).map_err(|error| Unavailable::new(error.to_string()))?;
                let mut kill = Command::new("kill");
                kill.args(["-KILL", text.lines().next().unwrap_or_default()]);
                return output(kill).map(drop);
            }
        };
        let mut command = self.programs.unprivileged("pg_ctl");
        command
            .arg("-D")
            .arg(self.data())
            .args(["-m", mode, "-w", "stop"]);
        output_detached(&mut command)
    }

    /// Starts the server that has ended, at the address that it had.
    pub(super) fn start_again(&self) -> Result<(), Unavailable> {
        let mut last = None;
        // The processes of a server that was killed take a moment to see it, and hold its memory until then.
        for _ in 0..100 {
            match start_at(&self.programs, &self.folder, self.settings, self.port) {
                Ok(()) => return Ok(()),
                Err(error) => last = Some(error),
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Err(last.unwrap_or_else(|| Unavailable::new("it was not tried")))
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    pub(super) fn url(&self) -> String {
        format!("postgres://{USER}:{PASSWORD}@{}/postgres", self.address())
    }

    pub(super) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

fn init(programs: &Programs, folder: &Path, data: &Path) -> Result<(), Unavailable> {
    let password_file = folder.join("password");
    write_unprivileged(&password_file, PASSWORD)?;
    let mut command = programs.unprivileged("initdb");
    command.arg("-D").arg(data).args([
        "-U",
        USER,
        "-A",
        "scram-sha-256",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
    ]);
    command.arg("--pwfile").arg(&password_file).arg("--no-sync");
    output(command).map(drop)
}

/// Written by the server's user, so that it may read it back.
pub(in crate::servers) fn write_unprivileged(path: &Path, text: &str) -> Result<(), Unavailable> {
    let failed = |error: &std::io::Error| Unavailable::program("tee", error);
    let mut command = unprivileged(Path::new("tee"));
    let mut process = command
        .arg(path)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .map_err(|error| failed(&error))?;
    if let Some(mut input) = process.stdin.take() {
        input.write_all(text.as_bytes()).map_err(|error| failed(&error))?;
    }
    process.wait().map(drop).map_err(|error| failed(&error))
}

fn listen(programs: &Programs, folder: &Path, settings: &str) -> Result<u16, Unavailable> {
    let mut last = None;
    for _ in 0..ATTEMPTS {
        let port = free_port()?;
        match start_at(programs, folder, settings, port) {
            Ok(()) => return Ok(port),
            Err(error) => last = Some(error),
        }
    }
    let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
    let reason = last.map(|error| error.to_string()).unwrap_or_default();
    Err(Unavailable::new(format!("{reason}\n{log}")))
}

fn start_at(programs: &Programs, folder: &Path, settings: &str, port: u16) -> Result<(), Unavailable> {
    let mut command = programs.unprivileged("pg_ctl");
    command.arg("-D").arg(folder.join("data"));
    command.arg("-l").arg(folder.join("log"));
    command.args(["-w", "-t", "60", "-o"]);
    command.arg(format!(
        "-p {port} -c unix_socket_directories={} {settings}",
        folder.display()
    ));
    output_detached(command.arg("start"))
}

/// Without pipes: the server would inherit them, and reading to their end would wait for the server's.
fn output_detached(command: &mut std::process::Command) -> Result<(), Unavailable> {
    command
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let status = command
        .status()
        .map_err(|error| Unavailable::program("pg_ctl", &error))?;
    if status.success() {
        return Ok(());
    }
    Err(Unavailable::new(format!("pg_ctl start: {status}")))
}

pub(in crate::servers) fn free_port() -> Result<u16, Unavailable> {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    free.map(|address| address.port())
        .map_err(|error| Unavailable::new(format!("no free port on loopback: {error}")))
}
