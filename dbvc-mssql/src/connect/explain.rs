//! Why there is no connection, and what to do about it.

use dbvc_engine::driver::Target;
use dbvc_engine::error::{DriverError, ErrorKind, Operation};
use tiberius::error::{Error, IoErrorKind};

use super::Settings;
use super::auth::Login;
use super::open::Tried;
use super::options::Encrypt;
use crate::error;

impl Settings {
    /// The failure with its kind, in the server's words, and with notes that say what to do next.
    pub(super) fn explain(&self, tried: Tried, target: &Target) -> DriverError {
        let unreachable = |words: String| DriverError::new(ErrorKind::Unreachable, Operation::Connect, words);
        let made = match tried {
            Tried::TimedOut(None) => unreachable(format!("no answer within {} s", self.timeout.as_secs()))
                .with_note(
                    "a firewall may drop the connection, or something else than SQL Server listens there",
                )
                .with_note("a longer wait: `connect_timeout=60` in the URL, in seconds"),
            Tried::TimedOut(Some(error)) => self.failed(&error, target).with_note(format!(
                "tried again for {} s; a longer wait: `connect_timeout=120` in the URL, in seconds",
                self.timeout.as_secs()
            )),
            Tried::NoToken(reason) => DriverError::new(
                ErrorKind::Unauthenticated,
                Operation::Connect,
                format!("no token: {reason}"),
            )
            .with_note(
                "on a workstation: `az login`; elsewhere see `authentication` in the guide to SQL Server",
            ),
            Tried::Failed(error) => self.failed(&error, target),
        };
        error::redacted(made, target)
    }

    fn failed(&self, error: &Error, target: &Target) -> DriverError {
        let made = match error {
            Error::Tls(words) => tls(words),
            Error::Io { message, .. } if is_tls(message) => tls(message),
            // The name service of instances is asked in a datagram, and the library's answer names its own cause.
            Error::Conversion(words) if words.contains("SQL browser") || words.contains("SQL Browser") => {
                DriverError::new(
                    ErrorKind::Unreachable,
                    Operation::Connect,
                    format!("the instance {} cannot be found", self.server),
                )
            }
            other => error::from_tiberius(other, Operation::Connect, target),
        };
        self.notes(error).into_iter().fold(made, DriverError::with_note)
    }

    fn notes(&self, error: &Error) -> Vec<String> {
        match error {
            Error::Server(refused) => self.about_number(refused.code(), refused.message()),
            Error::Io { kind, message } => self.about_io(*kind, message),
            Error::Conversion(_) => vec![
                "SQL Server Browser must run there and UDP port 1434 be open; or name the instance's port in place of its \
                 name"
                    .into(),
            ],
            Error::Protocol(words) if words.contains("encryption level") => vec![
                "the server offers no encryption; every SQL Server has it, so something else may listen there".into(),
            ],
            Error::Protocol(_) if self.encrypt != Encrypt::Strict => vec![
                "a server that only takes TDS 8 (`Force Strict Encryption`) ends other connections: `encrypt=strict`".into(),
            ],
            Error::Routing { .. } => {
                vec!["the gateway sends its clients on and on; the database may be moving, so run again".into()]
            }
            _ => Vec::new(),
        }
    }

