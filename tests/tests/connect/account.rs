//! Logins and databases that the server refuses.

use dbvc_engine::error::ErrorKind;
use mysql_async::prelude::Queryable as _;

use crate::secured::{each, make_login};

const DENIED: ErrorKind = ErrorKind::Unauthenticated;

#[tokio::test]
async fn a_wrong_password_says_where_a_login_comes_from() {
    each(async |server, admin| {
        make_login(admin, "somebody", "IDENTIFIED BY 'the right one'").await;
        let address = server.address().login("somebody", Some("hunter2"));
        address.refused_with(DENIED, "'user'@'localhost'").await;
        let address = address.login("somebody", None);
        address.refused_with(DENIED, "no password was given").await;
        // MySQL asks for the password of a login that it does not know in some way or other.
        for nobody in ["nobody", "nobody_else", "somebody_else", "anybody"] {
            let address = server.address().login(nobody, Some("hunter2"));
            address.refused(DENIED).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_locked_account_says_how_to_unlock_it() {
    each(async |server, admin| {
        make_login(admin, "locked", "IDENTIFIED BY 'hunter2' ACCOUNT LOCK").await;
        let address = server.address().login("locked", Some("hunter2"));
        let address = address.with("ssl-mode", "required");
        address
            .refused_with(DENIED, "ALTER USER 'locked'@'…' ACCOUNT UNLOCK")
            .await;
    })
    .await;
}

#[tokio::test]
async fn an_expired_password_says_how_to_set_a_new_one() {
    each(async |server, admin| {
        make_login(admin, "expired", "IDENTIFIED BY 'hunter2' PASSWORD EXPIRE").await;
        let address = server.address().login("expired", Some("hunter2"));
        let address = address.with("ssl-mode", "required");
        // Whether the server ends the connection at once or refuses every statement is a setting of its.
        for setting in ["ON", "OFF"] {
            if server.name == "mariadb" {
                let set = format!("SET GLOBAL disconnect_on_expired_password = {setting}");
                admin.query_drop(set).await.unwrap();
            }
            address
                .refused_with(DENIED, "ALTER USER 'expired'@'…' IDENTIFIED BY")
                .await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_database_that_is_not_there_says_how_to_make_it() {
    each(async |server, admin| {
        let address = server.address().database("no-such").with("ssl-mode", "required");
        let words = "CREATE DATABASE `no-such` CHARACTER SET utf8mb4";
        address.refused_with(ErrorKind::NoSuchDatabase, words).await;
        make_login(admin, "poor", "IDENTIFIED BY 'hunter2'").await;
        admin
            .query_drop("REVOKE ALL, GRANT OPTION FROM poor")
            .await
            .unwrap();
        let address = address.login("poor", Some("hunter2"));
        let words = "GRANT ALL ON `no-such`.* TO 'poor'@'…'";
        address.refused_with(ErrorKind::Denied, words).await;
    })
    .await;
}
