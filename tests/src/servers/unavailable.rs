//! Why a server cannot be had.

use std::{fmt, io};

/// A server that cannot be had here, and what to do about it.
#[derive(Debug, Clone)]
pub struct Unavailable {
    reason: String,
}

impl Unavailable {
    /// With a reason that says what is missing and how to mend it.
    pub fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
        }
    }

    /// A program that could not be started at all.
    pub(super) fn program(name: &str, error: &io::Error) -> Self {
        Self::new(format!("cannot run {name}: {error}"))
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.reason)
    }
}

impl std::error::Error for Unavailable {}
