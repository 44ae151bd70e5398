//! A certificate in the place of an application's secret.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use azure_core::http::ClientMethodOptions;
use azure_identity::ClientAssertion;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rustls::SignatureScheme;
use rustls::crypto::aws_lc_rs::sign::any_supported_type;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::SigningKey;
use sha2::{Digest, Sha256};

/// How long an assertion holds; a token is asked for right away.
const LIFETIME: Duration = Duration::from_mins(10);

const PUBLIC_AUTHORITY: &str = "https://login.microsoftonline.com";

/// What proves that the certificate's key is at hand (Microsoft identity platform, "Certificate credentials").
pub(super) struct Signed {
    key: Arc<dyn SigningKey>,
    thumbprint: String,
    client: String,
    audience: String,
}

impl Signed {
    /// Reads a PEM file with a certificate and its RSA key, in any order; `authority` is that of another cloud than the
    /// public one. The error says what is missing.
    pub(super) fn read(
        file: &Path,
        client: &str,
        tenant: &str,
        authority: Option<&str>,
    ) -> Result<Self, String> {
        let authority = authority.unwrap_or(PUBLIC_AUTHORITY).trim_end_matches('/');
        let bytes = std::fs::read(file).map_err(|error| format!("{}: {error}", file.display()))?;
        let certificate = CertificateDer::from_pem_slice(&bytes)
            .map_err(|_| format!("{} holds no certificate in PEM", file.display()))?;
        let key = PrivateKeyDer::from_pem_slice(&bytes).map_err(|_| {
            format!(
                "{} holds no private key in PEM, without a passphrase",
                file.display()
            )
        })?;
        let key = any_supported_type(&key).map_err(|error| format!("{}: {error}", file.display()))?;
        Ok(Self {
            key,
            thumbprint: URL_SAFE_NO_PAD.encode(Sha256::digest(&certificate)),
            client: client.to_owned(),
            audience: format!("{authority}/{tenant}/oauth2/v2.0/token"),
        })
    }

    fn assertion(&self, now: SystemTime) -> Result<String, String> {
        let seconds = |time: SystemTime| time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
        let header = serde_json::json!({ "alg": "PS256", "typ": "JWT", "x5t#S256": self.thumbprint });
        let claims = serde_json::json!({
            "aud": self.audience,
            "iss": self.client,
            "sub": self.client,
            "jti": uuid::Uuid::now_v7().to_string(),
            "nbf": seconds(now),
            "exp": seconds(now + LIFETIME),
        });
        let part = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let text = format!("{}.{}", part(&header), part(&claims));
        let signer = self
            .key
            .choose_scheme(&[SignatureScheme::RSA_PSS_SHA256])
            .ok_or("the key of the certificate is no RSA key")?;
        let signature = signer.sign(text.as_bytes()).map_err(|error| error.to_string())?;
        Ok(format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }
}

#[async_trait::async_trait]
impl ClientAssertion for Signed {
    async fn secret(&self, _options: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        self.assertion(SystemTime::now()).map_err(|reason| {
            azure_core::Error::with_message(azure_core::error::ErrorKind::Credential, reason)
        })
    }
}

impl fmt::Debug for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed")
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, PKCS_RSA_SHA256};

    use super::*;

    /// A certificate and its key.
    fn application() -> (String, String) {
        let key = KeyPair::generate_for(&PKCS_RSA_SHA256).expect("a key");
        let parameters = CertificateParams::new(vec!["app".to_owned()]).expect("a name");
        let certificate = parameters.self_signed(&key).expect("a certificate");
        (certificate.pem(), key.serialize_pem())
    }

    fn read(text: &str) -> Result<Signed, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("app.pem");
        std::fs::write(&file, text).expect("written");
        Signed::read(&file, "app-id", "tenant-id", None)
    }

    #[test]
    fn an_assertion_names_the_application_and_its_certificate() {
        let (certificate, key) = application();
        let signed = read(&format!("{key}{certificate}")).expect("both are there");
        let now = UNIX_EPOCH + Duration::from_secs(1_000);
        let assertion = signed.assertion(now).expect("signed");
        let parts: Vec<&str> = assertion.split('.').collect();
        let json = |at: usize| -> serde_json::Value {
            let bytes = URL_SAFE_NO_PAD.decode(parts[at]).expect("base64");
            serde_json::from_slice(&bytes).expect("JSON")
        };
        assert_eq!(json(0)["alg"], "PS256");
        assert_eq!(json(0)["x5t#S256"].as_str().map(str::len), Some(43));
        assert_eq!(json(1)["sub"], "app-id");
        assert_eq!(json(1)["exp"], 1_600);
        let signature = URL_SAFE_NO_PAD.decode(parts[2]).expect("base64");
        assert_eq!(signature.len(), 256);
        assert!(!format!("{signed:?}").contains("PRIVATE"));
    }

    #[test]
    fn a_file_that_lacks_one_of_them_says_which() {
        let (certificate, key) = application();
        let error = read(&certificate).expect_err("no key");
        assert!(error.contains("no private key"), "{error}");
        let error = read(&key).expect_err("no certificate");
        assert!(error.contains("no certificate"), "{error}");
    }
}
