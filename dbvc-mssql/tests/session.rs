//! What a session makes of the protocol, against a server that gives canned answers: errors, messages, requests to stop
//! and a connection that breaks. It runs no SQL, so nothing here is about what a statement does.

// Its TLS is OpenSSL, which is easy to have on Linux only.
#![cfg(target_os = "linux")]

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use dbvc_engine::driver::{Cause, Driver as _, Heard, Limits, Notice, Outcome, Session, Target};
use dbvc_engine::error::{DriverError, ErrorKind};
use dbvc_engine::sql::Statement;
use dbvc_engine::text::Origin;
use mssql_mock_tds::{InfoMessage, MockTdsServer, QueryResponse, TerminalError};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::prelude::*;

/// A server that answers these batches so.
async fn server(answers: Vec<(&str, QueryResponse)>) -> SocketAddr {
    let server = MockTdsServer::new("127.0.0.1:0").await.expect("a server");
    let registry = server.query_registry();
    {
        let mut registry = registry.lock().await;
        for (sql, answer) in answers {
            registry.register(sql, answer);
        }
    }
    let address = server.local_addr();
    tokio::spawn(server.run());
    address
}

async fn session(address: SocketAddr) -> Box<dyn Session> {
    let url = format!("mssql://ann:secret@{address}/app?encrypt=none");
    let target = Target::parse(&url).expect("a target");
    dbvc_mssql::driver().connect(&target).await.expect("a session")
}

#[derive(Default)]
struct Ear(Vec<Notice>);

impl Heard for Ear {
    fn notice(&mut self, notice: Notice) {
        self.0.push(notice);
    }
    fn progress(&mut self, _: u32) {}
}

async fn run(session: &mut dyn Session, sql: &str, limits: &Limits) -> (Outcome, Vec<Notice>) {
    let mut ear = Ear::default();
    let statement = Statement::new(sql, Origin::START);
    let outcome = session.execute(&[statement], limits, &mut ear).await;
    (outcome, ear.0)
}

fn failure(outcome: &Outcome) -> &DriverError {
    match outcome.failure.as_ref().map(|failure| &failure.cause) {
        Some(Cause::Driver(error)) => error,
        other => panic!("{other:?}"),
    }
}

fn refused(number: u32, words: &str) -> QueryResponse {
    QueryResponse::error_only(TerminalError::new(number, 16, words))
}

#[tokio::test]
async fn a_transaction_that_a_caught_error_broke_says_what_broke_it() {
    let words =
        "Uncommittable transaction is detected at the end of the batch. The transaction is rolled back.";
    let address = server(vec![(
        "BEGIN TRY SELECT 1/0 END TRY BEGIN CATCH END CATCH",
        refused(3998, words),
    )])
    .await;
    let mut session = session(address).await;
    let sql = "BEGIN TRY SELECT 1/0 END TRY BEGIN CATCH END CATCH";
    let (outcome, _) = run(session.as_mut(), sql, &Limits::default()).await;
    let error = failure(&outcome);
    assert_eq!(error.kind, ErrorKind::Statement);
    assert!(
        error.notes.iter().any(|note| note.contains("TRY … CATCH")),
        "{:?}",
        error.notes
    );
}

#[tokio::test]
async fn an_error_has_its_kind_number_level_and_place_and_the_session_goes_on() {
    let address = server(vec![
        (
            "SELECT a FROM nowhere",
            refused(208, "Invalid object name 'nowhere'."),
        ),
        ("DELETE FROM t", refused(1205, "Transaction was deadlocked.")),
        (
            "UPDATE t SET a = 1",
            refused(1222, "Lock request time out period exceeded."),
        ),
    ])
    .await;
    let mut session = session(address).await;
    let limits = Limits::default();
    let (outcome, _) = run(session.as_mut(), "SELECT a FROM nowhere", &limits).await;
    let error = failure(&outcome);
    assert_eq!(
        (error.kind, error.code.as_deref()),
        (ErrorKind::Statement, Some("208"))
    );
    assert_eq!(error.position, Some(dbvc_engine::error::Position::Byte(14)));
    assert_eq!(error.notes, ["level 16, state 1"]);
    for (sql, kind) in [
        ("DELETE FROM t", ErrorKind::Conflict),
        ("UPDATE t SET a = 1", ErrorKind::LockTimeout),
    ] {
        let (outcome, _) = run(session.as_mut(), sql, &limits).await;
        assert_eq!(failure(&outcome).kind, kind, "{sql}");
    }
    let (outcome, _) = run(session.as_mut(), "SELECT 1", &limits).await;
    assert!(outcome.failure.is_none(), "{outcome:?}");
}

