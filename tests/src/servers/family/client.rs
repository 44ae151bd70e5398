//! The client program, which makes databases on a running server.

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use super::address::{Address, with_database};
use crate::servers::Unavailable;

/// Either speaks to either server.
const PROGRAMS: [&str; 2] = ["mariadb", "mysql"];

/// Creates an empty database whose name starts with `name` and is used by nobody else.
pub(in crate::servers) fn create_database(url: &str, name: &str) -> Result<String, Unavailable> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    // The server takes names of up to 64 characters.
    let start: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(30)
        .collect();
    let unique = format!("{start}_{}_{count}", std::process::id()).to_lowercase();
    run(url, &format!("CREATE DATABASE `{unique}` CHARACTER SET utf8mb4"))?;
    Ok(with_database(url, &unique))
}

/// Runs a statement. The password goes by the environment: other users see a program's arguments.
pub(in crate::servers) fn run(url: &str, sql: &str) -> Result<(), Unavailable> {
    let program = program()?;
    let address = Address::of(url);
    let mut command = Command::new(program);
    command
        .args(["--no-defaults", "--protocol=TCP", "--connect-timeout=10"])
        .args([
            "--host",
            &address.host,
            "--port",
            &address.port,
            "--user",
            &address.user,
        ])
        .args(["--execute", sql])
        .env("MYSQL_PWD", &address.password)
        .stdin(Stdio::null());
    let output = command
        .output()
        .map_err(|error| Unavailable::program(program, &error))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(Unavailable::new(format!("{program}: {said}")))
}

fn program() -> Result<&'static str, Unavailable> {
    let is_there = |program: &&str| {
        let mut command = Command::new(program);
        command
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command.status().is_ok()
    };
    PROGRAMS.into_iter().find(is_there).ok_or_else(|| {
        Unavailable::new(
            "neither `mariadb` nor `mysql`, the client program, was found (Debian: apt-get install -y \
             --no-install-recommends mariadb-server)",
        )
    })
}
