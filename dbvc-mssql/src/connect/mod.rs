//! From a target to a connection.

mod assertion;
mod auth;
mod explain;
mod open;
mod options;
mod token;

use std::time::Duration;

use dbvc_engine::driver::{Secret, Target, TargetError};
use percent_encoding::percent_decode_str;
use tiberius::{AuthMethod, Config, EncryptionLevel};
use tokio::net::TcpStream;
use tokio_util::compat::Compat;

use auth::Login;
use options::{Asked, Encrypt};

pub(crate) use open::open;
use token::TokenSource;

/// A connection as the library has it.
pub(crate) type Client = tiberius::Client<Compat<TcpStream>>;

/// A connection that has just been made.
pub(crate) struct Connected {
    /// The connection, which waits for answers without a limit of its own.
    pub(crate) client: Client,
}

const DEFAULT_PORT: u16 = 1433;
/// As the clients of SQL Server have it (`Connect Timeout`).
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// A serverless database in Azure that sleeps takes most of a minute to wake up (Microsoft Learn, "Serverless compute
/// tier for Azure SQL Database").
const AZURE_TIMEOUT: Duration = Duration::from_mins(1);
/// What tokens are asked for (Microsoft Learn, "Microsoft Entra authentication for Azure SQL").
const PUBLIC_SCOPE: &str = "https://database.windows.net/.default";
/// Hosts in Azure's clouds, the public one's, China's and the government's, with what tokens for them are asked for.
const AZURE_HOSTS: [(&str, &str); 6] = [
    (".database.windows.net", PUBLIC_SCOPE),
    (".sql.azuresynapse.net", PUBLIC_SCOPE),
    (".datawarehouse.fabric.microsoft.com", PUBLIC_SCOPE),
    (".database.fabric.microsoft.com", PUBLIC_SCOPE),
    (
        ".database.chinacloudapi.cn",
        "https://database.chinacloudapi.cn/.default",
    ),
    (
        ".database.usgovcloudapi.net",
        "https://database.usgovcloudapi.net/.default",
    ),
];

/// What a target's URL says.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    config: Config,
    login: Login,
    /// For messages.
    server: String,
    port: u16,
    /// The database.
    pub(crate) database: String,
    encrypt: Encrypt,
    timeout: Duration,
    azure: bool,
    /// What a token is asked for.
    scope: &'static str,
}

impl Settings {
    /// Reads a target's URL.
    pub(crate) fn read(target: &Target) -> Result<Self, TargetError> {
        let url = target.reveal_url();
        let database = decoded(url.path().trim_start_matches('/'));
        if database.is_empty() || database.contains('/') {
            return Err(part(
                "database",
                "none is named; write `mssql://user@host/database`, or `Database=…` in a connection string, so that no other \
                 one is changed by mistake",
            ));
        }
        let mut asked = Asked::default();
        for (key, value) in url.query_pairs() {
            asked.take(&key, &value)?;
        }
        let place = Place::read(
            url.host_str().unwrap_or_default(),
            url.port(),
            asked.instance.take(),
        )?;
        let cloud = AZURE_HOSTS
            .iter()
            .find(|(domain, _)| place.host.to_ascii_lowercase().ends_with(domain));
        let azure = cloud.is_some() || target.scheme() == "azuresql";
        let local = matches!(place.host.as_str(), "localhost" | "127.0.0.1" | "::1");
        let encrypt = asked.settle(local)?;
        let user = (!url.username().is_empty()).then(|| decoded(url.username()));
        let password = url.password().map(|password| Secret::new(decoded(password)));
        let login = Login::settle(&asked, user, password, azure)?;
        let default_timeout = if azure { AZURE_TIMEOUT } else { CONNECT_TIMEOUT };
        Ok(Self {
            config: config(target, &place, &database, encrypt, &asked),
            login,
            port: place.port.unwrap_or(DEFAULT_PORT),
            server: place.shown(),
            database,
            encrypt,
            timeout: asked.timeout.unwrap_or(default_timeout),
            azure,
            scope: cloud.map_or(PUBLIC_SCOPE, |(_, scope)| *scope),
        })
    }
}

/// Where the server is.
struct Place {
    host: String,
    port: Option<u16>,
    instance: Option<String>,
}

