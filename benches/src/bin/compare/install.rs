//! Getting the tools that dbvc is compared with, each by the ordinary client of its registry, into a cache folder.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Where tools are kept between runs.
#[derive(Debug)]
pub(crate) struct Cache {
    folder: PathBuf,
    may_install: bool,
}

impl Cache {
    pub(crate) fn new(folder: PathBuf, may_install: bool) -> Self {
        Self { folder, may_install }
    }

    /// A program from crates.io, built here.
    pub(crate) fn cargo(&self, package: &str, program: &str, features: &str) -> Result<PathBuf, String> {
        // With other features it is another program.
        let root = self
            .folder
            .join(format!("{program}-{}", features.replace(',', "-")));
        let found = root.join("bin").join(program);
        self.unless_there(&found, package, || {
            let mut command = Command::new("cargo");
            command.args(["install", "--locked", "--no-default-features", "--features"]);
            command.arg(features).arg("--root").arg(&root).arg(package);
            // Shared, because these tools have most of their libraries in common; and not that of this workspace.
            command.env("CARGO_TARGET_DIR", self.folder.join("build"));
            vec![command]
        })
    }

    /// A package of npm; gives its folder.
    pub(crate) fn npm(&self, package: &str, version: &str) -> Result<PathBuf, String> {
        let root = self.folder.join(package);
        let found = root.join("node_modules").join(package);
        self.unless_there(&found, package, || {
            let _ = fs::create_dir_all(&root).and_then(|()| {
                let manifest = root.join("package.json");
                fs::write(manifest, "{ \"private\": true }\n")
            });
            let mut command = Command::new("npm");
            command.arg("install").arg(format!("{package}@{version}"));
            command.current_dir(&root);
            vec![command]
        })
    }

    /// A program that comes with Python packages, in an environment shared by all of them.
    pub(crate) fn pip(&self, packages: &[&str], program: &str) -> Result<PathBuf, String> {
        let root = self.folder.join(format!("python-{}", packages.len()));
        let found = root.join("bin").join(program);
        self.unless_there(&found, program, || {
            let mut environment = Command::new("python3");
            environment.args(["-m", "venv"]).arg(&root);
            let mut install = Command::new(root.join("bin").join("pip"));
            install.arg("install").args(packages);
            vec![environment, install]
        })
    }

    /// A program of Debian. Elsewhere, or not as root, it must be there already.
    pub(crate) fn debian(&self, packages: &[&str], program: &str) -> Result<PathBuf, String> {
        if let Some(found) = on_path(program) {
            return Ok(found);
        }
        let words = ["install", "-y", "--no-install-recommends"];
        let here = Path::new("/usr/bin").join(program);
        self.unless_there(&here, program, || {
            let mut update = Command::new("apt-get");
            update.args(["-q", "update"]);
            let mut install = Command::new("apt-get");
            install.args(words).args(packages);
            vec![update, install]
        })
    }

    fn unless_there(
        &self,
        found: &Path,
        name: &str,
        commands: impl FnOnce() -> Vec<Command>,
    ) -> Result<PathBuf, String> {
        if !found.exists() {
            if !self.may_install {
                return Err("not installed, and --no-install was given".to_owned());
            }
            println!("installing {name}; this may take minutes");
            for command in commands() {
                self.carry_out(name, command)?;
            }
        }
        if found.exists() {
            Ok(found.to_path_buf())
        } else {
            Err(format!("installed, but without {}", found.display()))
        }
    }

    fn carry_out(&self, name: &str, mut command: Command) -> Result<(), String> {
        let logs = self.folder.join("logs");
        let log = logs.join(format!("{name}.log"));
        let file =
            fs::create_dir_all(&logs).and_then(|()| File::options().create(true).append(true).open(&log));
        let file = file.map_err(|error| format!("{}: {error}", log.display()))?;
        let errors = file.try_clone().map_err(|error| error.to_string())?;
        command.stdin(Stdio::null()).stdout(file).stderr(errors);
        let program = command.get_program().to_string_lossy().into_owned();
        match command.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("{program}: {status}; see logs/{name}.log in the cache")),
            Err(error) => Err(format!("{program}: {error}")),
        }
    }
}

/// A program on the PATH.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_installed_where_that_was_forbidden() {
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::new(folder.path().to_path_buf(), false);
        let answer = cache.npm("dbmate", "2");
        assert!(answer.is_err_and(|reason| reason.contains("--no-install")));
        assert_eq!(fs::read_dir(folder.path()).expect("the folder").count(), 0);
    }
}
