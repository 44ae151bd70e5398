//! An emulator of Azure Cosmos DB over TLS: the one of the npm package, with node of this machine.

use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::keeper::Keeper;
use super::postgres::free_port;
use super::{Shareable, TestServer, Unavailable, debian, given_url};

const PACKAGE: &str = "@vercel/cosmosdb-server";
const VERSION: &str = "1.0.1";
const STARTS_WITHIN: Duration = Duration::from_secs(30);
/// Any key will do; this one is base64, as the library wants it.
const KEY: &str = "ZGJ2Yy10ZXN0";

/// A running emulator, or the one of the environment. It ends with this value, and with the process.
#[derive(Debug)]
pub struct CosmosEmulator {
    url: String,
    keeper: Option<Keeper>,
    process: Mutex<Option<Child>>,
}

impl CosmosEmulator {
    /// The emulator that all tests of this process share; see [`shared`](super::shared()).
    ///
    /// # Panics
    /// Where it cannot be had and `DBVC_REQUIRE_SERVER` names `cosmos`.
    pub fn shared() -> Option<&'static Self> {
        super::shared::<Self>()
    }

    fn start_own() -> Result<Self, Unavailable> {
        let modules = modules();
        if !modules.join(PACKAGE).is_dir() {
            return Err(Unavailable::new(format!(
                "`{PACKAGE}` is not installed; `cargo xtask test` does that, with npm"
            )));
        }
        let folder = tempfile::Builder::new()
            .prefix("dbvc-cosmos-")
            .tempdir()
            .map_err(|error| Unavailable::new(format!("no folder: {error}")))?
            .keep();
        let pid_file = folder.join("pid");
        let keeper = Keeper::watch(&pid_file, "TERM", &folder)?;
        let port = free_port()?;
        let script = folder.join("shim.js");
        std::fs::write(&script, include_str!("shim.js"))
            .map_err(|error| Unavailable::new(format!("{}: {error}", script.display())))?;
        let process = Command::new("node")
            .arg(&script)
            .arg(port.to_string())
            .arg(&pid_file)
            .env("NODE_PATH", &modules)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| Unavailable::program("node", &error))?;
        listening(port)?;
        Ok(Self {
            url: format!("AccountEndpoint=https://127.0.0.1:{port}/;AccountKey={KEY}"),
            keeper: Some(keeper),
            process: Mutex::new(Some(process)),
        })
    }
}

impl Drop for CosmosEmulator {
    fn drop(&mut self) {
        drop(self.keeper.take());
        let process = self.process.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(mut process) = process.take() {
            let _ = process.wait();
        }
    }
}

impl TestServer for CosmosEmulator {
    const NAME: &'static str = "cosmos";
    const URL_VARIABLE: &'static str = "DBVC_TEST_COSMOS_URL";
    const OPTIONAL: bool = true;

    fn install() -> Result<(), Unavailable> {
        if modules().join(PACKAGE).is_dir() {
            return Ok(());
        }
        if !answers("node") || !answers("npm") {
            debian::install(&["nodejs", "npm"])?;
        }
        let prefix = prefix();
        std::fs::create_dir_all(&prefix)
            .map_err(|error| Unavailable::new(format!("{}: {error}", prefix.display())))?;
        let status = Command::new("npm")
            .args(["install", "--no-audit", "--no-fund", "--no-save", "--prefix"])
            .arg(&prefix)
            .arg(format!("{PACKAGE}@{VERSION}"))
            .stdin(Stdio::null())
            .status()
            .map_err(|error| Unavailable::program("npm", &error))?;
        if status.success() {
            Ok(())
        } else {
            Err(Unavailable::new(format!(
                "npm install {PACKAGE}@{VERSION}: {status}"
            )))
        }
    }

    fn start() -> Result<Self, Unavailable> {
        match given_url(Self::URL_VARIABLE) {
            Some(url) => Ok(Self {
                url,
                keeper: None,
                process: Mutex::new(None),
            }),
            None => Self::start_own(),
        }
    }

    /// A connection string of the account.
    fn url(&self) -> &str {
        &self.url
    }

    /// The connection string with the name of a database that nobody else has; it is not made yet.
    fn create_database(&self, name: &str) -> Result<String, Unavailable> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let url = self.url.trim_end_matches(';');
        Ok(format!("{url};Database={name}-{}-{count}", std::process::id()))
    }
}

impl Shareable for CosmosEmulator {
    fn place() -> &'static OnceLock<Result<Self, Unavailable>> {
        static PLACE: OnceLock<Result<CosmosEmulator, Unavailable>> = OnceLock::new();
        &PLACE
    }
}

/// Among what is built, so that `cargo clean` removes it.
fn prefix() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/cosmos-emulator")
}

fn modules() -> PathBuf {
    prefix().join("node_modules")
}

fn answers(program: &str) -> bool {
    let mut command = Command::new(program);
    command
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn listening(port: u16) -> Result<(), Unavailable> {
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        if begun.elapsed() > STARTS_WITHIN {
            return Err(Unavailable::new("the emulator of Cosmos DB does not answer"));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}
