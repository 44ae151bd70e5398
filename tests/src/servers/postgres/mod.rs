//! A PostgreSQL server for tests.

mod cluster;
mod database;
mod programs;

use std::sync::OnceLock;

use super::{Shareable, TestServer, Unavailable, debian, given_url};
use cluster::Cluster;
pub use cluster::End;
use programs::Programs;

pub(super) use cluster::{free_port, write_unprivileged};
pub(super) use programs::{is_root, output, unprivileged};

/// A server of the environment, or a cluster of our own that ends with this value, and with the process.
#[derive(Debug)]
pub struct PostgresServer {
    url: String,
    programs: Programs,
    own: Option<Cluster>,
}

impl PostgresServer {
    /// The server that all tests of this process share; see [`shared`](super::shared()).
    ///
    /// # Panics
    /// Where it cannot be had and `DBVC_REQUIRE_SERVER` names `postgres`.
    pub fn shared() -> Option<&'static Self> {
        super::shared::<Self>()
    }

    /// Whether the server was started by this value, and not given by the environment.
    pub fn is_own(&self) -> bool {
        self.own.is_some()
    }

    /// Copies what is in one database into another, empty one, by `pg_dump` and `psql`.
    ///
    /// # Errors
    /// What the programs said.
    pub fn copy_database(&self, from: &str, to: &str) -> Result<(), Unavailable> {
        let mut dump = self.programs.command("pg_dump");
        dump.args(["--dbname", from]);
        let text = output(dump)?;
        let file = tempfile::NamedTempFile::new().map_err(|error| Unavailable::program("pg_dump", &error))?;
        std::fs::write(file.path(), text).map_err(|error| Unavailable::program("pg_dump", &error))?;
        let mut restore = self.programs.command("psql");
        restore
            .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "--dbname", to, "--file"])
            .arg(file.path());
        output(restore).map(drop)
    }

    /// Starts a cluster of its own, whatever the environment says: for tests that stop or reconfigure their server.
    ///
    /// # Errors
    /// Where the server's programs are missing or the cluster does not come up.
    pub fn start_own() -> Result<Self, Unavailable> {
        Self::start_own_with(Cluster::start)
    }

    /// The same with a cluster that, as one in production, loses in a crash what no commit waited for.
    ///
    /// # Errors
    /// As [`start_own`](Self::start_own).
    pub fn start_own_lazy() -> Result<Self, Unavailable> {
        Self::start_own_with(Cluster::start_lazy)
    }

    /// The same with a cluster that waits for the disk as one in production does: for measurements.
    ///
    /// # Errors
    /// As [`start_own`](Self::start_own).
    pub fn start_own_durable() -> Result<Self, Unavailable> {
        Self::start_own_with(Cluster::start_durable)
    }

    fn start_own_with(start: fn(&Programs) -> Result<Cluster, Unavailable>) -> Result<Self, Unavailable> {
        let programs = Programs::find_server()?;
        let cluster = start(&programs)?;
        Ok(Self {
            url: cluster.url(),
            programs,
            own: Some(cluster),
        })
    }

    /// Ends an own server.
    ///
    /// # Errors
    /// Where it is not an own one, or does not end.
    pub fn end(&self, how: End) -> Result<(), Unavailable> {
        self.own()?.end(how)
    }

    /// Starts an own server that has ended, at the address that it had.
    ///
    /// # Errors
    /// Where it is not an own one, or does not come up.
    pub fn start_again(&self) -> Result<(), Unavailable> {
        self.own()?.start_again()
    }

    fn own(&self) -> Result<&Cluster, Unavailable> {
        let none = || Unavailable::new("the server was given, so it is left alone");
        self.own.as_ref().ok_or_else(none)
    }
}

impl TestServer for PostgresServer {
    const NAME: &'static str = "postgres";
    const URL_VARIABLE: &'static str = "DBVC_TEST_POSTGRES_URL";

    fn install() -> Result<(), Unavailable> {
        match Programs::find_server() {
            Ok(_) => Ok(()),
            Err(_) => debian::install(&["postgresql"]),
        }
    }

    fn start() -> Result<Self, Unavailable> {
        match given_url(Self::URL_VARIABLE) {
            Some(url) => Ok(Self {
                url,
                programs: Programs::find_client()?,
                own: None,
            }),
            None => Self::start_own(),
        }
    }

    fn url(&self) -> &str {
        &self.url
    }

    fn create_database(&self, name: &str) -> Result<String, Unavailable> {
        database::create(&self.programs, &self.url, name)
    }
}

impl Shareable for PostgresServer {
    fn place() -> &'static OnceLock<Result<Self, Unavailable>> {
        static PLACE: OnceLock<Result<PostgresServer, Unavailable>> = OnceLock::new();
        &PLACE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_server_gives_each_test_a_database_of_its_own() {
        let Some(server) = PostgresServer::shared() else {
            return;
        };
        let first = server.create_database("servers").expect("a database");
        let second = server.create_database("servers").expect("another database");
        assert_ne!(first, second);
        assert!(
            server.create_database("no \"quote").is_ok(),
            "odd names are quoted by the program"
        );
    }

    #[test]
    fn an_own_server_stops_when_it_is_dropped() {
        if PostgresServer::shared().is_none() || Programs::find_server().is_err() {
            return;
        }
        let server = PostgresServer::start_own().expect("a cluster");
        assert!(server.is_own());
        let address = server.own.as_ref().expect("a cluster").address();
        assert!(std::net::TcpStream::connect(&address).is_ok());
        drop(server);
        assert!(std::net::TcpStream::connect(&address).is_err());
    }
}
