//! TLS with PostgreSQL.

use std::time::Duration;

use dbvc_engine::error::ErrorKind;
use dbvc_tests::servers::{PostgresServer, TestServer as _, required};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

use crate::certificates::{Folder, LONG};
use crate::secured::said_skipped;
use crate::talk::Address;

/// The login that must show a certificate with its name.
const LOGIN: &str = "certified";

struct Server {
    own: PostgresServer,
    files: Folder,
    admin: PgConnection,
}

/// A server of a test's own, with certificates; none where the programs are missing.
async fn secured() -> Option<Server> {
    let server = match PostgresServer::start_own() {
        Ok(server) => server,
        Err(reason) => {
            assert!(!required(PostgresServer::NAME), "postgres is required: {reason}");
            said_skipped(PostgresServer::NAME, &reason);
            return None;
        }
    };
    let files = Folder::new("postgres", LOGIN);
    let mut admin = PgConnection::connect(server.url()).await.unwrap();
    for (setting, file) in [
        ("ssl_ca_file", "ca.pem"),
        ("ssl_cert_file", "server.pem"),
        ("ssl_key_file", "server-key.pem"),
    ] {
        let set = format!("alter system set {setting} = '{}'", files.path(file));
        admin.execute(AssertSqlSafe(set)).await.unwrap();
    }
    admin.execute("alter system set ssl = on").await.unwrap();
    let mut server = Server {
        own: server,
        files,
        admin,
    };
    server.reload().await;
    Some(server)
}

impl Server {
    /// Makes the server read its certificates and rules again, and waits until it did.
    async fn reload(&mut self) {
        self.admin.execute("select pg_reload_conf()").await.unwrap();
        tokio::time::sleep(Duration::from_millis(500)).await;
    }

    fn address(&self) -> Address {
        Address::of(self.own.url()).host(crate::certificates::HOST)
    }
}

async fn is_encrypted(address: &Address) -> bool {
    let sql = "select ssl::text from pg_stat_ssl where pid = pg_backend_pid()";
    address.ask(sql).await.as_deref() == Some("true")
}

#[tokio::test]
async fn each_mode_does_what_it_says_and_refuses_what_it_must() {
    let Some(mut server) = secured().await else { return };
    let (authority, stranger) = (server.files.path("ca.pem"), server.files.path("stranger.pem"));
    let address = server.address();
    assert!(!is_encrypted(&address.clone().with("sslmode", "disable")).await);
    for mode in ["prefer", "require"] {
        assert!(
            is_encrypted(&address.clone().with("sslmode", mode)).await,
            "{mode}"
        );
    }
    let mode = |address: &Address, mode: &str, root: &str| {
        address.clone().with("sslmode", mode).with("sslrootcert", root)
    };
    for verified in ["verify-ca", "verify-full"] {
        assert!(
            is_encrypted(&mode(&address, verified, &authority)).await,
            "{verified}"
        );
        let unknown = address.clone().with("sslmode", verified);
        unknown.refused_with(ErrorKind::Tls, "`sslrootcert=").await;
        let wrong = mode(&address, verified, &stranger);
        wrong.refused_with(ErrorKind::Tls, "`sslrootcert").await;
    }
    let elsewhere = address.clone().host("127.0.0.1");
    assert!(is_encrypted(&mode(&elsewhere, "verify-ca", &authority)).await);
    let wrong_name = mode(&elsewhere, "verify-full", &authority);
    wrong_name.refused_with(ErrorKind::Tls, "sslmode=verify-ca").await;

    server.files.serve(&["localhost"], Duration::from_secs(1));
    server.reload().await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    for verified in ["verify-ca", "verify-full"] {
        let expired = mode(&address, verified, &authority);
        expired.refused_with(ErrorKind::Tls, "past its date").await;
    }
    server.files.serve(&["localhost"], LONG);
    server.admin.execute("alter system set ssl = off").await.unwrap();
    server.reload().await;
    address
        .clone()
        .with("sslmode", "require")
        .refused(ErrorKind::Tls)
        .await;
    assert!(!is_encrypted(&address.with("sslmode", "prefer")).await);
}

#[tokio::test]
async fn a_login_that_must_show_a_certificate_shows_it() {
    let Some(mut server) = secured().await else { return };
    let create = format!("create role {LOGIN} login superuser password 'hunter2'");
    server.admin.execute(AssertSqlSafe(create)).await.unwrap();
    let rules: String = sqlx::query_scalar("select current_setting('hba_file')")
        .fetch_one(&mut server.admin)
        .await
        .unwrap();
    let text = format!(
        "hostssl all {LOGIN} all scram-sha-256 clientcert=verify-full\nhost all {LOGIN} all reject\nhost all all all \
         scram-sha-256\n"
    );
    std::fs::write(rules, text).unwrap();
    server.reload().await;
    let address = server.address().login(LOGIN, Some("hunter2"));
    let address = address.with("sslrootcert", &server.files.path("ca.pem"));
    let encrypted = address.clone().with("sslmode", "verify-full");
    let without = encrypted.try_connect().await.unwrap_err();
    assert!(
        matches!(without.kind, ErrorKind::Unauthenticated | ErrorKind::Tls),
        "{without:?}"
    );
    let certificate = encrypted
        .with("sslcert", &server.files.path("client.pem"))
        .with("sslkey", &server.files.path("client-key.pem"));
    assert!(is_encrypted(&certificate).await);
    let plain = address.with("sslmode", "disable").try_connect().await;
    assert_eq!(plain.unwrap_err().kind, ErrorKind::Unauthenticated);
}
