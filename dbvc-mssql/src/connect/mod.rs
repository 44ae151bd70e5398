//! From a target to a connection.

use std::time::{Duration, Instant};

use dbvc_engine::driver::{Target, TargetError};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use percent_encoding::percent_decode_str;
use tiberius::error::Error;
use tiberius::{AuthMethod, Config, EncryptionLevel};
use tokio::net::TcpStream;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt};

mod token;

pub(crate) use token::TokenSource;

/// A connection as the library has it.
pub(crate) type Client = tiberius::Client<Compat<TcpStream>>;

/// A connection that has just been made.
pub(crate) struct Connected {
    /// The connection, which waits for answers without a limit of its own.
    pub(crate) client: Client,
    /// Where the token came from that the login was made with; none for a login with a password.
    pub(crate) renewal: Option<TokenSource>,
    /// When the login was done.
    pub(crate) since: Instant,
}

const DEFAULT_PORT: u16 = 1433;
/// As the clients of SQL Server have it (`Connect Timeout`).
const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// A gateway sends its clients on once; more is a circle.
const REDIRECTS: usize = 3;

/// What a target's URL says.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    config: Config,
    timeout: Duration,
}

impl Settings {
    /// Reads a target's URL.
    pub(crate) fn read(target: &Target) -> Result<Self, TargetError> {
        let url = target.reveal_url();
        let mut config = Config::new();
        config.host(url.host_str().unwrap_or("localhost"));
        config.port(url.port().unwrap_or(DEFAULT_PORT));
        config.database(decoded(url.path().trim_start_matches('/')));
        config.application_name(&target.application_name);
        config.encryption(EncryptionLevel::Required);
        config.command_timeout(None);
        if !url.username().is_empty() {
            config.authentication(AuthMethod::sql_server(
                decoded(url.username()),
                decoded(url.password().unwrap_or_default()),
            ));
        }
        Ok(Self {
            config,
            timeout: CONNECT_TIMEOUT,
        })
    }
}

/// Opens one connection: login, encryption and redirects are done.
pub(crate) async fn open(target: &Target) -> Result<Connected> {
    let settings = Settings::read(target)
        .map_err(|error| DriverError::new(ErrorKind::Unsupported, Operation::Connect, error.to_string()))?;
    let client = tokio::time::timeout(settings.timeout, login(settings.config.clone()))
        .await
        .map_err(|_| DriverError::new(ErrorKind::Unreachable, Operation::Connect, "no answer"))?
        .map_err(|error| {
            DriverError::new(
                ErrorKind::Unreachable,
                Operation::Connect,
                target.redact(&error.to_string()),
            )
        })?;
    Ok(Connected {
        client,
        renewal: None,
        since: Instant::now(),
    })
}

async fn login(mut config: Config) -> Result<Client, Error> {
    let mut redirects = 0;
    loop {
        let stream = TcpStream::connect(config.get_addr()).await?;
        stream.set_nodelay(true)?;
        match tiberius::Client::connect(config.clone(), stream.compat_write()).await {
            Err(Error::Routing { host, port }) if redirects < REDIRECTS => {
                redirects += 1;
                config.host(host);
                config.port(port);
            }
            other => return other,
        }
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
