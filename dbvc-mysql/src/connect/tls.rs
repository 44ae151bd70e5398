//! TLS: what is asked for, and why a handshake failed.

use std::error::Error as StdError;
use std::path::PathBuf;

use dbvc_engine::error::{DriverError, ErrorKind, Operation};
use mysql_async::{ClientIdentity, Error, IoError, SslOpts};
use rustls::CertificateError;

use super::options::SslMode;

/// The files of a target.
#[derive(Clone)]
pub(super) struct Files {
    pub(super) authority: Option<PathBuf>,
    pub(super) identity: Option<(PathBuf, PathBuf)>,
}

impl Files {
    /// What the library is told; `name` is the host name that the certificate must have, where that is not the URL's.
    pub(super) fn options(&self, mode: SslMode, name: Option<String>) -> Option<SslOpts> {
        if mode == SslMode::Disabled {
            return None;
        }
        let unverified = matches!(mode, SslMode::Preferred | SslMode::Required);
        let roots: Vec<_> = self.authority.iter().cloned().map(Into::into).collect();
        let identity = self
            .identity
            .clone()
            .map(|(certificate, key)| ClientIdentity::new(certificate.into(), key.into()));
        Some(
            SslOpts::default()
                .with_disable_built_in_roots(!roots.is_empty())
                .with_root_certs(roots)
                .with_client_identity(identity)
                .with_danger_accept_invalid_certs(unverified)
                .with_danger_tls_hostname_override(name),
        )
    }
}

/// A name that a certificate has, where that it has not the URL's is all that is wrong with it.
///
/// The library cannot check the issuer alone: its switch for that looks for a word that the TLS library no longer
/// writes. The issuer is checked before the name, and again when one connects for a name that the certificate has.
pub(super) fn name_in_certificate(error: &Error) -> Option<String> {
    let rustls::Error::InvalidCertificate(CertificateError::NotValidForNameContext { presented, .. }) =
        cause(error)?
    else {
        return None;
    };
    // Not every pattern with a `*` is taken by every name that we make of it.
    let names = || presented.iter().filter_map(|name| plain_name(name));
    let is_plain = |name: &String| !name.starts_with(ANY);
    names().find(is_plain).or_else(|| names().next())
}

/// In the place of a `*.`.
const ANY: &str = "any.";

/// `DnsName("*.example.com")` or `IpAddress(10.0.0.1)` as a name that one may connect to.
fn plain_name(shown: &str) -> Option<String> {
    let inside = |kind: &str| shown.strip_prefix(kind)?.strip_suffix(')');
    let name = inside("DnsName(")
        .or_else(|| inside("IpAddress("))?
        .trim_matches('"');
    Some(match name.strip_prefix("*.") {
        Some(domain) => format!("{ANY}{domain}"),
        None => name.to_owned(),
    })
}

/// What the TLS library said.
fn cause(error: &Error) -> Option<&rustls::Error> {
    let mut next: Option<&(dyn StdError + 'static)> = match error {
        Error::Io(IoError::Io(error)) => error.get_ref().map(|inner| inner as _),
        Error::Io(IoError::Tls(error)) => Some(error),
        _ => None,
    };
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// Whether an error of the operating system's kind is one of TLS.
pub(crate) fn is_tls(error: &std::io::Error) -> bool {
    let cause = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    cause.is_some() || error.to_string().contains("tls handshake")
}

/// What to do about a handshake that failed, by words in the TLS library's text.
const ADVICE: [(&str, &str); 14] = [
    (
        "UnknownIssuer",
        "the certificate's issuer is not among the trusted ones; give its certificate with `ssl-ca=/path/ca.pem`",
    ),
    (
        "BadSignature",
        "the certificate is not signed by the issuer in `ssl-ca`, only by one of the same name; give the right one",
    ),
    (
        "CaUsedAsEndEntity",
        "the server shows an issuer's own certificate; give the server one that the issuer signed",
    ),
    (
        "not valid for any names",
        "the certificate names no host (`subjectAltName`), as those that MySQL makes for itself; give the server one \
         that does, or use `ssl-mode=required`, which encrypts and does not check who answers",
    ),
    (
        "not valid for name",
        "the certificate is for another host name: use that name in the URL, or `ssl-mode=verify_ca`, which checks the \
         issuer alone",
    ),
    (
        "expired",
        "the server's certificate is past its date: give the server a new one; if it is not, check this machine's clock",
    ),
    (
        "not valid yet",
        "the server's certificate begins later: check this machine's clock",
    ),
    (
        "UnsupportedCertVersion",
        "the server's certificate is of X.509 version 1: make a new one with extensions (`openssl x509 -req -extfile …`)",
    ),
    (
        "alert",
        "the server ended the handshake: it may want a client certificate (`ssl-cert` and `ssl-key`), or not know the \
         issuer of the one it got",
    ),
    (
        "peer is incompatible",
        "server and client have no version of TLS in common; TLS 1.2 or 1.3 is needed (`tls_version` on the server)",
    ),
    (
        "BadEncoding",
        "a certificate cannot be read: that in `ssl-ca`, where PEM is expected (`-----BEGIN CERTIFICATE-----`), or the \
         server's",
    ),
    (
        "no items found",
        "a file holds no certificate; PEM is expected, with `-----BEGIN CERTIFICATE-----`",
    ),
    (
        "handshake eof",
        "the server closed the connection in the middle of the handshake; its log may say why",
    ),
    (
        "does not offer TLS",
        "switch TLS on at the server, or use `ssl-mode=preferred` on a network you trust",
    ),
];

/// A failed handshake.
pub(crate) fn failed(operation: Operation, words: String) -> DriverError {
    let advice = ADVICE.iter().find(|(word, _)| words.contains(word));
    let error = DriverError::new(ErrorKind::Tls, operation, words);
    match advice {
        Some((_, advice)) => error.with_note(*advice),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_a_certificate_is_one_to_connect_to() {
        assert_eq!(
            plain_name("DnsName(\"db.example\")").as_deref(),
            Some("db.example")
        );
        assert_eq!(
            plain_name("DnsName(\"*.db.example\")").as_deref(),
            Some("any.db.example")
        );
        assert_eq!(plain_name("IpAddress(10.0.0.1)").as_deref(), Some("10.0.0.1"));
        assert_eq!(plain_name("DirectoryName"), None);
    }

    #[test]
    fn a_handshake_that_failed_says_what_to_do() {
        for words in [
            "invalid peer certificate: UnknownIssuer",
            "invalid peer certificate: certificate not valid for name \"a\"; certificate is only valid for b",
            "received fatal alert: CertificateRequired",
        ] {
            assert_eq!(failed(Operation::Connect, words.into()).notes.len(), 1, "{words}");
        }
    }
}
