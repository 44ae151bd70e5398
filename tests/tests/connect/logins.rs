//! Ways of login, on MariaDB and MySQL without TLS and with it.

use dbvc_engine::error::ErrorKind;
use dbvc_tests::servers::{MariaDbServer, MySqlServer, TestServer as _};
use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;

use crate::secured::{each, make_login, plain};
use crate::talk::Address;

/// Every character that means something in a URL, in SQL or in a shell, and some beyond ASCII.
pub(crate) const ODD: &str = "p%40@:/?#[]&=+ ;'\"`\\$!é漢%zz";

/// Makes a login with that password.
pub(crate) async fn make_odd(admin: &mut Conn, login: &str) {
    let quoted = ODD.replace('\\', "\\\\").replace('\'', "\\'");
    admin.query_drop("SET NAMES utf8mb4").await.unwrap();
    make_login(admin, login, &format!("IDENTIFIED BY '{quoted}'")).await;
}

async fn who(address: &Address) -> Option<String> {
    address.ask("SELECT CURRENT_USER()").await
}

#[tokio::test]
async fn a_password_of_any_characters_is_sent_as_it_is() {
    each(async |server, admin| {
        make_odd(admin, "odd").await;
        let address = server
            .address()
            .login("odd", Some(ODD))
            .with("ssl-mode", "required");
        assert_eq!(who(&address).await.as_deref(), Some("odd@%"));
    })
    .await;
}

#[tokio::test]
async fn caching_sha2_without_tls_takes_the_servers_key() {
    let Some(server) = MySqlServer::shared() else {
        return;
    };
    let mut admin = plain(server.url()).await;
    for (login, word) in [("sha_full", "hunter2"), ("sha_empty", "")] {
        let how = format!("IDENTIFIED WITH caching_sha2_password BY '{word}'");
        make_login(&mut admin, login, &how).await;
        for mode in ["disabled", "preferred", "required"] {
            // Forgets the logins that it has seen, so that the whole exchange is made.
            admin.query_drop("FLUSH PRIVILEGES").await.unwrap();
            let address = Address::of(server.url())
                .login(login, Some(word))
                .with("ssl-mode", mode);
            let name = format!("{login}@%");
            assert_eq!(who(&address).await, Some(name.clone()), "{mode}");
            // And once more with what the server remembers.
            assert_eq!(who(&address).await, Some(name), "{mode}");
        }
    }
    let wrong = Address::of(server.url()).login("sha_full", Some("hunter22"));
    wrong.refused(ErrorKind::Unauthenticated).await;
    wrong
        .login("sha_full", None)
        .refused_with(ErrorKind::Unauthenticated, "no password was given")
        .await;
    if let Some(socket) = server.socket() {
        admin.query_drop("FLUSH PRIVILEGES").await.unwrap();
        let address = Address::of(server.url())
            .login("sha_full", Some("hunter2"))
            .with("socket", &socket.display().to_string());
        assert_eq!(who(&address).await.as_deref(), Some("sha_full@%"));
    }
}

#[tokio::test]
async fn mysql_native_password() {
    let Some(server) = MariaDbServer::shared() else {
        return;
    };
    let mut admin = plain(server.url()).await;
    for (login, word) in [("native_full", "hunter2"), ("native_empty", "")] {
        let how = format!("IDENTIFIED VIA mysql_native_password USING PASSWORD('{word}')");
        make_login(&mut admin, login, &how).await;
        let address = Address::of(server.url()).login(login, Some(word));
        assert_eq!(who(&address).await, Some(format!("{login}@%")));
    }
}

#[tokio::test]
async fn ed25519_of_mariadb() {
    each(async |server, admin| {
        if server.name != "mariadb" {
            return;
        }
        admin.query_drop("INSTALL SONAME 'auth_ed25519'").await.unwrap();
        let how = "IDENTIFIED VIA ed25519 USING PASSWORD('hunter2')";
        make_login(admin, "curve", how).await;
        let address = server.address().login("curve", Some("hunter2"));
        for mode in ["disabled", "required"] {
            let address = address.clone().with("ssl-mode", mode);
            assert_eq!(who(&address).await.as_deref(), Some("curve@%"), "{mode}");
        }
        address
            .login("curve", Some("hunter22"))
            .refused(ErrorKind::Unauthenticated)
            .await;
        make_login(admin, "curve", "IDENTIFIED BY ''").await;
        admin.query_drop("UNINSTALL SONAME 'auth_ed25519'").await.unwrap();
    })
    .await;
}

/// By PAM a server asks for the password in a conversation that this client does not know.
#[tokio::test]
async fn a_way_of_login_that_the_client_has_not_is_named() {
    let greeting = crate::address::greeting("9.7.4");
    // The server asks for another way of login.
    let mut switch = vec![0xfe];
    switch.extend_from_slice(b"dialog\0");
    let port = crate::address::answering(vec![greeting.clone(), switch]).await;
    let address = Address::of(&format!("mysql://ann:hunter2@127.0.0.1:{port}/app"));
    address.refused_with(ErrorKind::Unauthenticated, "dialog").await;
    let mut switch = vec![0xfe];
    switch.extend_from_slice(b"mysql_clear_password\0");
    let port = crate::address::answering(vec![greeting, switch]).await;
    let address = Address::of(&format!("mysql://ann:hunter2@127.0.0.1:{port}/app"));
    address
        .refused_with(ErrorKind::Unauthenticated, "enable-cleartext-plugin")
        .await;
}