#[tokio::test]
async fn messages_are_heard_in_order() {
    let said = ["dbvc: here", "one", "Warning: two"].map(|words| InfoMessage::new(0, 0, words));
    let answer = QueryResponse::select_one().with_info_tokens(said.to_vec());
    let address = server(vec![("EXEC talk", answer)]).await;
    let subscriber = tracing_subscriber::registry().with(dbvc_mssql::notices());
    let _listening = tracing::subscriber::set_default(subscriber);
    let mut session = session(address).await;
    let (_, notices) = run(session.as_mut(), "EXEC talk", &Limits::default()).await;
    let words: Vec<_> = notices.iter().map(|notice| notice.message.as_str()).collect();
    assert_eq!(words, ["one", "Warning: two"]);
}

fn slow() -> QueryResponse {
    QueryResponse::select_one().with_delay(Duration::from_mins(1))
}

#[tokio::test]
async fn a_request_to_stop_stops_the_batch_and_not_the_session() {
    let address = server(vec![("EXEC slow", slow())]).await;
    let mut session = session(address).await;
    let limits = Limits {
        cancel: CancellationToken::new(),
        ..Limits::default()
    };
    let cancel = limits.cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(200)).await;
        cancel.cancel();
    });
    let clock = Instant::now();
    let (outcome, _) = run(session.as_mut(), "EXEC slow", &limits).await;
    assert_eq!(failure(&outcome).kind, ErrorKind::Cancelled);
    assert!(clock.elapsed() < Duration::from_secs(10), "{:?}", clock.elapsed());
    let (outcome, _) = run(session.as_mut(), "SELECT 1", &Limits::default()).await;
    assert!(outcome.failure.is_none(), "{outcome:?}");
}

#[tokio::test]
async fn a_batch_that_takes_too_long_is_stopped() {
    let address = server(vec![("EXEC slow", slow())]).await;
    let mut session = session(address).await;
    let limits = Limits {
        statement_timeout: Some(Duration::from_millis(200)),
        ..Limits::default()
    };
    let (outcome, _) = run(session.as_mut(), "EXEC slow", &limits).await;
    assert_eq!(failure(&outcome).kind, ErrorKind::StatementTimeout);
    let (outcome, _) = run(session.as_mut(), "SELECT 1", &Limits::default()).await;
    assert!(outcome.failure.is_none(), "{outcome:?}");
}

/// Passes bytes on to `server` until it is told to cut.
async fn proxy(server: SocketAddr, cut: CancellationToken) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut from, _)) = listener.accept().await {
            let cut = cut.clone();
            tokio::spawn(async move {
                let mut to = TcpStream::connect(server).await.expect("the server");
                tokio::select! {
                    _ = copy_bidirectional(&mut from, &mut to) => {}
                    () = cut.cancelled() => {}
                }
            });
        }
    });
    address
}

#[tokio::test]
async fn a_connection_that_breaks_under_a_batch_is_lost() {
    let cut = CancellationToken::new();
    let address = server(vec![("EXEC slow", slow())]).await;
    let mut session = session(proxy(address, cut.clone()).await).await;
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(200)).await;
        cut.cancel();
    });
    let (outcome, _) = run(session.as_mut(), "EXEC slow", &Limits::default()).await;
    assert_eq!(failure(&outcome).kind, ErrorKind::ConnectionLost, "{outcome:?}");
    let (outcome, _) = run(session.as_mut(), "SELECT 1", &Limits::default()).await;
    assert_eq!(failure(&outcome).kind, ErrorKind::ConnectionLost);
}