impl Place {
    /// Reads `host`, `host\instance`, `.` and `(local)`. A port is stronger than an instance's name, as it is for
    /// Microsoft's drivers.
    fn read(written: &str, port: Option<u16>, instance: Option<String>) -> Result<Self, TargetError> {
        let host = decoded(written);
        let host = host.trim_matches(['[', ']']);
        let (host, named) = match host.split_once('\\') {
            Some((host, instance)) => (host, Some(instance.to_owned())),
            None => (host, None),
        };
        if named.is_some() && instance.is_some() && named != instance {
            return Err(part("instance", "the host names another one; give one of them"));
        }
        if let Some((_, behind)) = host.split_once(',') {
            return Err(part(
                "port",
                format!(
                    "`{behind}` is none: behind the host's comma stands a number from 1 to 65535, as in `host,1433`"
                ),
            ));
        }
        let host = match host.to_ascii_lowercase().as_str() {
            "" | "." | "(local)" => "localhost".to_owned(),
            "(localdb)" => {
                return Err(part(
                    "host",
                    "LocalDB is only reached over Windows' named pipes; use an instance that listens on TCP",
                ));
            }
            _ => host.to_owned(),
        };
        let instance = named
            .or(instance)
            .filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("MSSQLSERVER"));
        Ok(Self {
            host,
            port,
            instance: instance.filter(|_| port.is_none()),
        })
    }

    fn shown(&self) -> String {
        match &self.instance {
            Some(instance) => format!("{}\\{instance}", self.host),
            None => self.host.clone(),
        }
    }
}

fn config(target: &Target, place: &Place, database: &str, encrypt: Encrypt, asked: &Asked) -> Config {
    let mut config = Config::new();
    config.host(if place.host.contains(':') {
        format!("[{}]", place.host)
    } else {
        place.host.clone()
    });
    match (&place.instance, place.port) {
        (Some(instance), _) => config.instance_name(instance),
        (None, port) => config.port(port.unwrap_or(DEFAULT_PORT)),
    }
    if place.host.contains(':') {
        // The library takes one text for the address, which wants brackets, and for the certificate, which has none.
        config.hostname_in_certificate(&place.host);
    }
    if let Some(name) = &asked.name_in_certificate {
        config.hostname_in_certificate(name);
    }
    config.database(database);
    config.application_name(asked.application.as_deref().unwrap_or(&target.application_name));
    if let Some(name) = &asked.workstation {
        config.client_name(name);
    }
    config.encryption(match encrypt {
        Encrypt::Strict => EncryptionLevel::Strict,
        Encrypt::Mandatory => EncryptionLevel::Required,
        Encrypt::Login => EncryptionLevel::Off,
        Encrypt::Nothing => EncryptionLevel::NotSupported,
    });
    if asked.trust {
        config.trust_cert();
    } else if let Some(authority) = &asked.authority {
        config.trust_cert_ca_bundle(authority.clone());
    }
    if let Some(size) = asked.packet_size {
        config.packet_size(size);
    }
    config.multi_subnet_failover(asked.multi_subnet);
    // A migration takes the time it takes, and how long a login may take is measured here as a whole.
    config.command_timeout(None);
    config.handshake_timeout(None);
    config
}

impl Login {
    /// As the library has it, with a token that is fresh.
    async fn method(&self, source: Option<&TokenSource>) -> Result<AuthMethod, String> {
        Ok(match (self, source) {
            (Self::Password { user, password }, _) => AuthMethod::sql_server(user, password.reveal()),
            (Self::Token(token), _) => AuthMethod::aad_token(token.reveal()),
            (Self::Entra(_), Some(source)) => AuthMethod::aad_token(source.token().await?.reveal()),
            (Self::Entra(_), None) => return Err("nothing says where it comes from".to_owned()),
        })
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

fn part(part: &str, reason: impl Into<String>) -> TargetError {
    TargetError::Part {
        part: part.into(),
        reason: reason.into(),
    }
}

#[cfg(test)]
mod tests;
// Microsoft's mock wants OpenSSL, which is easy to have on Linux only.
#[cfg(all(test, target_os = "linux"))]
mod wire;
