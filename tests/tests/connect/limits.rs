//! A server that has no more connections to give.

use dbvc_engine::error::ErrorKind;
use mysql_async::prelude::Queryable as _;

use crate::secured::{each, make_login};

#[tokio::test]
async fn a_login_with_too_many_connections_says_how_many_a_run_needs() {
    each(async |server, admin| {
        make_login(
            admin,
            "narrow",
            "IDENTIFIED BY 'hunter2' WITH MAX_USER_CONNECTIONS 1",
        )
        .await;
        let address = server.address().login("narrow", Some("hunter2"));
        let address = address.with("ssl-mode", "required");
        let first = address.connect().await;
        address
            .refused_with(ErrorKind::Resources, "MAX_USER_CONNECTIONS")
            .await;
        first.close().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_server_with_too_many_connections_says_how_many_a_run_needs() {
    each(async |server, admin| {
        make_login(admin, "crowd", "IDENTIFIED BY 'hunter2'").await;
        admin
            .query_drop("REVOKE ALL PRIVILEGES, GRANT OPTION FROM crowd")
            .await
            .unwrap();
        admin
            .query_drop("GRANT SELECT ON mysql.* TO crowd")
            .await
            .unwrap();
        let before: u64 = admin
            .query_first("SELECT @@max_connections")
            .await
            .unwrap()
            .unwrap();
        admin.query_drop("SET GLOBAL max_connections = 10").await.unwrap();
        let address = server.address().login("crowd", Some("hunter2"));
        let address = address.with("ssl-mode", "required");
        let mut sessions = Vec::new();
        // One that was closed a moment ago may still be counted.
        while let Ok(session) = address.try_connect().await {
            sessions.push(session);
            assert!(sessions.len() < 20, "the limit does not hold");
        }
        address
            .refused_with(ErrorKind::Resources, "max_connections")
            .await;
        for session in sessions {
            session.close().await.unwrap();
        }
        let back = format!("SET GLOBAL max_connections = {before}");
        admin.query_drop(back).await.unwrap();
    })
    .await;
}
