//! Stops a server when this process ends, however it ends.
//!
//! A keeper is a small shell process that waits for the end of its input. Dropping it closes that input; so does the
//! system when this process panics, is interrupted or is killed. A static that is never dropped is covered too.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::Unavailable;

/// $1: a file whose first line will be the server's pid; $2: the signal that stops it; $3: the folder to remove.
/// A server that took its pid file away has ended, also where nobody reaps it and its pid stays.
const SCRIPT: &str = r#"
cat >/dev/null
pid=$(head -n 1 "$1" 2>/dev/null)
if [ -n "$pid" ] && kill -s "$2" "$pid" 2>/dev/null; then
  tries=0
  while [ -e "$1" ] && kill -0 "$pid" 2>/dev/null && [ $tries -lt 100 ]; do sleep 0.1; tries=$((tries + 1)); done
  kill -s KILL "$pid" 2>/dev/null
fi
rm -rf "$3"
"#;

/// The process that waits; dropping it stops the server and removes its folder.
#[derive(Debug)]
pub(super) struct Keeper {
    process: Child,
}

impl Keeper {
    /// Watches over a folder. To be called before the server is started, so that no moment is left unwatched.
    pub(super) fn watch(pid_file: &Path, signal: &str, folder: &Path) -> Result<Self, Unavailable> {
        let mut command = Command::new("sh");
        command
            .args(["-c", SCRIPT, "keeper"])
            .arg(pid_file)
            .arg(signal)
            .arg(folder);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        // In a group of its own, so that Ctrl-C ends the tests and not the one who cleans up after them.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let process = command
            .spawn()
            .map_err(|error| Unavailable::program("sh", &error))?;
        Ok(Self { process })
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn dropping_it_ends_the_process_and_removes_the_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let inside = folder.path().join("server");
        std::fs::create_dir(&inside).expect("a folder inside");
        let mut server = Command::new("sleep")
            .arg("60")
            .spawn()
            .expect("a process to stop");
        let pid_file = inside.join("pid");
        std::fs::write(&pid_file, format!("{}\n", server.id())).expect("the pid is written");

        let keeper = Keeper::watch(&pid_file, "TERM", &inside).expect("the keeper starts");
        // Reaped at once, as init would do it, so that the pid is seen to go away.
        let reaper = std::thread::spawn(move || server.wait().expect("the process ends"));
        drop(keeper);

        assert!(
            !reaper.join().expect("the thread ends").success(),
            "ended by the signal"
        );
        assert!(!inside.exists());
    }

    #[test]
    fn a_server_that_never_started_leaves_no_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let inside = folder.path().join("server");
        std::fs::create_dir(&inside).expect("a folder inside");
        drop(Keeper::watch(&inside.join("pid"), "TERM", &inside).expect("the keeper starts"));
        assert!(!inside.exists());
    }
}
