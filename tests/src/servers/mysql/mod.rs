//! An Oracle MySQL server for tests.
//!
//! Debian's stable releases have none, so it is unpacked from sid beside the system and run with its own C library.
//! Sid moves, and so this server may be missing for a while: it is optional.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;

use super::family::{self, Daemon, Plan};
use super::{Shareable, TestServer, Unavailable, given_url};

/// Where the programs are unpacked: a folder that the server's user may enter, and that outlives a run.
const HOME: &str = "/var/tmp/dbvc-test-mysql";
const UNPACK: &str = include_str!("unpack.sh");

/// A server of the environment, or one of our own that ends with this value, and with the process.
#[derive(Debug)]
pub struct MySqlServer {
    url: String,
    own: Option<Daemon>,
}

impl MySqlServer {
    /// The server that all tests of this process share; see [`shared`](super::shared()).
    ///
    /// # Panics
    /// Where it cannot be had and `DBVC_REQUIRE_SERVER` names `mysql`.
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

    /// The server's socket, where it was started here.
    pub fn socket(&self) -> Option<PathBuf> {
        self.own.as_ref().map(|daemon| daemon.folder.join("s.sock"))
    }
}

fn plan() -> Result<Plan, Unavailable> {
    let (program, mut words) = unpacked(Path::new(HOME)).or_else(installed).ok_or_else(|| {
        Unavailable::new(format!(
            "Oracle's `mysqld` was not found, neither on the PATH nor unpacked in {HOME}; `cargo xtask test` unpacks it \
             on Debian"
        ))
    })?;
    words.push("--secure-file-priv=NULL".into());
    let with = |more: &[&str]| {
        let mut all = vec![program.clone()];
        all.extend(words.iter().cloned());
        all.extend(more.iter().map(OsString::from));
        all
    };
    Ok(Plan {
        name: MySqlServer::NAME,
        scheme: "mysql",
        initialize: with(&["--initialize-insecure", "--innodb-redo-log-capacity=16M"]),
        server: with(&["--mysqlx=OFF", "--disable-log-bin", "--innodb-doublewrite=OFF"]),
        differing: &[],
    })
}

/// The server unpacked from sid, started through its own loader.
fn unpacked(root: &Path) -> Option<(OsString, Vec<OsString>)> {
    let libraries = root
        .join("usr/lib")
        .join(format!("{}-linux-gnu", std::env::consts::ARCH));
    let server = root.join("usr/sbin/mysqld");
    let loaders = ["ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1"];
    let loader = loaders
        .iter()
        .map(|name| libraries.join(name))
        .find(|file| file.is_file())?;
    if !server.is_file() {
        return None;
    }
    let option = |name: &str, inside: &str| {
        let mut word = OsString::from(name);
        word.push(root.join(inside));
        word
    };
    let words = vec![
        "--library-path".into(),
        libraries.into_os_string(),
        server.into_os_string(),
        "--no-defaults".into(),
        option("--basedir=", "usr"),
        option("--lc-messages-dir=", "usr/share/mysql"),
        option("--character-sets-dir=", "usr/share/mysql/charsets"),
        option("--plugin-dir=", "usr/lib/mysql/plugin"),
    ];
    Some((loader.into_os_string(), words))
}

/// A `mysqld` of the system, unless it is MariaDB's.
fn installed() -> Option<(OsString, Vec<OsString>)> {
    ["mysqld", "/usr/sbin/mysqld"].into_iter().find_map(|program| {
        let mut command = Command::new(program);
        let said = command.arg("--version").stderr(Stdio::null()).output().ok()?;
        let is_oracle = !String::from_utf8_lossy(&said.stdout).contains("MariaDB");
        (said.status.success() && is_oracle).then(|| (program.into(), vec!["--no-defaults".into()]))
    })
}

impl TestServer for MySqlServer {
    const NAME: &'static str = "mysql";
    const URL_VARIABLE: &'static str = "DBVC_TEST_MYSQL_URL";
    const OPTIONAL: bool = true;

    fn install() -> Result<(), Unavailable> {
        if plan().is_ok() {
            return Ok(());
        }
        let mut command = Command::new("sh");
        command.args(["-c", UNPACK, "unpack", HOME]).stdin(Stdio::null());
        match command.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(Unavailable::new(format!(
                "Oracle's MySQL could not be unpacked from Debian sid, see above: {status}"
            ))),
            Err(error) => Err(Unavailable::program("sh", &error)),
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

impl Shareable for MySqlServer {
    fn place() -> &'static OnceLock<Result<Self, Unavailable>> {
        static PLACE: OnceLock<Result<MySqlServer, Unavailable>> = OnceLock::new();
        &PLACE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_own_server_gives_databases_and_stops_when_it_is_dropped() {
        if plan().is_err() {
            assert!(!super::super::required(MySqlServer::NAME));
            return;
        }
        let server = MySqlServer::start_own().expect("a server");
        assert!(server.create_database("servers").is_ok());
        let socket = server.socket().expect("a socket");
        assert!(socket.exists());
        drop(server);
        assert!(!socket.exists());
    }
}
