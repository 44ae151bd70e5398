//! TLS with MariaDB and MySQL.

use std::time::Duration;

use dbvc_engine::error::ErrorKind;
use dbvc_tests::servers::{MariaDbServer, TestServer as _};
use mysql_async::prelude::Queryable as _;

use crate::certificates::LONG;
use crate::secured::{each, make_login, said_skipped};
use crate::talk::Address;

const CIPHER: &str = "SHOW SESSION STATUS LIKE 'Ssl_cipher'";

async fn is_encrypted(address: &Address) -> bool {
    address.ask(CIPHER).await.is_some_and(|cipher| !cipher.is_empty())
}

#[tokio::test]
async fn each_mode_does_what_it_says() {
    each(async |server, _| {
        let address = server.address();
        let authority = server.files.path("ca.pem");
        for mode in ["preferred", "required", "REQUIRED"] {
            assert!(
                is_encrypted(&address.clone().with("ssl-mode", mode)).await,
                "{mode}"
            );
        }
        let trusting = address.clone().with("ssl-ca", &authority);
        assert!(is_encrypted(&trusting).await);
        for mode in ["required", "verify_ca", "verify-identity", "VERIFY_IDENTITY"] {
            assert!(
                is_encrypted(&trusting.clone().with("ssl-mode", mode)).await,
                "{mode}"
            );
        }
    })
    .await;
}

#[tokio::test]
async fn disabled_is_without_tls_and_so_is_this_machine_by_default() {
    each(async |server, admin| {
        make_login(admin, "plain_one", "IDENTIFIED BY ''").await;
        let address = server.address().login("plain_one", None);
        assert!(!is_encrypted(&address).await);
        assert!(!is_encrypted(&address.with("ssl-mode", "disabled")).await);
    })
    .await;
}

#[tokio::test]
async fn an_issuer_that_is_not_the_right_one_is_refused() {
    each(async |server, _| {
        let address = server.address();
        for mode in ["verify_ca", "verify_identity"] {
            let address = address.clone().with("ssl-mode", mode);
            address.refused_with(ErrorKind::Tls, "`ssl-ca=").await;
            let stranger = server.files.path("stranger.pem");
            address
                .with("ssl-ca", &stranger)
                .refused_with(ErrorKind::Tls, "`ssl-ca=")
                .await;
        }
    })
    .await;
}

#[tokio::test]
async fn another_host_name_is_refused_unless_the_issuer_alone_is_asked_for() {
    each(async |server, _| {
        let authority = server.files.path("ca.pem");
        let elsewhere = server.address().host("127.0.0.1");
        let trusting = elsewhere.clone().with("ssl-ca", &authority);
        trusting.refused_with(ErrorKind::Tls, "ssl-mode=verify_ca").await;
        let issuer_alone = |ca: &str| elsewhere.clone().with("ssl-mode", "verify_ca").with("ssl-ca", ca);
        assert!(is_encrypted(&issuer_alone(&authority)).await);
        issuer_alone(&server.files.path("stranger.pem"))
            .refused(ErrorKind::Tls)
            .await;
    })
    .await;
}

#[tokio::test]
async fn a_certificate_that_is_past_its_date_or_names_no_host_is_refused() {
    each(async |server, admin| {
        let trusting = server.address().with("ssl-ca", &server.files.path("ca.pem"));
        let issuer_alone = trusting.clone().with("ssl-mode", "verify_ca");
        // MySQL does not load one that is past its date already.
        server.files.serve(&["localhost"], Duration::from_secs(2));
        server.reload(admin).await;
        tokio::time::sleep(Duration::from_secs(3)).await;
        trusting.refused_with(ErrorKind::Tls, "past its date").await;
        issuer_alone.refused_with(ErrorKind::Tls, "past its date").await;
        server.files.serve(&[], LONG);
        server.reload(admin).await;
        trusting.refused_with(ErrorKind::Tls, "names no host").await;
        issuer_alone.refused_with(ErrorKind::Tls, "names no host").await;
        server.files.serve(&["*.db.example"], LONG);
        server.reload(admin).await;
        trusting.refused_with(ErrorKind::Tls, "another host name").await;
        assert!(is_encrypted(&issuer_alone).await);
        server.files.serve(&["localhost"], LONG);
        server.reload(admin).await;
        assert!(is_encrypted(&trusting).await);
    })
    .await;
}

