//! Connecting, and what is said when that fails.

use std::io::Write as _;

use dbvc_engine::driver::{Driver as _, Target};
use dbvc_engine::error::{DriverError, ErrorKind};
use mysql_async::prelude::Queryable as _;

use crate::place::{places, plain};

async fn refused(url: &url::Url) -> DriverError {
    let target = Target::parse(url.as_str()).unwrap();
    let error = dbvc_mysql::driver().connect(&target).await.unwrap_err();
    let shown = format!("{error} {error:?} {target} {target:?}");
    assert!(!shown.contains("hunter2"), "{shown}");
    error
}

#[tokio::test]
async fn each_way_to_fail_has_its_kind_and_no_password() {
    for place in places().await {
        let good = url::Url::parse(&place.url).unwrap();
        let change = |change: &dyn Fn(&mut url::Url)| {
            let mut url = good.clone();
            change(&mut url);
            url
        };
        let error = refused(&change(&|url| url.set_password(Some("hunter2")).unwrap())).await;
        assert_eq!(error.kind, ErrorKind::Unauthenticated, "{error:?}");
        let error = refused(&change(&|url| url.set_path("no_such_place"))).await;
        assert_eq!(error.kind, ErrorKind::NoSuchDatabase, "{error:?}");
        let error = refused(&change(&|url| url.set_port(Some(1)).unwrap())).await;
        assert_eq!(error.kind, ErrorKind::Unreachable, "{error:?}");
        let error = refused(&change(&|url| url.set_query(Some("ssl-mode=verify_identity")))).await;
        assert_eq!(error.kind, ErrorKind::Tls, "{error:?}");
        assert!(!error.notes.is_empty(), "{error:?}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let url = format!("mysql://a:hunter2@127.0.0.1:{port}/b?connect-timeout=1");
    let error = refused(&url::Url::parse(&url).unwrap()).await;
    assert_eq!(error.kind, ErrorKind::Unreachable);
    assert!(error.message.contains("within 1 s"), "{error}");
}

#[tokio::test]
async fn a_socket_is_used_where_the_url_names_one() {
    for place in places().await {
        let mut conn = plain(&place.url).await;
        let socket: String = conn.query_first("SELECT @@socket").await.unwrap().unwrap();
        if std::fs::metadata(&socket).is_err() {
            let _ = writeln!(
                std::io::stderr(),
                "SKIPPED on {}: its socket is on another machine",
                place.server
            );
            continue;
        }
        let mut url = url::Url::parse(&place.url).unwrap();
        url.query_pairs_mut().append_pair("socket", &socket);
        url.set_port(Some(1)).unwrap();
        let target = Target::parse(url.as_str()).unwrap();
        let mut session = dbvc_mysql::driver().connect(&target).await.unwrap();
        assert!(session.survey().await.unwrap().layout.is_none());
    }
}

#[tokio::test]
async fn a_login_with_caching_sha2_works_with_and_without_tls() {
    for place in places().await.into_iter().filter(|place| place.server == "mysql") {
        let mut conn = plain(&place.url).await;
        let login = format!("sha_{}", std::process::id());
        for sql in [
            format!("DROP USER IF EXISTS {login}"),
            format!("CREATE USER {login} IDENTIFIED WITH caching_sha2_password BY 's@cret/1'"),
            format!("GRANT ALL ON *.* TO {login}"),
        ] {
            conn.query_drop(sql).await.unwrap();
        }
        for mode in ["disabled", "required"] {
            // Forgets the logins that it has seen, so that the whole exchange is made.
            conn.query_drop("FLUSH PRIVILEGES").await.unwrap();
            let mut url = url::Url::parse(&place.url).unwrap();
            url.set_username(&login).unwrap();
            url.set_password(Some("s@cret/1")).unwrap();
            url.query_pairs_mut().append_pair("ssl-mode", mode);
            let target = Target::parse(url.as_str()).unwrap();
            let session = dbvc_mysql::driver().connect(&target).await;
            let session = session.unwrap_or_else(|error| panic!("{mode}: {error}"));
            assert_eq!(session.server().login, login);
        }
        conn.query_drop(format!("DROP USER {login}")).await.unwrap();
    }
}
