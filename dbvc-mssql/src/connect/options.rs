//! The options of a target: those of URLs, and the keys of ADO.NET connection strings.

use std::path::PathBuf;
use std::time::Duration;

use dbvc_engine::driver::{Secret, TargetError};

use super::auth::Way;
use super::part;

/// Options of a URL, as they are told to people. Case, blanks, `-` and `_` do not count, so that the keys of connection
/// strings are the same ones (`TrustServerCertificate`, `Trust Server Certificate`, `trust_server_certificate`).
const OPTIONS: [&str; 15] = [
    "encrypt",
    "trust_server_certificate",
    "tls_ca",
    "host_name_in_certificate",
    "instance",
    "authentication",
    "tenant",
    "client_certificate",
    "token",
    "connect_timeout",
    "application_name",
    "workstation_id",
    "multi_subnet_failover",
    "packet_size",
    "application_intent",
];

/// Other names of them, of Microsoft's drivers and of other databases.
const OTHER_NAMES: [(&str, &str); 12] = [
    ("encryption", "encrypt"),
    ("sslca", "tls_ca"),
    ("sslrootcert", "tls_ca"),
    ("servercertificate", "tls_ca"),
    ("instancename", "instance"),
    ("tenantid", "tenant"),
    ("accesstoken", "token"),
    ("connectiontimeout", "connect_timeout"),
    ("timeout", "connect_timeout"),
    ("logintimeout", "connect_timeout"),
    ("app", "application_name"),
    ("wsid", "workstation_id"),
];

/// The option that a key without case, blanks, `-` and `_` means.
fn option(plain: &str) -> Option<&'static str> {
    let told = OPTIONS.iter().find(|known| known.replace('_', "") == plain);
    let other = OTHER_NAMES.iter().find(|(other, _)| *other == plain);
    told.copied().or(other.map(|(_, known)| *known))
}

/// The other keys of a connection string, for whoever misspells one.
const PARTS: [(&str, &str); 6] = [
    ("server", "Server"),
    ("datasource", "Data Source"),
    ("database", "Database"),
    ("initialcatalog", "Initial Catalog"),
    ("userid", "User Id"),
    ("password", "Password"),
];

/// Keys of connection strings that only mean something for pools and data readers of applications.
const WITHOUT_MEANING: [&str; 20] = [
    "persistsecurityinfo",
    "multipleactiveresultsets",
    "pooling",
    "minpoolsize",
    "maxpoolsize",
    "poolblockingperiod",
    "loadbalancetimeout",
    "connectionlifetime",
    "connectionreset",
    "enlist",
    "transactionbinding",
    "asynchronousprocessing",
    "async",
    "typesystemversion",
    "connectretrycount",
    "connectretryinterval",
    "commandtimeout",
    "columnencryptionsetting",
    "ipaddresspreference",
    "transparentnetworkipresolution",
];

/// Keys that ask for what dbvc does not do, with what to do instead.
const REFUSED: [(&str, &str); 9] = [
    (
        "failoverpartner",
        "a mirror's partner is not followed; name the listener of an availability group as the host",
    ),
    (
        "attachdbfilename",
        "dbvc attaches no files; name a database that the server has",
    ),
    (
        "extendedproperties",
        "dbvc attaches no files; name a database that the server has",
    ),
    (
        "initialfilename",
        "dbvc attaches no files; name a database that the server has",
    ),
    (
        "userinstance",
        "there are no user instances outside Windows; name a server",
    ),
    ("contextconnection", "that only exists inside the server"),
    ("networklibrary", "only TCP is used; leave the key out"),
    ("network", "only TCP is used; leave the key out"),
    ("replication", "leave the key out; dbvc is no replication agent"),
];

/// How much is encrypted (Microsoft, "Encrypt" of `SqlConnection`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encrypt {
    /// TLS before anything else (TDS 8): SQL Server 2022, Azure SQL.
    Strict,
    /// Everything, or there is no connection.
    Mandatory,
    /// The login only, unless the server wants more.
    Login,
    /// Nothing, not even the login.
    Nothing,
}

/// What is asked for.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) encrypt: Option<Encrypt>,
    pub(super) trust: bool,
    pub(super) authority: Option<Vec<u8>>,
    pub(super) name_in_certificate: Option<String>,
    pub(super) instance: Option<String>,
    pub(super) way: Option<Way>,
    pub(super) tenant: Option<String>,
    pub(super) certificate: Option<PathBuf>,
    pub(super) token: Option<Secret>,
    pub(super) timeout: Option<Duration>,
    pub(super) application: Option<String>,
    pub(super) workstation: Option<String>,
    pub(super) multi_subnet: bool,
    pub(super) packet_size: Option<u32>,
    /// Which options were said, by the names that people are told.
    taken: Vec<&'static str>,
}

impl Asked {
    pub(super) fn take(&mut self, key: &str, value: &str) -> Result<(), TargetError> {
        let plain: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
        let plain = plain.to_ascii_lowercase();
        if matches!(plain.as_str(), "integratedsecurity" | "trustedconnection") {
            return no_windows_login(key, value);
        }
        let Some(option) = option(&plain) else {
            return unused(key, &plain);
        };
        if self.taken.contains(&option) {
            return Err(part(
                key,
                format!("`{option}` is said twice, by this or another of its names; leave one of them out"),
            ));
        }
        self.taken.push(option);
        match option {
            "encrypt" => self.encrypt = Some(encrypt(key, value)?),
            "trust_server_certificate" => self.trust = switch(key, value)?,
            "tls_ca" => self.authority = Some(certificates(key, value)?),
            "host_name_in_certificate" => self.name_in_certificate = Some(value.to_owned()),
            "instance" => self.instance = Some(value.to_owned()),
            "authentication" => self.way = Some(Way::parse(key, value)?),
            "tenant" => self.tenant = Some(value.to_owned()),
            "client_certificate" => self.certificate = Some(file(key, value)?),
            "token" => self.token = Some(Secret::new(value)),
            "connect_timeout" => self.timeout = Some(seconds(key, value)?),
            "application_name" => self.application = Some(value.to_owned()),
            "workstation_id" => self.workstation = Some(value.to_owned()),
            "multi_subnet_failover" => self.multi_subnet = switch(key, value)?,
            "packet_size" => self.packet_size = Some(packet_size(key, value)?),
            _ => intent(key, value)?,
        }
        Ok(())
    }

