//! A server of our own: a new folder, a free port, loopback only, no durability.

use std::ffi::OsString;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::client;
use crate::servers::keeper::Keeper;
use crate::servers::postgres::is_root;
use crate::servers::{End, Unavailable};

const USER: &str = "dbvc";
const PASSWORD: &str = "dbvc-test";
/// The login that the packages make, and that a server started by root turns to.
const SYSTEM_USER: &str = "mysql";
const LONGEST_START: Duration = Duration::from_mins(2);
/// Between finding a free port and listening on it somebody else may take it.
const ATTEMPTS: u32 = 3;

/// Faster than safe: the data lives as long as the tests.
const SETTINGS: [&str; 6] = [
    "--bind-address=127.0.0.1",
    "--innodb-flush-method=nosync",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-buffer-pool-size=64M",
    "--max-connections=400",
    "--performance-schema=OFF",
];

/// How one kind of server is made and started.
#[derive(Debug, Clone)]
pub(in crate::servers) struct Plan {
    /// The short name, for the folder.
    pub(in crate::servers) name: &'static str,
    /// The scheme of its address.
    pub(in crate::servers) scheme: &'static str,
    /// The program that makes a data folder, with its words.
    pub(in crate::servers) initialize: Vec<OsString>,
    /// The server, with its words.
    pub(in crate::servers) server: Vec<OsString>,
    /// Words that count instead of the usual settings.
    pub(in crate::servers) differing: &'static [&'static str],
}

/// A running server. Dropping it stops the server by its pid and removes the folder.
#[derive(Debug)]
pub(in crate::servers) struct Daemon {
    pub(in crate::servers) url: String,
    pub(in crate::servers) port: u16,
    pub(in crate::servers) folder: PathBuf,
    keeper: Option<Keeper>,
    plan: Plan,
    process: Mutex<Child>,
}

impl Daemon {
    pub(in crate::servers) fn start(plan: &Plan) -> Result<Self, Unavailable> {
        let folder = make_folder(plan.name)?;
        let pid_file = folder.join("pid");
        let keeper = Keeper::watch(&pid_file, "TERM", &folder)?;
        initialize(plan, &folder)?;
        let mut last = Unavailable::new("no attempt was made");
        for _ in 0..ATTEMPTS {
            let port = free_port()?;
            let mut process = spawn(plan, &folder, port)?;
            let url = format!("{}://{USER}:{PASSWORD}@127.0.0.1:{port}/mysql", plan.scheme);
            match wait(&url, &mut process) {
                Ok(()) => {
                    return Ok(Self {
                        url,
                        port,
                        folder,
                        keeper: Some(keeper),
                        plan: plan.clone(),
                        process: Mutex::new(process),
                    });
                }
                Err(error) => last = error,
            }
            let _ = process.kill();
            let _ = process.wait();
        }
        let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
        Err(Unavailable::new(format!("{last}\n{log}")))
    }
}

impl Daemon {
    /// Ends the server; its folder stays. [`End::Immediate`] is [`End::Killed`] here.
    pub(in crate::servers) fn end(&self, how: End) -> Result<(), Unavailable> {
        let failed = |error: std::io::Error| Unavailable::new(format!("the server does not end: {error}"));
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        match how {
            End::Fast => output(Command::new("kill").args(["-s", "TERM", &process.id().to_string()]))?,
            End::Immediate | End::Killed => process.kill().map_err(failed)?,
        }
        process.wait().map(drop).map_err(failed)
    }

    /// Starts a server that has ended, at the address that it had.
    pub(in crate::servers) fn start_again(&self) -> Result<(), Unavailable> {
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        *process = spawn(&self.plan, &self.folder, self.port)?;
        wait(&self.url, &mut process)
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        // The keeper sends the signal and waits until the pid file is gone; then the process can be reaped.
        drop(self.keeper.take());
        let process = self.process.get_mut().unwrap_or_else(PoisonError::into_inner);
        let _ = process.wait();
    }
}

fn make_folder(name: &str) -> Result<PathBuf, Unavailable> {
    let failed = |error: std::io::Error| Unavailable::new(format!("no folder for a {name} server: {error}"));
    let folder = tempfile::Builder::new()
        .prefix(&format!("dbvc-{name}-"))
        .tempdir()
        .map_err(failed)?
        .keep();
    let grants = format!(
        "CREATE USER IF NOT EXISTS '{USER}'@'%' IDENTIFIED BY '{PASSWORD}';\nGRANT ALL PRIVILEGES ON *.* TO '{USER}'@'%' WITH GRANT \
         OPTION;\n"
    );
    // One statement to a line: of two on a line only one would run.
    std::fs::write(folder.join("init.sql"), grants).map_err(failed)?;
    std::fs::create_dir(folder.join("tmp")).map_err(failed)?;
    if is_root() {
        let mut command = Command::new("chown");
        output(command.arg("-R").arg(format!("{SYSTEM_USER}:")).arg(&folder))?;
    }
    Ok(folder)
}

fn initialize(plan: &Plan, folder: &Path) -> Result<(), Unavailable> {
    let mut command = command(&plan.initialize, folder)?;
    output(&mut command)
}

fn spawn(plan: &Plan, folder: &Path, port: u16) -> Result<Child, Unavailable> {
    let mut command = command(&plan.server, folder)?;
    let path = |name: &str, file: &str| {
        let mut word = OsString::from(name);
        word.push(folder.join(file));
        word
    };
    command
        .args(SETTINGS)
        .args(plan.differing)
        .arg(format!("--port={port}"))
        .arg(path("--socket=", "s.sock"))
        .arg(path("--pid-file=", "pid"))
        .arg(path("--log-error=", "log"))
        .arg(path("--init-file=", "init.sql"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // In a group of its own, so that Ctrl-C ends the tests and leaves the server to the keeper.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command
        .spawn()
        .map_err(|error| Unavailable::program(plan.name, &error))
}

/// The words of a plan as a command that works in `folder`.
fn command(words: &[OsString], folder: &Path) -> Result<Command, Unavailable> {
    let (program, words) = words
        .split_first()
        .ok_or_else(|| Unavailable::new("no program to run"))?;
    let mut command = Command::new(program);
    let mut data = OsString::from("--datadir=");
    data.push(folder.join("data"));
    command.args(words).arg(data).current_dir("/");
    // A server that starts sweeps its folder for temporary files, and would sweep away another one's.
    command.env("TMPDIR", folder.join("tmp"));
    if is_root() {
        command.arg(format!("--user={SYSTEM_USER}"));
    }
    Ok(command)
}

fn wait(url: &str, process: &mut Child) -> Result<(), Unavailable> {
    let begun = Instant::now();
    loop {
        let failed = match client::run(url, "SELECT 1") {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        if let Ok(Some(status)) = process.try_wait() {
            return Err(Unavailable::new(format!("the server ended at once: {status}")));
        }
        if begun.elapsed() > LONGEST_START {
            return Err(failed);
        }
        std::thread::sleep(Duration::from_millis(200));
    }
}

fn output(command: &mut Command) -> Result<(), Unavailable> {
    let name = command.get_program().to_string_lossy().into_owned();
    let result = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Unavailable::program(&name, &error))?;
    if result.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&result.stderr).trim().to_owned();
    Err(Unavailable::new(format!("{name}: {}: {said}", result.status)))
}

fn free_port() -> Result<u16, Unavailable> {
    let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    free.map(|address| address.port())
        .map_err(|error| Unavailable::new(format!("no free port on loopback: {error}")))
}
