//! A MariaDB server for tests.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::family::{self, Daemon, Plan};
use super::{End, Shareable, TestServer, Unavailable, debian, given_url};

/// A server of the environment, or one of our own that ends with this value, and with the process.
#[derive(Debug)]
pub struct MariaDbServer {
    url: String,
    own: Option<Daemon>,
}

impl MariaDbServer {
    /// The server that all tests of this process share; see [`shared`](super::shared()).
    ///
    /// # Panics
    /// Where it cannot be had and `DBVC_REQUIRE_SERVER` names `mariadb`.
    pub fn shared() -> Option<&'static Self> {
        super::shared::<Self>()
    }

    /// Starts a server of its own, whatever the environment says: for tests that stop or reconfigure it.
    ///
    /// # Errors
    /// Where the server's programs are missing or it does not come up.
    pub fn start_own() -> Result<Self, Unavailable> {
        Self::start_own_with(&[])
    }

    /// The same with more of the server's options, such as `--skip-ssl`.
    ///
    /// # Errors
    /// As [`start_own`](Self::start_own).
    pub fn start_own_with(options: &[String]) -> Result<Self, Unavailable> {
        let mut plan = plan()?;
        plan.server.extend(options.iter().map(OsString::from));
        let daemon = Daemon::start(&plan)?;
        Ok(Self {
            url: daemon.url.clone(),
            own: Some(daemon),
        })
    }

    /// The same with the durability that it has by default, for measurements and crashes: what is committed is on disk.
    ///
    /// # Errors
    /// As [`MariaDbServer::start_own`].
    pub fn start_own_durable() -> Result<Self, Unavailable> {
        let mut plan = plan()?;
        plan.differing = &[
            "--innodb-flush-log-at-trx-commit=1",
            "--innodb-flush-method=O_DIRECT",
            "--skip-debug-no-sync",
        ];
        let daemon = Daemon::start(&plan)?;
        Ok(Self {
            url: daemon.url.clone(),
            own: Some(daemon),
        })
    }

    /// Runs a statement of an administrator.
    ///
    /// # Errors
    /// What the server or its client has to say.
    pub fn run(&self, sql: &str) -> Result<(), Unavailable> {
        family::run(&self.url, sql)
    }

    /// The server program's name for its version, where it is installed here.
    pub fn version(&self) -> Option<String> {
        let output = std::process::Command::new(find("mariadbd")?)
            .arg("--version")
            .output()
            .ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let version = text.split_whitespace().skip_while(|word| *word != "Ver").nth(1)?;
        Some(format!("MariaDB {version}"))
    }

    /// Ends an own server; its databases stay. `Immediate` is `Killed` here.
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

    fn own(&self) -> Result<&Daemon, Unavailable> {
        let none = || Unavailable::new("the server was given, so it is left alone");
        self.own.as_ref().ok_or_else(none)
    }

    /// The server's socket, where it was started here.
    pub fn socket(&self) -> Option<PathBuf> {
        self.own.as_ref().map(|daemon| daemon.folder.join("s.sock"))
    }

    /// The port, where it was started here.
    pub fn port(&self) -> Option<u16> {
        self.own.as_ref().map(|daemon| daemon.port)
    }
}

fn find(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&folders)
        .chain(["/usr/sbin", "/usr/bin", "/usr/local/bin"].map(PathBuf::from))
        .map(|folder| folder.join(program))
        .find(|file| Path::is_file(file))
}

fn plan() -> Result<Plan, Unavailable> {
    let (Some(server), Some(installer)) = (find("mariadbd"), find("mariadb-install-db")) else {
        return Err(Unavailable::new(
            "MariaDB's `mariadbd` was not found; install MariaDB (Debian: apt-get install -y \
             --no-install-recommends mariadb-server) or put its programs on the PATH",
        ));
    };
    let words = |program: PathBuf, words: &[&str]| {
        let mut all = vec![program.into_os_string()];
        all.extend(words.iter().map(OsString::from));
        all
    };
    Ok(Plan {
        name: MariaDbServer::NAME,
        scheme: "mariadb",
        initialize: words(
            installer,
            &[
                "--no-defaults",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
            ],
        ),
        server: words(server, &["--no-defaults", "--skip-log-bin", "--debug-no-sync"]),
        differing: &[],
    })
}

impl TestServer for MariaDbServer {
    const NAME: &'static str = "mariadb";
    const URL_VARIABLE: &'static str = "DBVC_TEST_MARIADB_URL";

    fn install() -> Result<(), Unavailable> {
        match plan() {
            Ok(_) => Ok(()),
            Err(_) => debian::install(&["mariadb-server"]),
        }
    }

    fn start() -> Result<Self, Unavailable> {
        match given_url(Self::URL_VARIABLE) {
            Some(url) => Ok(Self { url, own: None }),
            None => Self::start_own(),
        }
    }

    fn url(&self) -> &str {
        &self.url
    }

    fn create_database(&self, name: &str) -> Result<String, Unavailable> {
        family::create_database(&self.url, name)
    }
}

impl Shareable for MariaDbServer {
    fn place() -> &'static OnceLock<Result<Self, Unavailable>> {
        static PLACE: OnceLock<Result<MariaDbServer, Unavailable>> = OnceLock::new();
        &PLACE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_own_server_gives_databases_and_stops_when_it_is_dropped() {
        if plan().is_err() {
            assert!(!super::super::required(MariaDbServer::NAME));
            return;
        }
        let server = MariaDbServer::start_own().expect("a server");
        let first = server.create_database("servers").expect("a database");
        let second = server.create_database("servers").expect("another database");
        assert_ne!(first, second);
        let (port, socket) = (server.port().expect("a port"), server.socket().expect("a socket"));
        assert!(socket.exists());
        drop(server);
        assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
        assert!(!socket.exists());
    }
}