    /// What contradicts itself is refused.
    pub(super) fn settle(&self, local: bool) -> Result<Encrypt, TargetError> {
        let encrypt = self.encrypt.unwrap_or(Encrypt::Mandatory);
        if self.trust && self.authority.is_some() {
            return Err(part(
                "trust_server_certificate",
                "`tls_ca` says whom to trust, and this would trust everybody; leave it out",
            ));
        }
        if encrypt == Encrypt::Strict && self.trust {
            return Err(part(
                "trust_server_certificate",
                "`encrypt=strict` always checks the certificate; name its issuer with `tls_ca`",
            ));
        }
        if encrypt == Encrypt::Nothing && (self.trust || self.authority.is_some()) {
            return Err(part(
                "encrypt",
                "without encryption there is no certificate; leave the other options out",
            ));
        }
        if encrypt == Encrypt::Nothing && !local {
            return Err(part(
                "encrypt",
                "`none` sends the password as it is, and is only for a server on this machine; every SQL Server can \
                 encrypt: `encrypt=true`",
            ));
        }
        Ok(encrypt)
    }
}

fn encrypt(key: &str, value: &str) -> Result<Encrypt, TargetError> {
    match value.to_ascii_lowercase().as_str() {
        "strict" => Ok(Encrypt::Strict),
        "true" | "yes" | "mandatory" | "required" | "on" | "1" => Ok(Encrypt::Mandatory),
        "false" | "no" | "optional" | "off" | "0" => Ok(Encrypt::Login),
        "none" | "danger_plaintext" => Ok(Encrypt::Nothing),
        _ => Err(part(
            key,
            format!(
                "`{value}` is none of `true` (all is encrypted), `strict` (TDS 8), `false` (the login only), `none`"
            ),
        )),
    }
}

fn switch(key: &str, value: &str) -> Result<bool, TargetError> {
    match value.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Ok(true),
        "false" | "no" | "off" | "0" => Ok(false),
        _ => Err(part(key, "expected `true` or `false`")),
    }
}

fn no_windows_login(key: &str, value: &str) -> Result<(), TargetError> {
    if value.eq_ignore_ascii_case("false") || value.eq_ignore_ascii_case("no") {
        return Ok(());
    }
    Err(part(
        key,
        "Windows logins (Kerberos, NTLM) are not supported; give `User Id` and `Password` of a SQL login, or \
         `authentication=default` for Microsoft Entra ID",
    ))
}

fn intent(key: &str, value: &str) -> Result<(), TargetError> {
    if value.eq_ignore_ascii_case("readwrite") {
        return Ok(());
    }
    Err(part(
        key,
        "a readable secondary cannot be migrated; leave it out, or say `ReadWrite`",
    ))
}

fn packet_size(key: &str, value: &str) -> Result<u32, TargetError> {
    let size = value.parse().ok().filter(|size| (512..=32_767).contains(size));
    size.ok_or_else(|| part(key, "expected a number of bytes from 512 to 32767"))
}

fn seconds(key: &str, value: &str) -> Result<Duration, TargetError> {
    match value.parse::<u32>() {
        Ok(seconds) if seconds > 0 => Ok(Duration::from_secs(seconds.into())),
        _ => Err(part(key, "expected whole seconds from 1 on, such as `30`")),
    }
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

/// The bytes of a file that holds certificates. The library takes what is no PEM for DER, and then says less.
fn certificates(key: &str, value: &str) -> Result<Vec<u8>, TargetError> {
    const DER_SEQUENCE: u8 = 0x30;
    let bytes = std::fs::read(file(key, value)?).map_err(|error| part(key, error.to_string()))?;
    let is_pem = bytes
        .windows(27)
        .any(|window| window == b"-----BEGIN CERTIFICATE-----");
    if is_pem || bytes.first() == Some(&DER_SEQUENCE) {
        Ok(bytes)
    } else {
        Err(part(
            key,
            "the file holds no certificate; expected is PEM, with `-----BEGIN CERTIFICATE-----`, or DER",
        ))
    }
}

/// A key that is not used here: without meaning, refused, or unknown.
fn unused(key: &str, plain: &str) -> Result<(), TargetError> {
    if WITHOUT_MEANING.contains(&plain) {
        return Ok(());
    }
    if let Some((_, advice)) = REFUSED.iter().find(|(refused, _)| *refused == plain) {
        return Err(part(key, *advice));
    }
    let options = OPTIONS.iter().map(|known| (known.replace('_', ""), *known));
    let parts = PARTS.iter().map(|(plain, known)| ((*plain).to_owned(), *known));
    let nearest = options
        .chain(parts)
        .map(|(name, known)| (strsim::damerau_levenshtein(plain, &name), known))
        .min()
        // Half of a short name may be wrong, and then it means something else.
        .filter(|(distance, known)| *distance <= 3 && *distance * 2 < known.len());
    Err(part(
        key,
        match nearest {
            Some((_, known)) => format!("no such option; did you mean `{known}`?"),
            None => format!("no such option; known are {}", OPTIONS.join(", ")),
        },
    ))
}
