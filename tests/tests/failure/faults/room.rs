//! A file system of its own, small and perhaps read only.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use dbvc_tests::stage::{Database, Stage};

/// A mounted file system in memory; dropping it unmounts it.
pub(super) struct Room {
    path: PathBuf,
}

impl Room {
    /// One of so many KiB in a stage's folder; none where this process may not mount one, which is then told.
    pub(super) fn of(stage: &Stage, size: u32) -> Option<Self> {
        let path = stage.project.root().join("room");
        std::fs::create_dir(&path).unwrap();
        Self::at(path, size)
    }

    /// The same at a folder that is there.
    pub(super) fn at(path: PathBuf, size: u32) -> Option<Self> {
        if run(mount()
            .args(["-t", "tmpfs", "-o", &format!("size={size}k,mode=1777"), "tmpfs"])
            .arg(&path))
        {
            return Some(Self { path });
        }
        let test = std::thread::current().name().unwrap_or("a test").to_owned();
        let told = format!("SKIPPED {test}: no file system of its own: only root may mount one\n");
        std::io::stderr().write_all(told.as_bytes()).unwrap();
        None
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The same stage with its database here.
    pub(super) fn on_sqlite(&self, stage: Stage) -> Stage {
        let path = self.path.join("app.db");
        let url = format!("sqlite://{}", path.display());
        let stage = Stage {
            database: Database::file(&path),
            ..stage
        };
        stage.write(
            "dbvc.toml",
            &format!("[project]\nname = \"plants\"\n\n[databases.plants]\nurl = \"{url}\"\nversioning = \"semantic\"\n"),
        );
        stage
    }

    /// Forbids all writing, or allows it again.
    pub(super) fn read_only(&self, on: bool) {
        self.change(if on { "ro" } else { "rw" });
    }

    /// Makes it larger or smaller.
    pub(super) fn resize(&self, size: u32) {
        self.change(&format!("size={size}k"));
    }

    /// Leaves no room for anything.
    pub(super) fn fill(&self) {
        let mut file = std::fs::File::create(self.path.join("filler")).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
    }

    /// Gives the room back.
    pub(super) fn empty(&self) {
        std::fs::remove_file(self.path.join("filler")).unwrap();
    }

    fn change(&self, options: &str) {
        let mut command = mount();
        command
            .arg("-o")
            .arg(format!("remount,{options}"))
            .arg(&self.path);
        assert!(run(&mut command), "{command:?}");
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        // A process that ends a moment later may still hold it; then it goes with the last one.
        run(Command::new("umount").arg("-l").arg(&self.path));
    }
}

fn mount() -> Command {
    Command::new("mount")
}

fn run(command: &mut Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}
