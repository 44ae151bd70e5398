//! Signatures of events: Ed25519 over the 64 characters of an event's digest.
//!
//! The digest covers the whole event and, by the digest before, all that came before it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _, EncodePublicKey as _};
use ed25519_dalek::{Signature, Signer as _};

/// Why a key cannot be used. Nothing of a key is ever in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// It is no private key.
    #[error("not an Ed25519 private key in PEM (PKCS#8, `BEGIN PRIVATE KEY`)")]
    Private,
    /// It is no public key.
    #[error("not an Ed25519 public key in PEM (`BEGIN PUBLIC KEY`)")]
    Public,
}

/// The key that signs.
#[derive(Clone)]
pub struct SigningKey(ed25519_dalek::SigningKey);

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(****)")
    }
}

impl SigningKey {
    /// Reads a key as `openssl genpkey -algorithm ed25519` writes it (RFC 8410). The text may be a secret: it is in no
    /// error.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        ed25519_dalek::SigningKey::from_pkcs8_pem(pem.trim())
            .map(Self)
            .map_err(|_| KeyError::Private)
    }

    /// The signature of a digest, in base64.
    pub fn sign(&self, digest: &str) -> String {
        STANDARD.encode(self.0.sign(digest.as_bytes()).to_bytes())
    }

    /// The key that checks what this one signs.
    pub fn public_key(&self) -> PublicKey {
        PublicKey(self.0.verifying_key())
    }
}

/// The key that checks signatures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey(ed25519_dalek::VerifyingKey);

impl PublicKey {
    /// Reads a key as `openssl pkey -pubout` writes it.
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        ed25519_dalek::VerifyingKey::from_public_key_pem(pem.trim())
            .map(Self)
            .map_err(|_| KeyError::Public)
    }

    /// The key as `openssl` reads it.
    pub fn to_pem(&self) -> Result<String, KeyError> {
        self.0
            .to_public_key_pem(ed25519_dalek::pkcs8::spki::der::pem::LineEnding::LF)
            .map_err(|_| KeyError::Public)
    }

    /// Whether the signature is this key's over the digest.
    pub fn verifies(&self, digest: &str, signature: &str) -> bool {
        let Ok(bytes) = STANDARD.decode(signature) else {
            return false;
        };
        Signature::from_slice(&bytes)
            .is_ok_and(|signature| self.0.verify_strict(digest.as_bytes(), &signature).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first secret key of RFC 8032, 7.1.
    const PRIVATE: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";

    #[test]
    fn what_a_key_signed_only_its_public_key_verifies() {
        let key = SigningKey::from_pem(PRIVATE).expect("a key");
        let other = SigningKey(ed25519_dalek::SigningKey::from_bytes(&[7; 32]));
        let digest = "ab".repeat(32);
        let signature = key.sign(&digest);
        assert!(key.public_key().verifies(&digest, &signature));
        assert!(!key.public_key().verifies(&"cd".repeat(32), &signature));
        assert!(!other.public_key().verifies(&digest, &signature));
        assert!(!key.public_key().verifies(&digest, "no base64"));
    }

    #[test]
    fn a_public_key_survives_its_pem() {
        let key = SigningKey::from_pem(PRIVATE).expect("a key").public_key();
        let pem = key.to_pem().expect("a PEM");
        assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----\n"), "{pem}");
        assert_eq!(PublicKey::from_pem(&pem), Ok(key));
    }

    #[test]
    fn neither_an_error_nor_a_debug_text_tells_a_key() {
        let error = SigningKey::from_pem("hunter2").expect_err("no key");
        assert!(!error.to_string().contains("hunter2"));
        let key = SigningKey::from_pem(PRIVATE).expect("a key");
        assert_eq!(format!("{key:?}"), "SigningKey(****)");
    }
}
