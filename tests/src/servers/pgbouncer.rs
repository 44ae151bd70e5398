//! A transaction pooler in front of a PostgreSQL server.

use std::fmt::Write as _;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::keeper::Keeper;
use super::postgres::{free_port, unprivileged};
use super::{PostgresServer, Shareable, TestServer, Unavailable, debian, given_url};

/// Where Debian and others put it; it is a system program, so often not on the PATH.
const PLACES: &[&str] = &[
    "/usr/sbin",
    "/usr/local/sbin",
    "/usr/bin",
    "/usr/local/bin",
    "/opt/homebrew/bin",
];
const STARTS_WITHIN: Duration = Duration::from_secs(10);

/// `PgBouncer` with `pool_mode=transaction`: each transaction may be served by another of the server's processes. It ends
/// with this value, and with the process.
#[derive(Debug)]
pub struct PgBouncer {
    url: String,
    _keeper: Option<Keeper>,
}

impl PgBouncer {
    /// The pooler that all tests of this process share, in front of [`PostgresServer::shared`]; see
    /// [`shared`](super::shared()).
    ///
    /// # Panics
    /// Where it cannot be had and `DBVC_REQUIRE_SERVER` names `pgbouncer`.
    pub fn shared() -> Option<&'static Self> {
        super::shared::<Self>()
    }

    /// The way through the pooler to the database at `url`, which is on the server behind it.
    pub fn to(&self, url: &str) -> String {
        let database = url.rsplit_once('/').map_or("", |(_, database)| database);
        with_path(&self.url, database)
    }

    fn start_own(server: &PostgresServer) -> Result<Self, Unavailable> {
        let program = program()?;
        let mut make = unprivileged(Path::new("mktemp"));
        make.arg("-d")
            .arg(std::env::temp_dir().join("dbvc-pgbouncer-XXXXXX"));
        let folder = PathBuf::from(super::postgres::output(make)?);
        let pid_file = folder.join("pid");
        // QUIT is an immediate shutdown.
        let keeper = Keeper::watch(&pid_file, "QUIT", &folder)?;
        let behind = Address::of(server.url())?;
        let port = free_port()?;
        let settings = folder.join("pgbouncer.ini");
        super::postgres::write_unprivileged(&settings, &behind.settings(port, &folder))?;
        let mut command = unprivileged(&program);
        command
            .args(["-d", "-q"])
            .arg(&settings)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        run(command)?;
        listening(port, &folder)?;
        let login = behind.login;
        Ok(Self {
            url: format!("postgres://{login}@127.0.0.1:{port}/postgres"),
            _keeper: Some(keeper),
        })
    }
}

impl TestServer for PgBouncer {
    const NAME: &'static str = "pgbouncer";
    const URL_VARIABLE: &'static str = "DBVC_TEST_PGBOUNCER_URL";

    fn install() -> Result<(), Unavailable> {
        match program() {
            Ok(_) => Ok(()),
            Err(_) => debian::install(&["pgbouncer"]),
        }
    }

    fn start() -> Result<Self, Unavailable> {
        if let Some(url) = given_url(Self::URL_VARIABLE) {
            return Ok(Self { url, _keeper: None });
        }
        let server = super::shared_or_reason::<PostgresServer>()
            .map_err(|reason| Unavailable::new(format!("nothing to stand in front of: {reason}")))?;
        Self::start_own(server)
    }

    fn url(&self) -> &str {
        &self.url
    }

    /// On the server behind; see [`PgBouncer::to`].
    fn create_database(&self, name: &str) -> Result<String, Unavailable> {
        let server = super::shared_or_reason::<PostgresServer>()
            .map_err(|reason| Unavailable::new(reason.to_string()))?;
        Ok(self.to(&server.create_database(name)?))
    }
}

impl Shareable for PgBouncer {
    fn place() -> &'static OnceLock<Result<Self, Unavailable>> {
        static PLACE: OnceLock<Result<PgBouncer, Unavailable>> = OnceLock::new();
        &PLACE
    }
}

/// The parts of `postgres://login@host/…`.
struct Address {
    login: String,
    host: String,
    port: String,
}

impl Address {
    fn of(url: &str) -> Result<Self, Unavailable> {
        let parts = url.split_once("://").and_then(|(_, rest)| {
            let (login, place) = rest.split('/').next()?.rsplit_once('@')?;
            let (host, port) = place.rsplit_once(':').unwrap_or((place, "5432"));
            Some(Self {
                login: login.to_owned(),
                host: host.to_owned(),
                port: port.to_owned(),
            })
        });
        parts.ok_or_else(|| Unavailable::new("the server's address names no login"))
    }

    /// Few connections to the server, so that a client is soon served by another one's; the login is the pooler's own,
    /// because it only has to be told which password the server wants.
    fn settings(&self, port: u16, folder: &Path) -> String {
        let (user, password) = self.login.split_once(':').unwrap_or((&self.login, ""));
        let mut text = String::from("[databases]\n");
        let _ = writeln!(
            text,
            "* = host={} port={} user={user} password={password}",
            self.host, self.port
        );
        let _ = write!(
            text,
            "[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n\
             pool_mode = transaction\ndefault_pool_size = 6\nmax_client_conn = 200\nserver_idle_timeout = 2\n\
             ignore_startup_parameters = extra_float_digits\n\
             logfile = {folder}/log\npidfile = {folder}/pid\n",
            folder = folder.display(),
        );
        text
    }
}

fn program() -> Result<PathBuf, Unavailable> {
    let found = PLACES
        .iter()
        .map(|place| Path::new(place).join("pgbouncer"))
        .find(|program| program.is_file());
    found.ok_or_else(|| {
        Unavailable::new(
            "`pgbouncer` was not found; install PgBouncer (Debian: apt-get install -y --no-install-recommends pgbouncer)",
        )
    })
}

fn run(mut command: Command) -> Result<(), Unavailable> {
    let status = command
        .status()
        .map_err(|error| Unavailable::program("pgbouncer", &error))?;
    if status.success() {
        return Ok(());
    }
    Err(Unavailable::new(format!("pgbouncer: {status}")))
}

fn listening(port: u16, folder: &Path) -> Result<(), Unavailable> {
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if begun.elapsed() > STARTS_WITHIN {
            let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
            return Err(Unavailable::new(format!("pgbouncer does not answer\n{log}")));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

fn with_path(url: &str, path: &str) -> String {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..].find('/').map_or(url.len(), |at| start + at);
    format!("{}/{path}", &url[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_behind_it_is_named_by_its_own_address() {
        let Some(pooler) = PgBouncer::shared() else {
            return;
        };
        let url = pooler.create_database("pooled").expect("a database");
        assert!(url.starts_with(pooler.url.trim_end_matches("postgres")), "{url}");
    }

    #[test]
    fn an_address_is_taken_apart() {
        let address = Address::of("postgres://ann:word@h:1/a").expect("an address");
        assert_eq!(
            (
                address.login.as_str(),
                address.host.as_str(),
                address.port.as_str()
            ),
            ("ann:word", "h", "1")
        );
        assert!(Address::of("postgres://h/a").is_err());
    }
}
