//! What proves that the finished part of a script was not edited.

use sha2::{Digest, Sha256};

/// The digest of the statements that are done, each chained to those before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Chain(String);

impl Chain {
    pub(super) fn start() -> Self {
        Self(String::new())
    }

    pub(super) fn add(&mut self, text: &str) {
        let mut hasher = Sha256::new();
        hasher.update(self.0.as_bytes());
        hasher.update(text.as_bytes());
        self.0 = crate::plan::hex(&hasher.finalize());
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}
