//! Running a program and seeing what it took.
//!
//! A process's peak memory as Linux reports it starts with the memory of the one that started it. So programs are
//! started by a small process: this same binary with [`CHILD_COMMAND`], which does nothing else.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use wait4::Wait4 as _;

use crate::server::BackendMemory;

/// The hidden command of this binary that starts and measures one program.
pub(crate) const CHILD_COMMAND: &str = "measure";

/// A program with its arguments, as a user would type it.
#[derive(Debug, Clone)]
pub(crate) struct Invocation {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    pub(crate) environment: Vec<(String, String)>,
}

impl Invocation {
    pub(crate) fn new<I, S>(program: &Path, arguments: I) -> Self
    where
        I: IntoIterator<Item = S>,
        S: Into<String>,
    {
        Self {
            program: program.to_path_buf(),
            arguments: arguments.into_iter().map(Into::into).collect(),
            environment: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.environment.push((name.to_owned(), value.into()));
        self
    }
}

/// What a run took.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Cost {
    /// Seconds from start to end.
    pub(crate) wall: f64,
    /// Seconds of processor time of the client, user and system.
    pub(crate) cpu: f64,
    /// The most memory that the client held, in bytes.
    pub(crate) memory: u64,
    /// The most memory that the server's processes for this database held of their own, in bytes.
    pub(crate) server_memory: u64,
}

impl Cost {
    /// Of two programs that ran one after the other.
    pub(crate) fn and(self, next: Self) -> Self {
        Self {
            wall: self.wall + next.wall,
            cpu: self.cpu + next.cpu,
            memory: self.memory.max(next.memory),
            server_memory: self.server_memory.max(next.server_memory),
        }
    }
}

/// Runs the program in a folder; what it says goes to a file there, and its end is shown when it fails.
pub(crate) fn run(
    invocation: &Invocation,
    folder: &Path,
    limit: Duration,
    mut server: Option<BackendMemory>,
) -> Result<Cost, String> {
    let failed = |error: io::Error| format!("cannot run {}: {error}", invocation.program.display());
    let (said, report) = (folder.join("said.log"), folder.join("cost.txt"));
    let output = File::create(&said).map_err(failed)?;
    let mut command = Command::new(std::env::current_exe().map_err(failed)?);
    command.arg(CHILD_COMMAND).arg(&report).arg(&invocation.program);
    command.args(&invocation.arguments).current_dir(folder);
    command.envs(invocation.environment.iter().map(|(name, value)| (name, value)));
    command
        .stdin(Stdio::null())
        .stderr(output.try_clone().map_err(failed)?)
        .stdout(output);
    // A group of its own, so that all of it can be stopped.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().map_err(failed)?;
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().map_err(failed)? {
            break status;
        }
        if started.elapsed() > limit {
            stop(&mut child);
            return Err(format!("more than {} s", limit.as_secs()));
        }
        if let Some(memory) = &mut server {
            memory.look();
        }
        thread::sleep(Duration::from_millis(10));
    };
    if !status.success() {
        return Err(format!("failed: {}", last_words(&said)));
    }
    let mut cost = fs::read_to_string(&report)
        .ok()
        .as_deref()
        .and_then(parse)
        .ok_or("the measuring process left no report")?;
    cost.server_memory = server.map_or(0, |memory| memory.peak);
    Ok(cost)
}

/// The measuring process: starts the program, waits, writes what it took, and ends as it did.
pub(crate) fn child(mut arguments: impl Iterator<Item = OsString>) -> io::Result<bool> {
    let missing = || io::Error::other("a file for the report and a program are wanted");
    let report = arguments.next().ok_or_else(missing)?;
    let program = arguments.next().ok_or_else(missing)?;
    let started = Instant::now();
    let used = Command::new(program).args(arguments).spawn()?.wait4()?;
    let wall = started.elapsed();
    let cpu = used.rusage.utime + used.rusage.stime;
    fs::write(
        report,
        format!(
            "{} {} {}",
            wall.as_secs_f64(),
            cpu.as_secs_f64(),
            used.rusage.maxrss
        ),
    )?;
    Ok(used.status.success())
}

fn parse(report: &str) -> Option<Cost> {
    let mut words = report.split_whitespace();
    Some(Cost {
        wall: words.next()?.parse().ok()?,
        cpu: words.next()?.parse().ok()?,
        memory: words.next()?.parse().ok()?,
        server_memory: 0,
    })
}

fn stop(child: &mut Child) {
    let group = format!("-{}", child.id());
    let _ = Command::new("kill").args(["-KILL", "--", &group]).status();
    let _ = child.wait();
}

fn last_words(file: &Path) -> String {
    let text = fs::read(file).unwrap_or_default();
    telling(&String::from_utf8_lossy(&text))
}

/// The line that tells most of a failure, cut to a table's width: one that speaks of an error, else the last.
fn telling(said: &str) -> String {
    let mut lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    let line = lines
        .clone()
        .find(|line| line.to_ascii_lowercase().contains("error"))
        .or_else(|| lines.next_back())
        .unwrap_or("nothing was said");
    line.chars().take(160).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read_back() {
        let cost = parse("1.5 0.25 4096").expect("a cost");
        assert_eq!((cost.wall, cost.cpu, cost.memory), (1.5, 0.25, 4096));
        assert_eq!(parse("1.5 fast"), None);
    }

    #[test]
    fn a_failure_is_told_by_the_line_that_speaks_of_it() {
        assert_eq!(
            telling("start\nError: no such table\n  9: _start\n"),
            "Error: no such table"
        );
        assert_eq!(telling("start\n\nend\n"), "end");
    }

    #[test]
    fn two_programs_cost_the_sum_of_time_and_the_larger_memory() {
        let (first, second) = (parse("1 1 10"), parse("2 3 5"));
        let both = first.expect("a cost").and(second.expect("a cost"));
        assert_eq!((both.wall, both.cpu, both.memory), (3.0, 4.0, 10));
    }
}
