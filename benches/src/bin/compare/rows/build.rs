//! How long the program takes to be built from nothing, libraries included.

use std::process::{Command, Stdio};
use std::time::Instant;

use super::{Stage, progress};
use crate::report::seconds;

pub(super) fn run(stage: &Stage<'_>) {
    let target = stage.folder.join("build");
    for (name, profile) in [("debug", None), ("release", Some("--release"))] {
        progress(&format!("building from nothing, {name}"));
        let mut command = Command::new("cargo");
        command.args(["build", "--quiet", "--locked", "-p", "dbvc-cli", "--all-features"]);
        command.args(profile).env("CARGO_TARGET_DIR", target.join(name));
        command.stdin(Stdio::null());
        let started = Instant::now();
        let built = command.status().is_ok_and(|status| status.success());
        let answer = if built {
            seconds(started.elapsed().as_secs_f64())
        } else {
            "failed".to_owned()
        };
        (stage.tell)(&format!("Cold build, {name}: {answer}.\n"));
    }
}
