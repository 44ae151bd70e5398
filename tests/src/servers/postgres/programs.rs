//! Finding PostgreSQL's programs, and running them as somebody the server accepts.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::servers::Unavailable;

/// Folders whose subfolders are named by version, as Debian and Homebrew lay them out.
const VERSIONED: &[(&str, &str)] = &[
    ("/usr/lib/postgresql", "bin"),
    ("/opt/homebrew/opt", "bin"),
    ("/usr/local/opt", "bin"),
];

/// The folder with `initdb`, `pg_ctl` and `createdb`.
#[derive(Debug, Clone)]
pub(super) struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// The programs of a server that can be started here; the newest where there are several.
    pub(super) fn find_server() -> Result<Self, Unavailable> {
        if cfg!(not(unix)) {
            let reason = "own clusters are started on Unix only; set DBVC_TEST_POSTGRES_URL";
            return Err(Unavailable::new(reason));
        }
        Self::find("initdb")
    }

    /// The programs that talk to a server that runs elsewhere.
    pub(super) fn find_client() -> Result<Self, Unavailable> {
        Self::find("createdb")
    }

    fn find(program: &str) -> Result<Self, Unavailable> {
        let folder = versioned_folders()
            .into_iter()
            .chain(path_folders())
            .find(|folder| holds(folder, program));
        folder.map(|folder| Self { folder }).ok_or_else(|| {
            Unavailable::new(format!(
                "PostgreSQL's `{program}` was not found; install PostgreSQL (Debian: apt-get install -y \
                 --no-install-recommends postgresql) or put its programs on the PATH"
            ))
        })
    }

    /// A program to be run as the one who starts the tests.
    pub(super) fn command(&self, program: &str) -> Command {
        Command::new(self.folder.join(program))
    }

    /// A program to be run as somebody without special rights: the server refuses to run as root.
    pub(super) fn unprivileged(&self, program: &str) -> Command {
        unprivileged(&self.folder.join(program))
    }
}

/// Any program, run as `postgres` where the tests run as root.
pub(in crate::servers) fn unprivileged(program: &Path) -> Command {
    if is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    }
}

/// Runs to the end and gives the standard output; a failure carries what the program said.
pub(in crate::servers) fn output(mut command: Command) -> Result<String, Unavailable> {
    let name = command.get_program().to_string_lossy().into_owned();
    // A folder that everybody may enter: `postgres` may not be allowed into the current one.
    let result = command
        .current_dir("/")
        .output()
        .map_err(|error| Unavailable::program(&name, &error))?;
    let Output {
        status,
        stdout,
        stderr,
    } = result;
    if status.success() {
        return Ok(String::from_utf8_lossy(&stdout).trim().to_owned());
    }
    let said = String::from_utf8_lossy(&stderr).trim().to_owned();
    Err(Unavailable::new(format!(
        "{command_line}: {status}: {said}",
        command_line = shown(&command)
    )))
}

/// The program and its first words; a later one may be an address with a password.
fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let plain = words
        .map(|word| word.to_string_lossy())
        .filter(|word| !word.contains("://"));
    plain.collect::<Vec<_>>().join(" ")
}

/// Whether this process is root, asked of `id`: the standard library does not tell.
pub(in crate::servers) fn is_root() -> bool {
    Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|answer| answer.stdout.trim_ascii() == b"0")
}

fn versioned_folders() -> Vec<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = Vec::new();
    for (base, inside) in VERSIONED {
        for entry in std::fs::read_dir(base).into_iter().flatten().flatten() {
            if let Some(version) = version(&entry.file_name().to_string_lossy()) {
                found.push((version, entry.path().join(inside)));
            }
        }
    }
    found.sort_by_key(|(version, _)| std::cmp::Reverse(*version));
    found.into_iter().map(|(_, folder)| folder).collect()
}

/// The major version in `17` or `postgresql@17`; `None` for folders of something else.
fn version(folder: &str) -> Option<u32> {
    folder.strip_prefix("postgresql@").unwrap_or(folder).parse().ok()
}

fn path_folders() -> Vec<PathBuf> {
    std::env::var_os("PATH")
        .map(|path| std::env::split_paths(&path).collect())
        .unwrap_or_default()
}

fn holds(folder: &Path, program: &str) -> bool {
    folder
        .join(program)
        .with_extension(std::env::consts::EXE_EXTENSION)
        .is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_folders_of_debian_and_homebrew_are_told_from_others() {
        assert_eq!(version("17"), Some(17));
        assert_eq!(version("postgresql@18"), Some(18));
        assert_eq!(version("openssl@3"), None);
    }

    #[test]
    fn a_failed_program_is_named_without_addresses() {
        let mut command = Command::new("createdb");
        command.args(["--maintenance-db", "postgres://u:hunter2@h/db", "x"]);
        assert_eq!(shown(&command), "createdb --maintenance-db x");
    }
}