    /// By the server's number (Microsoft, "Database Engine events and errors"; for Azure, "Troubleshoot common connection
    /// issues to Azure SQL Database").
    fn about_number(&self, number: u32, message: &str) -> Vec<String> {
        let database = self.database.replace(']', "]]");
        let one = |text: String| vec![text];
        match number {
            18_456 => self.about_login(),
            18_452 => one("the server takes Windows logins only; an administrator can allow SQL logins too (`LoginMode` 2, \
                           then a restart)"
                .into()),
            18_470 => one(format!("to enable it: ALTER LOGIN {} ENABLE", self.user())),
            18_486 => one(format!("to unlock it: ALTER LOGIN {} WITH PASSWORD = '…' UNLOCK", self.user())),
            18_487 | 18_488 => one(format!("to set a new one: ALTER LOGIN {} WITH PASSWORD = '…'", self.user())),
            18_401 => one("the server is being brought to another version; run again when that is done".into()),
            4060 => self.about_database(&database),
            916 => one(format!("the login is no user there: CREATE USER {0} FOR LOGIN {0}", self.user())),
            17_809 => one("all of the server's `user connections` are in use; a run needs two".into()),
            18_461 => one("the server, or the database, is in single-user mode, and somebody else is the user".into()),
            40_615 => firewall(message),
            40_914 => one("the server's firewall knows networks, and this one is not among them: az sql server vnet-rule \
                           create …"
                .into()),
            47_073 => one("the server takes no connections from public networks; come from its network, over its private \
                           endpoint"
                .into()),
            40_532 => one("there is no such server, or no such login; a login is written as `user`, or as `user@server` \
                           where an old gateway asks for it"
                .into()),
            40_613 | 40_197 | 40_143 | 40_540 | 42_108 | 42_109 => one(
                "the database is being moved or wakes up, which commonly takes less than a minute; run again".into(),
            ),
            40_501 | 49_918..=49_920 => one("Azure has no room for more requests right now; run again in a while".into()),
            10_928 | 10_929 => one("the database is at a limit of its service tier; run again in a while, or give it more".into()),
            _ => Vec::new(),
        }
    }

    fn user(&self) -> String {
        match &self.login {
            Login::Password { user, .. } => format!("[{}]", user.replace(']', "]]")),
            _ => "[…]".into(),
        }
    }

    /// A refused login, of which the server tells the reason to its log alone.
    fn about_login(&self) -> Vec<String> {
        let mut notes = Vec::new();
        match &self.login {
            Login::Password { password, .. } => {
                if password.reveal().is_empty() {
                    notes.push("no password was given; in the URL: `mssql://user:${DB_PASSWORD}@host/database`".to_owned());
                } else {
                    notes.push("check user and password; the server tells the reason to its own log alone".to_owned());
                }
                notes.push(
                    "a user that only this database knows (`CREATE USER … WITH PASSWORD`) can log in only where the URL \
                     names that database"
                        .to_owned(),
                );
                if self.azure {
                    notes.push(
                        "a server with Microsoft Entra logins only refuses passwords in the same words: \
                         `authentication=default`"
                            .to_owned(),
                    );
                }
            }
            Login::Token(_) => notes.push(
                "a token that has ended, or that is for something else than `https://database.windows.net/`, is refused so"
                    .to_owned(),
            ),
            Login::Entra(_) => {}
        }
        if !matches!(self.login, Login::Password { .. }) {
            notes.push(format!(
                "the identity must be known to the database; as its Entra administrator, in [{}]: CREATE USER [name of the \
                 identity] FROM EXTERNAL PROVIDER",
                self.database.replace(']', "]]")
            ));
        }
        notes
    }

    fn about_database(&self, database: &str) -> Vec<String> {
        let mut notes = vec![
            format!("to create it: CREATE DATABASE [{database}]"),
            format!(
                "if it is there, the login may not use it; in it: CREATE USER {} FOR LOGIN …",
                self.user()
            ),
        ];
        if self.azure {
            notes.push("a serverless database that sleeps says so too, while it wakes up; run again".into());
        }
        notes
    }

    fn about_io(&self, kind: IoErrorKind, message: &str) -> Vec<String> {
        let (server, port) = (&self.server, self.port);
        let text = match kind {
            IoErrorKind::ConnectionRefused => format!(
                "nothing listens on {server} port {port}: the server is down, listens on another port, or has TCP/IP \
                 switched off (SQL Server Configuration Manager)"
            ),
            IoErrorKind::ConnectionReset | IoErrorKind::UnexpectedEof | IoErrorKind::BrokenPipe
                if self.encrypt == Encrypt::Strict =>
            {
                "`encrypt=strict` (TDS 8) needs SQL Server 2022 or Azure SQL; older ones take `encrypt=true`"
                    .into()
            }
            IoErrorKind::ConnectionReset | IoErrorKind::UnexpectedEof | IoErrorKind::BrokenPipe => format!(
                "it was ended from the other side before the login: something else may listen on {server} port {port}, or a \
                 firewall be between"
            ),
            // A gateway or proxy that answers for everybody.
            _ if message.contains("bytes remaining on stream") => {
                format!("what answers on {server} port {port} does not speak as SQL Server does")
            }
            _ if message.contains("lookup address") || message.contains("No such host") => {
                format!("this machine does not know the host name `{server}`")
            }
            _ => return Vec::new(),
        };
        vec![text]
    }
}

