//! Opening a connection: redirects, tokens, and faults that pass.

use std::time::Duration;

use dbvc_engine::driver::Target;
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use tiberius::error::Error;
use tiberius::{Config, SqlBrowser};
use tokio::net::TcpStream;
use tokio_util::compat::TokioAsyncWriteCompatExt;

use super::auth::Login;
use super::{Client, Connected, Settings, TokenSource};

/// A gateway sends its clients on once; more is a circle.
const REDIRECTS: usize = 3;
/// The first pause before another try; each one is twice as long, up to the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);
/// How often a database that is not there is asked for again, over some fifteen seconds: in Azure one that just wakes up
/// may say so (4060), and so does one that does not exist.
const TRIES_FOR_A_DATABASE: u32 = 6;

/// Why there is no connection.
pub(super) enum Tried {
    TimedOut(Option<Error>),
    NoToken(String),
    Failed(Error),
}

/// Opens one connection: login, encryption and redirects are done. Faults that Azure SQL says will pass are tried again
/// until the time for a login is over: nothing has been done yet that could be done twice.
pub(crate) async fn open(target: &Target) -> Result<Connected> {
    let settings = Settings::read(target)
        .map_err(|error| DriverError::new(ErrorKind::Unsupported, Operation::Connect, error.to_string()))?;
    let source = match &settings.login {
        Login::Entra(identity) => Some(TokenSource::of(identity, settings.scope)),
        _ => None,
    };
    let client = settings
        .connect(source.as_ref())
        .await
        .map_err(|tried| settings.explain(tried, target))?;
    Ok(Connected { client })
}

impl Settings {
    async fn connect(&self, source: Option<&TokenSource>) -> Result<Client, Tried> {
        let end = tokio::time::Instant::now() + self.timeout;
        let mut config = self.config.clone();
        let mut last = None;
        let mut pause = FIRST_PAUSE;
        let mut tries = 0;
        loop {
            let once = async {
                let method = self.login.method(source).await.map_err(Tried::NoToken)?;
                config.authentication(method);
                login(config.clone()).await.map_err(Tried::Failed)
            };
            let failure = match tokio::time::timeout_at(end, once).await {
                Ok(Ok(client)) => return Ok(client),
                Ok(Err(failure)) => failure,
                Err(_) => return Err(Tried::TimedOut(last)),
            };
            tries += 1;
            match failure {
                Tried::Failed(error)
                    if self.passes(&error, tries) && tokio::time::Instant::now() + pause < end =>
                {
                    last = Some(error);
                }
                other => return Err(other),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Whether another try may find it gone (Microsoft Learn, "Troubleshoot transient connection errors in SQL Database
    /// and SQL Managed Instance").
    fn passes(&self, error: &Error, tries: u32) -> bool {
        match error.code() {
            // Busy, moving, waking up, or at a limit of requests; 4221: a readable copy that is being made; 18401: the
            // server is being brought to another version, and lets nobody in.
            Some(
                4221
                | 10_928
                | 10_929
                | 18_401
                | 40_143
                | 40_197
                | 40_501
                | 40_540
                | 40_613
                | 42_108
                | 42_109
                | 49_918..=49_920,
            ) => true,
            Some(4060) => self.azure && tries < TRIES_FOR_A_DATABASE,
            // A gateway that hands a database over to another node.
            None => self.azure && tries < TRIES_FOR_A_DATABASE && is_broken_off(error),
            _ => false,
        }
    }
}

fn is_broken_off(error: &Error) -> bool {
    use tiberius::error::IoErrorKind::{ConnectionAborted, ConnectionReset, UnexpectedEof};
    matches!(
        error,
        Error::Io {
            kind: ConnectionAborted | ConnectionReset | UnexpectedEof,
            ..
        }
    )
}

async fn login(mut config: Config) -> Result<Client, Error> {
    let mut redirects = 0;
    loop {
        let stream = TcpStream::connect_named(&config).await?;
        let talk = tiberius::Client::connect(config.clone(), stream.compat_write());
        // Its state is large, and every call above would carry it.
        match Box::pin(talk).await {
            Err(Error::Routing { host, port }) if redirects < REDIRECTS => {
                redirects += 1;
                // Some gateways name an instance too, which the port already means.
                config.host(host.split('\\').next().unwrap_or_default());
                config.port(port);
            }
            other => return other,
        }
    }
}
