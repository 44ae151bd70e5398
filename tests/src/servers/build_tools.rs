//! What the tests are built with beside Rust and a C compiler.

use std::process::{Command, Stdio};

use super::{Unavailable, debian};

/// The programs and headers that the stand-in for SQL Server is compiled with; it is a dev-dependency and the only part
/// that wants OpenSSL.
const PACKAGES: &[&str] = &["libssl-dev", "pkg-config"];

/// Installs them where they are missing and that can be done without asking. Needed on Linux only: elsewhere the
/// stand-in is not built.
///
/// # Errors
/// Where they cannot be installed; the text says how to do it by hand.
pub fn install_build_tools() -> Result<(), Unavailable> {
    if finds_openssl() {
        return Ok(());
    }
    debian::install(PACKAGES)
}

fn finds_openssl() -> bool {
    Command::new("pkg-config")
        .args(["--exists", "openssl"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
