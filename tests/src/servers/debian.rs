//! Installing packages on Debian and its kin.

use std::process::{Command, Stdio};

use super::Unavailable;

/// Installs packages as root; otherwise says how to.
pub(super) fn install(packages: &[&str]) -> Result<(), Unavailable> {
    let by_hand = format!(
        "apt-get install -y --no-install-recommends {}",
        packages.join(" ")
    );
    if !is_there("apt-get") {
        return Err(Unavailable::new(format!(
            "install {} by your system's means",
            packages.join(" ")
        )));
    }
    if !super::postgres::is_root() {
        return Err(Unavailable::new(format!("run as root: {by_hand}")));
    }
    if apt(&install_words(packages)) {
        return Ok(());
    }
    // On a bare machine the package lists are empty or old.
    if apt(&["update"]) && apt(&install_words(packages)) {
        return Ok(());
    }
    Err(Unavailable::new(format!("this failed, see above: {by_hand}")))
}

fn install_words<'a>(packages: &[&'a str]) -> Vec<&'a str> {
    let mut words = vec!["install", "-y", "--no-install-recommends"];
    words.extend(packages);
    words
}

fn apt(words: &[&str]) -> bool {
    let mut command = Command::new("apt-get");
    command
        .arg("-q")
        .args(words)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn is_there(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok()
}
