//! A clock that a test can set, for one process: libfaketime.

use std::path::PathBuf;
use std::sync::OnceLock;

use super::shared::say_skipped;
use super::{Unavailable, debian, required};

/// Its name in `DBVC_REQUIRE_SERVER`.
pub const FAKE_CLOCK: &str = "faketime";

/// The library to be loaded into the process, by `LD_PRELOAD`; `None` where it cannot be had, which is printed.
///
/// # Panics
/// Where it cannot be had and `DBVC_REQUIRE_SERVER` names `faketime`.
pub fn fake_clock() -> Option<&'static str> {
    static FOUND: OnceLock<Option<String>> = OnceLock::new();
    let found = FOUND.get_or_init(|| library().map(|path| path.to_string_lossy().into_owned()));
    if found.is_none() {
        let reason = Unavailable::new(
            "libfaketime was not found (Debian: apt-get install -y --no-install-recommends libfaketime)",
        );
        assert!(
            !required(FAKE_CLOCK),
            "{FAKE_CLOCK} is required by DBVC_REQUIRE_SERVER: {reason}"
        );
        say_skipped(FAKE_CLOCK, &reason);
    }
    found.as_deref()
}

/// Installs it where it is missing and that can be done without asking. It is for Linux only.
///
/// # Errors
/// Where it cannot be installed; the text says how to do it by hand.
pub fn install_fake_clock() -> Result<(), Unavailable> {
    if library().is_some() {
        return Ok(());
    }
    debian::install(&["libfaketime"])
}

/// Debian keeps it in a folder of the architecture.
fn library() -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    let mut found = folders
        .map(|folder| folder.path().join("faketime/libfaketime.so.1"))
        .filter(|path| path.is_file());
    found.next()
}
