//! The chain: each event carries the digest of the one before.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::AuditEvent;

/// What the first event of a chain has for the digest of the one before.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Why a text is not a sealed event.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// It is not an event.
    #[error("not an event: {0}")]
    Unreadable(String),
    /// The text is an event, but not in canonical form.
    #[error("not the canonical form (RFC 8785) of its event")]
    NotCanonical,
    /// The digest is not the text's.
    #[error("its digest is {found}, and the text's is {computed}")]
    Digest {
        /// What stands beside the text.
        found: String,
        /// What the text has.
        computed: String,
    },
}

/// An event with its canonical text and the digest over it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// The canonical form (RFC 8785) of the [`AuditEvent`]: the bytes that the digest is over.
    pub text: String,
    /// SHA-256 over the text in UTF-8, as 64 lower-case hexadecimal digits.
    pub digest: String,
    /// The Ed25519 signature over the digest's 64 characters, in base64; none where no key is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
}

impl Sealed {
    /// Writes the event in its canonical form and takes the digest.
    pub fn new(event: &AuditEvent) -> Result<Self, ChainError> {
        let text = canonical(event)?;
        let digest = digest(&text);
        Ok(Self {
            text,
            digest,
            signature: None,
        })
    }

    /// The event; checks that the text is its canonical form and that the digest is the text's.
    pub fn event(&self) -> Result<AuditEvent, ChainError> {
        let computed = digest(&self.text);
        if computed != self.digest {
            return Err(ChainError::Digest {
                found: self.digest.clone(),
                computed,
            });
        }
        let event: AuditEvent =
            serde_json::from_str(&self.text).map_err(|error| ChainError::Unreadable(error.to_string()))?;
        if canonical(&event)? != self.text {
            return Err(ChainError::NotCanonical);
        }
        Ok(event)
    }
}

pub(super) fn canonical(event: &AuditEvent) -> Result<String, ChainError> {
    serde_json_canonicalizer::to_string(event).map_err(|error| ChainError::Unreadable(error.to_string()))
}

/// SHA-256 over a text in UTF-8, as the chain writes it.
pub fn digest(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

impl From<crate::driver::ChainRow> for Sealed {
    fn from(row: crate::driver::ChainRow) -> Self {
        Self {
            text: row.text,
            digest: row.digest,
            signature: row.signature,
        }
    }
}