#[tokio::test]
async fn a_login_that_must_show_a_certificate_shows_it() {
    each(async |server, admin| {
        make_login(admin, "certified", "IDENTIFIED BY 'hunter2' REQUIRE X509").await;
        let address = server.address().login("certified", Some("hunter2"));
        let denied = ErrorKind::Unauthenticated;
        address.refused_with(denied, "`ssl-mode=required`").await;
        let encrypted = address.clone().with("ssl-mode", "required");
        encrypted.refused_with(denied, "`ssl-cert`").await;
        let certificate = |address: Address| {
            address
                .with("ssl-cert", &server.files.path("client.pem"))
                .with("ssl-key", &server.files.path("client-key.pem"))
        };
        assert!(is_encrypted(&certificate(address.clone())).await);
        assert!(is_encrypted(&certificate(address.with("ssl-ca", &server.files.path("ca.pem")))).await);
        // A key that is none, and one that belongs to another certificate.
        let wrong = encrypted.with("ssl-cert", &server.files.path("client.pem"));
        wrong
            .clone()
            .with("ssl-key", &server.files.path("ca.pem"))
            .refused_with(ErrorKind::Tls, "no private key")
            .await;
    })
    .await;
}

#[tokio::test]
async fn a_server_that_insists_on_tls_says_so() {
    each(async |server, admin| {
        make_login(admin, "open_one", "IDENTIFIED BY ''").await;
        admin
            .query_drop("SET GLOBAL require_secure_transport = ON")
            .await
            .unwrap();
        let address = server.address().login("open_one", None);
        let refused = address.try_connect().await.unwrap_err();
        admin
            .query_drop("SET GLOBAL require_secure_transport = OFF")
            .await
            .unwrap();
        // MariaDB has no error of its own for it.
        let kind = match server.name {
            "mariadb" => ErrorKind::Unauthenticated,
            _ => ErrorKind::Tls,
        };
        assert_eq!(refused.kind, kind, "{} {refused:?}", server.name);
        assert!(
            refused.notes.join(" ").contains("ssl-mode=required"),
            "{refused:?}"
        );
        make_login(admin, "secret_one", "IDENTIFIED BY 'hunter2' REQUIRE SSL").await;
        let address = server.address().login("secret_one", Some("hunter2"));
        address
            .refused_with(ErrorKind::Unauthenticated, "`ssl-mode=required`")
            .await;
        assert!(is_encrypted(&address.with("ssl-mode", "preferred")).await);
    })
    .await;
}

#[tokio::test]
async fn a_server_without_tls_is_refused_unless_it_is_only_preferred() {
    let server = match MariaDbServer::start_own_with(&["--skip-ssl".to_owned()]) {
        Ok(server) => server,
        Err(reason) => return said_skipped(MariaDbServer::NAME, &reason),
    };
    let address = Address::of(server.url());
    for mode in ["required", "verify_ca", "verify_identity"] {
        let address = address.clone().with("ssl-mode", mode);
        address.refused_with(ErrorKind::Tls, "switch TLS on").await;
    }
    assert!(!is_encrypted(&address.with("ssl-mode", "preferred")).await);
}

#[tokio::test]
async fn a_file_that_is_no_certificate_is_named() {
    each(async |server, _| {
        let key = server.files.path("client-key.pem");
        server
            .address()
            .with("ssl-ca", &key)
            .refused(ErrorKind::Tls)
            .await;
    })
    .await;
}

/// A password over a connection without TLS is encrypted with the server's key; this one has none.
#[tokio::test]
async fn a_server_without_a_key_for_passwords_wants_tls() {
    each(async |server, admin| {
        if server.name != "mysql" {
            return;
        }
        make_login(
            admin,
            "keyless",
            "IDENTIFIED WITH caching_sha2_password BY 'hunter2'",
        )
        .await;
        let address = server.address().login("keyless", Some("hunter2"));
        address
            .refused_with(ErrorKind::Unauthenticated, "ssl-mode=required")
            .await;
        assert!(is_encrypted(&address.with("ssl-mode", "required")).await);
    })
    .await;
}
