//! Connecting, and what is said when that fails.

use dbvc_engine::driver::{Access, Limits, Target};
use dbvc_engine::error::{DriverError, ErrorKind};

use crate::place::{Place, driver};
use crate::script::{Ears, failure, statement};

async fn refused(url: &url::Url) -> DriverError {
    let target = Target::parse(url.as_str()).unwrap();
    let error = driver().connect(&target).await.unwrap_err();
    let shown = format!("{error} {error:?} {target} {target:?}");
    assert!(!shown.contains("hunter2"), "{shown}");
    error
}

#[tokio::test]
async fn each_way_to_fail_has_its_kind_and_no_password() {
    let Some(place) = Place::new().await else { return };
    let good = url::Url::parse(&place.url).unwrap();
    let change = |change: &dyn Fn(&mut url::Url)| {
        let mut url = good.clone();
        change(&mut url);
        url
    };
    let error = refused(&change(&|url| url.set_password(Some("hunter2")).unwrap())).await;
    assert_eq!(error.kind, ErrorKind::Unauthenticated, "{error:?}");
    let error = refused(&change(&|url| url.set_username("hunter2x").unwrap())).await;
    assert_eq!(error.kind, ErrorKind::Unauthenticated, "{error:?}");
    let error = refused(&change(&|url| url.set_path("no such place"))).await;
    assert_eq!(error.kind, ErrorKind::NoSuchDatabase, "{error:?}");
    let error = refused(&change(&|url| url.set_port(Some(1)).unwrap())).await;
    assert_eq!(error.kind, ErrorKind::Unreachable, "{error:?}");
    let error = refused(&change(&|url| url.set_query(Some("sslmode=require")))).await;
    assert_eq!(error.kind, ErrorKind::Tls, "{error:?}");
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_given_up() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let url = url::Url::parse(&format!("postgres://a:hunter2@127.0.0.1:{port}/b?connect_timeout=1")).unwrap();
    let error = refused(&url).await;
    assert_eq!(error.kind, ErrorKind::Unreachable);
    assert!(error.message.contains("within 1 s"), "{error}");
}

#[tokio::test]
async fn a_session_that_only_reads_cannot_write() {
    let Some(place) = Place::new().await else { return };
    let target = place.target().with_access(Access::ReadOnly);
    let mut session = driver().connect(&target).await.unwrap();
    let outcome = session
        .execute(&[statement("create table t(a int)")], &Limits::default(), &mut Ears::default())
        .await;
    assert_eq!(failure(outcome).1.kind, ErrorKind::Denied);
    let rows = session.query("select 1 as one, null as none", &Limits::default()).await.unwrap();
    assert_eq!(rows.columns, ["one", "none"]);
    assert_eq!(rows.cells, [[Some("1".to_owned()), None]]);
}

#[tokio::test]
async fn a_query_is_refused_to_write_by_the_server() {
    let Some(place) = Place::new().await else { return };
    let mut session = place.session().await;
    let error = session.query("create table t(a int)", &Limits::default()).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Denied);
    let error = session.query("select 'ä', nothing", &Limits::default()).await.unwrap_err();
    assert_eq!(error.position, Some(dbvc_engine::error::Position::Char(12)));
    assert_eq!(session.server().product, "PostgreSQL");
    let version = place.cell("current_setting('server_version')").await;
    assert!(version.starts_with(&session.server().version), "{version}");
    assert_eq!(session.server().database, place.name());
}
