//! The options that a URL has.

use std::path::PathBuf;
use std::time::Duration;

use dbvc_engine::driver::TargetError;

use super::part;

/// Options of a URL, as the `mysql` client names them.
const OPTIONS: [&str; 8] = [
    "ssl-mode",
    "ssl-ca",
    "ssl-cert",
    "ssl-key",
    "connect-timeout",
    "socket",
    "charset",
    "enable-cleartext-plugin",
];

/// How much TLS is asked for (manual, `--ssl-mode`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SslMode {
    Disabled,
    /// Where the server offers it, unverified; not on this machine itself.
    Preferred,
    Required,
    VerifyCa,
    VerifyIdentity,
}

const SSL_MODES: [(&str, SslMode); 5] = [
    ("disabled", SslMode::Disabled),
    ("preferred", SslMode::Preferred),
    ("required", SslMode::Required),
    ("verify_ca", SslMode::VerifyCa),
    ("verify_identity", SslMode::VerifyIdentity),
];

/// The same in the words of other clients.
const OTHER_WORDS: [(&str, &str); 6] = [
    ("disable", "disabled"),
    ("prefer", "preferred"),
    ("allow", "preferred"),
    ("require", "required"),
    ("verify_full", "verify_identity"),
    ("on", "required"),
];

#[derive(Default)]
pub(super) struct Asked {
    pub(super) mode: Option<SslMode>,
    pub(super) authority: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
    pub(super) timeout: Option<Duration>,
    pub(super) socket: Option<PathBuf>,
    /// The password may be sent as it is.
    pub(super) cleartext: bool,
}

impl Asked {
    pub(super) fn take(&mut self, key: &str, value: &str) -> Result<(), TargetError> {
        // `ssl_mode` and `sslmode` are written as often.
        let plain: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
        match plain.to_ascii_lowercase().as_str() {
            "sslmode" => self.mode = Some(mode(value)?),
            "sslca" => self.authority = Some(file(key, value)?),
            "sslcert" => self.certificate = Some(file(key, value)?),
            "sslkey" => self.key = Some(file(key, value)?),
            "connecttimeout" => self.timeout = Some(seconds(value)?),
            "socket" | "unixsocket" => self.socket = Some(PathBuf::from(value)),
            "charset" => charset(key, value)?,
            "enablecleartextplugin" => self.cleartext = switch(key, value)?,
            _ => return Err(unknown(key)),
        }
        Ok(())
    }

    pub(super) fn identity(&self) -> Result<Option<(PathBuf, PathBuf)>, TargetError> {
        match (&self.certificate, &self.key) {
            (Some(certificate), Some(key)) => Ok(Some((certificate.clone(), key.clone()))),
            (None, None) => Ok(None),
            (Some(_), None) => Err(part("ssl-key", "`ssl-cert` needs the private key too")),
            (None, Some(_)) => Err(part("ssl-cert", "`ssl-key` needs the certificate too")),
        }
    }

    /// The mode that is said, or that follows from what else is said; what contradicts it is refused.
    pub(super) fn settle(&self, local: bool) -> Result<SslMode, TargetError> {
        let certified = self.authority.is_some() || self.certificate.is_some();
        if self.socket.is_some() {
            let wanted = matches!(
                self.mode,
                Some(SslMode::Required | SslMode::VerifyCa | SslMode::VerifyIdentity)
            );
            return if wanted || certified {
                Err(part(
                    "socket",
                    "a socket of this machine is used without TLS; leave the `ssl-…` options out, or name a host in \
                     place of the socket",
                ))
            } else {
                Ok(SslMode::Disabled)
            };
        }
        let mode = self.mode.unwrap_or(match (&self.authority, &self.certificate) {
            (Some(_), _) => SslMode::VerifyIdentity,
            (None, Some(_)) => SslMode::Required,
            (None, None) if local => SslMode::Disabled,
            (None, None) => SslMode::Preferred,
        });
        if mode == SslMode::Disabled && certified {
            return Err(part(
                "ssl-mode",
                "without TLS the other `ssl-…` options have no use; leave them out",
            ));
        }
        if self.cleartext && matches!(mode, SslMode::Disabled | SslMode::Preferred) {
            return Err(part(
                "enable-cleartext-plugin",
                "the password would go over the network as it is; ask for TLS, best with `ssl-mode=verify_identity`",
            ));
        }
        Ok(mode)
    }
}

fn mode(value: &str) -> Result<SslMode, TargetError> {
    let wanted = value.replace('-', "_").to_ascii_lowercase();
    let known = SSL_MODES.iter().find(|(name, _)| *name == wanted);
    known.map(|(_, mode)| *mode).ok_or_else(|| {
        let other = OTHER_WORDS.iter().find(|(word, _)| *word == wanted);
        let reason = if let Some((_, ours)) = other {
            format!("`{value}` is another database's word; write `{ours}`")
        } else {
            let names: Vec<&str> = SSL_MODES.iter().map(|(name, _)| *name).collect();
            format!("`{value}` is none of {}", names.join(", "))
        };
        part("ssl-mode", reason)
    })
}

fn file(key: &str, value: &str) -> Result<PathBuf, TargetError> {
    let path = PathBuf::from(value);
    match std::fs::metadata(&path) {
        Ok(found) if found.is_file() => Ok(path),
        Ok(_) => Err(part(key, "that is no file")),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(part(key, "there is no such file")),
        Err(error) => Err(part(key, error.to_string())),
    }
}

fn seconds(value: &str) -> Result<Duration, TargetError> {
    match value.parse::<u32>() {
        Ok(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds.into())),
        _ => Err(part(
            "connect-timeout",
            "expected whole seconds from 1 on, such as `10`",
        )),
    }
}

/// URLs of other tools name it; here it is always the same one.
fn charset(key: &str, value: &str) -> Result<(), TargetError> {
    match value.to_ascii_lowercase().as_str() {
        "utf8mb4" | "utf8" => Ok(()),
        _ => Err(part(key, "files are sent as `utf8mb4`; leave the option out")),
    }
}

fn switch(key: &str, value: &str) -> Result<bool, TargetError> {
    match value.to_ascii_lowercase().as_str() {
        "" | "1" | "true" | "on" => Ok(true),
        "0" | "false" | "off" => Ok(false),
        _ => Err(part(key, "expected `true` or `false`")),
    }
}

fn unknown(key: &str) -> TargetError {
    let nearest = OPTIONS
        .iter()
        .map(|known| (strsim::damerau_levenshtein(key, known), known))
        .min()
        .filter(|(distance, _)| *distance <= 3);
    let reason = match nearest {
        Some((_, known)) => format!("no such option; did you mean `{known}`?"),
        None => format!("no such option; known are {}", OPTIONS.join(", ")),
    };
    part(key, reason)
}
