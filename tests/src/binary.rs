//! Calls of the real binary, with nothing of the caller's environment.

use std::fmt;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use crate::ProjectFolder;

/// The password that tests plant wherever one can stand. No output may hold it; [`Invocation::run`] sees to that.
pub const SECRET: &str = "hunter2-SECRET";

/// No call of a test needs longer; one that does hangs.
const LONGEST: Duration = Duration::from_mins(2);

/// A call that is being put together.
#[derive(Debug, Clone)]
pub struct Invocation {
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    input: Vec<u8>,
    folder: PathBuf,
    root: PathBuf,
}

/// What a call wrote and how it ended.
#[derive(Debug, Clone)]
pub struct Ran {
    /// The call as it would be typed.
    pub command: String,
    /// The exit code; -1 where a signal ended it.
    pub code: i32,
    /// Its standard output.
    pub stdout: String,
    /// Its standard error.
    pub stderr: String,
}

impl Invocation {
    pub(crate) fn new(project: &ProjectFolder, arguments: Vec<String>) -> Self {
        Self {
            arguments,
            environment: Vec::new(),
            input: Vec::new(),
            folder: project.path(),
            root: project.root().to_owned(),
        }
    }

    /// The same with a variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with more arguments.
    #[must_use]
    pub fn args<'a>(mut self, more: impl IntoIterator<Item = &'a str>) -> Self {
        self.arguments.extend(more.into_iter().map(str::to_owned));
        self
    }

    /// The same with a text to read, as through a pipe.
    #[must_use]
    pub fn input(mut self, text: &str) -> Self {
        text.as_bytes().clone_into(&mut self.input);
        self
    }

    /// The same, called in a folder of the project.
    #[must_use]
    pub fn within(mut self, folder: &str) -> Self {
        self.folder = self.folder.join(folder);
        self
    }

    /// Runs it to its end.
    ///
    /// # Panics
    /// Where it cannot be started, writes something other than UTF-8, panics, or shows [`SECRET`].
    pub fn run(&self) -> Ran {
        self.finish(self.start())
    }

    /// Starts it, for tests that do something meanwhile.
    ///
    /// # Panics
    /// Where it cannot be started.
    pub fn start(&self) -> Child {
        let mut child = self
            .command()
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", binary().display()));
        let mut pipe = child.stdin.take().expect("a pipe");
        // A process that ended before it read all has said why.
        let _ = pipe.write_all(&self.input);
        child
    }

    /// Waits for a started call.
    ///
    /// # Panics
    /// As [`run`](Self::run).
    pub fn finish(&self, mut child: Child) -> Ran {
        let stdout = child.stdout.take().map(read_beside);
        let stderr = child.stderr.take().map(read_beside);
        let deadline = Instant::now() + LONGEST;
        let status = loop {
            if let Some(status) = child.try_wait().expect("the process can be asked") {
                break status;
            }
            if Instant::now() > deadline {
                child.kill().expect("the process can be ended");
                panic!("dbvc {} ran for more than {LONGEST:?}", self.arguments.join(" "));
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        let all = |reader: Option<JoinHandle<Vec<u8>>>| {
            reader.map_or_else(Vec::new, |reader| reader.join().expect("the output can be read"))
        };
        self.ran(&Output {
            status,
            stdout: all(stdout),
            stderr: all(stderr),
        })
    }

    fn command(&self) -> Command {
        let mut command = Command::new(binary());
        command
            .args(&self.arguments)
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("HOME", self.root.join("home"))
            .env("USER", "tester")
            .env("LOGNAME", "tester")
            .env("LANG", "C.UTF-8")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn ran(&self, output: &Output) -> Ran {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("output is UTF-8");
        let ran = Ran {
            command: format!("dbvc {}", self.arguments.join(" ")),
            code: output.status.code().unwrap_or(-1),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        };
        assert!(!ran.all().contains(SECRET), "a password was shown:\n{ran}");
        assert!(!ran.stderr.contains("panicked at"), "it panicked:\n{ran}");
        ran
    }
}

#[allow(
    clippy::return_self_not_must_use,
    reason = "each is a check that may be the last"
)]
impl Ran {
    /// Both outputs.
    pub fn all(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }

    /// The same, which must have ended with this code.
    ///
    /// # Panics
    /// Where it did not; the text has all that was said.
    #[track_caller]
    pub fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, code, "the exit code of\n{self}");
        self
    }

    /// The same, which must have gone well.
    ///
    /// # Panics
    /// Where it did not.
    #[track_caller]
    pub fn ok(self) -> Self {
        self.ended(0)
    }

    /// The same, which must have said this on either output.
    ///
    /// # Panics
    /// Where it did not.
    #[track_caller]
    pub fn said(self, what: &str) -> Self {
        assert!(self.all().contains(what), "`{what}` is not in\n{self}");
        self
    }

    /// The same, which must not have said this.
    ///
    /// # Panics
    /// Where it did.
    #[track_caller]
    pub fn kept_quiet_about(self, what: &str) -> Self {
        assert!(!self.all().contains(what), "`{what}` is in\n{self}");
        self
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "$ {}", self.command)?;
        writeln!(out, "exit code {}", self.code)?;
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                writeln!(out, "--- {name}")?;
                writeln!(out, "{}", text.trim_end())?;
            }
        }
        Ok(())
    }
}

/// The binary beside the folder of the test binaries, where `cargo test --workspace` puts it.
///
/// # Panics
/// Where it is not there.
pub fn binary() -> PathBuf {
    let test = std::env::current_exe().expect("the test's own path");
    let folder = test.parent().and_then(Path::parent).expect("target/debug");
    let binary = folder.join(format!("dbvc{}", std::env::consts::EXE_SUFFIX));
    assert!(
        binary.is_file(),
        "{} is not there: run `cargo xtask test`, or `cargo build --bin dbvc` first",
        binary.display()
    );
    binary
}

fn read_beside(mut pipe: impl Read + Send + 'static) -> JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut all = Vec::new();
        pipe.read_to_end(&mut all).expect("the output can be read");
        all
    })
}

/// Sends a signal, such as `INT`, to a started call.
///
/// # Panics
/// Where that cannot be done.
pub fn signal(child: &Child, name: &str) {
    let pid = child.id().to_string();
    let status = Command::new("kill").args(["-s", name, &pid]).status();
    assert!(
        status.is_ok_and(|status| status.success()),
        "kill -s {name} {pid}"
    );
}

/// Asks again and again until there is an answer.
///
/// # Panics
/// After half a minute.
pub fn wait_for<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    for _ in 0..600 {
        if let Some(answer) = ask() {
            return answer;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("waited half a minute for {what}");
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn ran(stdout: &str, stderr: &str) -> Ran {
        let output = Output {
            status: std::os::unix::process::ExitStatusExt::from_raw(0),
            stdout: stdout.into(),
            stderr: stderr.into(),
        };
        ProjectFolder::new().dbvc(["status"]).ran(&output)
    }

    #[test]
    #[should_panic(expected = "a password was shown")]
    fn a_password_in_the_output_fails_the_test() {
        ran(&format!("postgres://ann:{SECRET}@db/app"), "");
    }

    #[test]
    #[should_panic(expected = "it panicked")]
    fn a_panic_fails_the_test() {
        ran("", "thread 'main' panicked at src/main.rs:1:1");
    }

    #[test]
    #[should_panic(expected = "the exit code of")]
    fn another_exit_code_fails_the_test() {
        ran("", "").ended(1);
    }
}
