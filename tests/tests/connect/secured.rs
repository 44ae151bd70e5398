//! MariaDB and MySQL with certificates.

use std::sync::OnceLock;

use dbvc_tests::servers::{MariaDbServer, MySqlServer, TestServer, Unavailable, required};
use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;

use crate::certificates::Folder;
use crate::talk::Address;

/// The subject of the client's certificate.
pub(crate) const SUBJECT: &str = "a client of the tests";

/// A server with certificates that is ours alone.
pub(crate) struct Secured {
    pub(crate) name: &'static str,
    url: String,
    pub(crate) files: Folder,
    _server: Box<dyn std::any::Any + Send + Sync>,
    /// One test at a time: some change the server's settings.
    turn: tokio::sync::Mutex<()>,
}

/// Both servers, each as long as `test` has its turn on it.
pub(crate) async fn each<F: AsyncFn(&Secured, &mut Conn)>(test: F) {
    for server in servers() {
        let _turn = server.turn.lock().await;
        let tls = "require_ssl=true&verify_ca=false&verify_identity=false";
        let mut admin = plain(&format!("{}?{tls}", server.url)).await;
        test(server, &mut admin).await;
        admin.disconnect().await.unwrap();
    }
}

fn servers() -> Vec<&'static Secured> {
    static MARIADB: OnceLock<Option<Secured>> = OnceLock::new();
    static MYSQL: OnceLock<Option<Secured>> = OnceLock::new();
    let mariadb = MARIADB.get_or_init(|| start::<MariaDbServer>(MariaDbServer::start_own_with, &[]));
    // No RSA key: what a password is encrypted with where there is no TLS.
    let without_key = [
        "--caching-sha2-password-auto-generate-rsa-keys=OFF",
        "--caching-sha2-password-private-key-path=none.pem",
        "--caching-sha2-password-public-key-path=none-public.pem",
    ]
    .map(str::to_owned);
    let mysql = MYSQL.get_or_init(|| start::<MySqlServer>(MySqlServer::start_own_with, &without_key));
    mariadb.iter().chain(mysql).collect()
}

fn start<S: TestServer>(start: fn(&[String]) -> Result<S, Unavailable>, more: &[String]) -> Option<Secured> {
    let files = Folder::new("mysql", SUBJECT);
    let option = |name: &str, file: &str| format!("--{name}={}", files.path(file));
    let mut options = vec![
        option("ssl-ca", "ca.pem"),
        option("ssl-cert", "server.pem"),
        option("ssl-key", "server-key.pem"),
    ];
    options.extend_from_slice(more);
    match start(&options) {
        Ok(server) => Some(Secured {
            name: S::NAME,
            url: server.url().to_owned(),
            files,
            _server: Box::new(server),
            turn: tokio::sync::Mutex::new(()),
        }),
        Err(reason) => {
            assert!(!required(S::NAME), "{} is required: {reason}", S::NAME);
            said_skipped(S::NAME, &reason);
            None
        }
    }
}

pub(crate) fn said_skipped(name: &str, reason: &Unavailable) {
    use std::io::Write as _;
    // Not `eprintln!`: the test harness would swallow it for a test that passes.
    let _ = writeln!(std::io::stderr(), "SKIPPED on {name} with TLS: {reason}");
}

/// A connection without dbvc; without TLS where the address does not ask for it.
pub(crate) async fn plain(url: &str) -> Conn {
    let url = url.replacen("mariadb:", "mysql:", 1);
    let separator = if url.contains('?') { '&' } else { '?' };
    Conn::from_url(format!("{url}{separator}prefer_socket=false"))
        .await
        .unwrap()
}

impl Secured {
    /// Its address, by the name that its certificate has.
    pub(crate) fn address(&self) -> Address {
        Address::of(&self.url).host(crate::certificates::HOST)
    }

    /// Makes the server read its certificates again.
    pub(crate) async fn reload(&self, admin: &mut Conn) {
        let sql = match self.name {
            "mariadb" => "FLUSH SSL",
            _ => "ALTER INSTANCE RELOAD TLS",
        };
        admin.query_drop(sql).await.unwrap();
    }
}

/// Makes a login anew that may use everything.
pub(crate) async fn make_login(admin: &mut Conn, login: &str, how: &str) {
    for sql in [
        format!("DROP USER IF EXISTS {login}"),
        format!("CREATE USER {login} {how}"),
        format!("GRANT ALL ON *.* TO {login}"),
    ] {
        admin
            .query_drop(&sql)
            .await
            .unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}