/// What opens Azure's firewall for the address that it names, which may be that of a gateway on the way.
fn firewall(message: &str) -> Vec<String> {
    let quoted: Vec<&str> = message.split('\'').skip(1).step_by(2).collect();
    let server = quoted
        .first()
        .map_or("SERVER", |name| name.split('.').next().unwrap_or(name));
    let address = quoted
        .iter()
        .skip(1)
        .find(|text| text.parse::<std::net::IpAddr>().is_ok());
    let Some(address) = address else {
        return vec![
            "let this machine's address through the server's firewall (az sql server firewall-rule create)"
                .into(),
        ];
    };
    vec![
        format!(
            "to let it through: az sql server firewall-rule create --resource-group GROUP --server {server} --name dbvc \
             --start-ip-address {address} --end-ip-address {address}"
        ),
        "it takes up to five minutes to count; from within Azure, 0.0.0.0 as both addresses lets all of Azure in".into(),
    ]
}

fn is_tls(words: &str) -> bool {
    [
        "certificate",
        "tls handshake",
        "HandshakeFailure",
        "ProtocolVersion",
        "received fatal alert",
    ]
    .iter()
    .any(|sign| words.contains(sign))
}

/// What to do about a handshake that failed, by words in the TLS library's text.
const TLS_ADVICE: [(&str, &str); 8] = [
    (
        "UnknownIssuer",
        "the certificate's issuer is not among the trusted ones; give its certificate with `tls_ca=/path/ca.pem`, or trust \
         any with `trust_server_certificate=true`, which checks nothing, on a network you trust",
    ),
    (
        "CaUsedAsEndEntity",
        "the server shows a certificate that it made for itself; give it one that an issuer signed, or use \
         `trust_server_certificate=true` on a network you trust",
    ),
    (
        "UnsupportedCertVersion",
        "the server shows a certificate of an outdated version, such as it makes for itself; give it a new one, or use \
         `trust_server_certificate=true` on a network you trust",
    ),
    (
        "not valid for",
        "the certificate is for another host name: use that name in the URL, or say it with `host_name_in_certificate=…`",
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
        "ProtocolVersion",
        "server and client have no version of TLS in common; TLS 1.2 or 1.3 is needed",
    ),
    (
        "handshake eof",
        "the server ended the handshake; `encrypt=strict` (TDS 8) needs SQL Server 2022 or Azure SQL",
    ),
];

/// A failed handshake. What the library advises is for programmers, and is left out.
fn tls(words: &str) -> DriverError {
    let words = words.split(" To connect anyway").next().unwrap_or(words);
    let words = words.trim_end_matches('.');
    let made = DriverError::new(ErrorKind::Tls, Operation::Connect, words);
    match TLS_ADVICE.iter().find(|(sign, _)| words.contains(sign)) {
        Some((_, advice)) => made.with_note(*advice),
        None => made,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_firewall_that_refuses_is_answered_with_the_command_that_opens_it() {
        let notes = firewall(
            "Cannot open server 'shop-prod' requested by the login. Client with IP address '203.0.113.7' is not allowed to \
             access the server.",
        );
        assert!(notes[0].contains(
            "--server shop-prod --name dbvc --start-ip-address 203.0.113.7 --end-ip-address 203.0.113.7"
        ));
        let notes = firewall("Cannot open server 'x'. Client is not allowed");
        assert!(notes[0].contains("firewall-rule create"));
    }

    #[test]
    fn a_handshake_that_failed_says_what_to_do_and_not_what_programmers_do() {
        let made = tls(
            "the server's certificate was rejected during the TLS handshake: UnknownIssuer. To connect anyway you can: (1) \
             `Config::trust_cert_ca(path)`",
        );
        assert!(!made.message.contains("Config::"), "{}", made.message);
        assert!(made.notes[0].contains("tls_ca"), "{:?}", made.notes);
    }
}
