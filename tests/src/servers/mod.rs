//! Real database servers for tests.
//!
//! A server comes from the environment (`DBVC_TEST_POSTGRES_URL`) or is started here, in a temporary folder and on
//! loopback only. `cargo xtask test` starts each server once, exports its address and so shares it among all test
//! binaries. A test asks with [`shared`] and returns early on `None`: the absence has then been printed, and where
//! `DBVC_REQUIRE_SERVER` names the server, the test has failed instead.
//!
//! ```no_run
//! use dbvc_tests::servers::{PostgresServer, TestServer as _};
//!
//! let Some(server) = PostgresServer::shared() else { return };
//! let url = server.create_database("orders").expect("a database of this test's own");
//! ```
//!
//! A new server is one module with an implementation of [`TestServer`] and one line in [`ALL`].

mod build_tools;
pub mod cosmos;
mod debian;
mod fake_clock;
mod family;
mod keeper;
pub mod mariadb;
pub mod mssql;
pub mod mysql;
mod pgbouncer;
pub mod postgres;
mod shared;
mod unavailable;

pub use build_tools::install_build_tools;
pub use cosmos::CosmosEmulator;
pub use fake_clock::{FAKE_CLOCK, fake_clock, install_fake_clock};
pub use mariadb::MariaDbServer;
pub use mssql::{MsSqlServer, one_at_a_time};
pub use mysql::MySqlServer;
pub use pgbouncer::PgBouncer;
pub use postgres::{End, PostgresServer};
pub use shared::{Shareable, required, shared, shared_or_reason};
pub use unavailable::Unavailable;

use std::any::Any;

/// A server that tests may fill with databases. Dropping it stops what was started, and nothing else.
pub trait TestServer: Sized + Send + Sync + 'static {
    /// The short name, as in `DBVC_REQUIRE_SERVER`.
    const NAME: &'static str;
    /// The environment variable with the address of a server to use instead of an own one.
    const URL_VARIABLE: &'static str;
    /// Whether the suites go on without it where it cannot be had.
    const OPTIONAL: bool = false;

    /// Installs the server's programs where that is possible without asking; does nothing where they are there.
    ///
    /// # Errors
    /// Where they are missing and cannot be installed; the text says how to do it by hand.
    fn install() -> Result<(), Unavailable>;

    /// Takes the server from the environment, or starts one.
    ///
    /// # Errors
    /// Where there is neither; the text says what is missing.
    fn start() -> Result<Self, Unavailable>;

    /// Address of the maintenance database, with the rights to create others.
    fn url(&self) -> &str;

    /// Creates an empty database and gives its address. The name is made unique, so that tests can run side by side.
    ///
    /// # Errors
    /// What the server said.
    fn create_database(&self, name: &str) -> Result<String, Unavailable>;
}

/// A server of any kind: what the test command needs to know.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// See [`TestServer::NAME`].
    pub name: &'static str,
    /// See [`TestServer::URL_VARIABLE`].
    pub url_variable: &'static str,
    /// See [`TestServer::OPTIONAL`].
    pub optional: bool,
    start: fn() -> Result<Running, Unavailable>,
}

/// Every server that the suites know and that one test command starts once. [`PgBouncer`] is none: it stands in front of
/// another one, and starts so fast that each process has its own.
pub const ALL: &[Kind] = &[
    Kind::of::<PostgresServer>(),
    Kind::of::<MariaDbServer>(),
    Kind::of::<MySqlServer>(),
    Kind::of::<MsSqlServer>(),
    Kind::of::<CosmosEmulator>(),
];

/// A started server; dropping it stops it.
#[derive(Debug)]
pub struct Running {
    /// Its address.
    pub url: String,
    _server: Box<dyn Any + Send>,
}

impl Kind {
    const fn of<S: TestServer>() -> Self {
        Self {
            name: S::NAME,
            url_variable: S::URL_VARIABLE,
            optional: S::OPTIONAL,
            start: start_any::<S>,
        }
    }

    /// Installs what is missing and starts the server, or takes the one of the environment.
    ///
    /// # Errors
    /// Where the server cannot be had here.
    pub fn start(&self) -> Result<Running, Unavailable> {
        (self.start)()
    }
}

/// The address in an environment variable; an empty one counts as none, as continuous integration likes to set it.
pub fn given_url(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|url| !url.trim().is_empty())
}

fn start_any<S: TestServer>() -> Result<Running, Unavailable> {
    if given_url(S::URL_VARIABLE).is_none() {
        S::install()?;
    }
    let server = S::start()?;
    Ok(Running {
        url: server.url().to_owned(),
        _server: Box::new(server),
    })
}
