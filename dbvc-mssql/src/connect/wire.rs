//! Logins over the wire, to Microsoft's mock of a server and to one that only refuses.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use dbvc_engine::error::{DriverError, ErrorKind};
use mssql_mock_tds::protocol::{
    PacketHeader, PacketType, build_done_token, build_login_ack, build_prelogin_response_with_encryption,
    build_terminal_error_tokens,
};
use mssql_mock_tds::{MockTdsServer, QueryResponse, TerminalError, create_test_identity};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

const LOCAL: &str = "127.0.0.1:0";

async fn opened(url: &str) -> dbvc_engine::error::Result<Connected> {
    open(&Target::parse(url).expect("a URL")).await
}

async fn connected(url: &str) -> Connected {
    match opened(url).await {
        Ok(connected) => connected,
        Err(error) => panic!("{error:?}"),
    }
}

async fn refused(url: &str) -> DriverError {
    match opened(url).await {
        Ok(_) => panic!("there is a connection"),
        Err(error) => error,
    }
}

fn said(error: &DriverError) -> String {
    format!("{} / {}", error.message, error.notes.join(" / "))
}

#[tokio::test]
async fn a_login_reaches_its_database_and_a_batch_arrives_as_it_is() {
    let server = MockTdsServer::new(LOCAL).await.expect("a port");
    let (address, registry, store) = (
        server.local_addr(),
        server.query_registry(),
        server.connection_store(),
    );
    let running = tokio::spawn(server.run());
    let batch = "-- it's\r\n/* GO */ SELECT 1\r\n\tAS [a]]b] -- é🦀";
    registry.lock().await.register(batch, QueryResponse::select_one());
    let mut connected = connected(&format!("mssql://ann:p%40ss@{address}/shop?encrypt=none")).await;
    let stream = connected.client.simple_query(batch).await.expect("sent");
    let rows = stream.into_first_result().await.expect("an answer");
    assert_eq!(rows.len(), 1, "the mock knows the text");
    let seen = store.lock().await;
    let info = seen.all().values().next().expect("a connection");
    assert_eq!(info.received_database.as_deref(), Some("shop"));
    running.abort();
}

#[tokio::test]
async fn a_token_is_the_login() {
    let server = MockTdsServer::new(LOCAL).await.expect("a port");
    let (address, store) = (server.local_addr(), server.connection_store());
    let running = tokio::spawn(server.run());
    connected(&format!("mssql://{address}/shop?encrypt=none&token=eyJ.abc")).await;
    let seen = store.lock().await;
    let info = seen.all().values().next().expect("a connection");
    assert_eq!(info.received_token_as_string().as_deref(), Some("eyJ.abc"));
    running.abort();
}

#[tokio::test]
async fn a_gateway_s_word_is_followed_and_a_circle_of_them_ends() {
    let behind = MockTdsServer::new(LOCAL).await.expect("a port");
    let (address, store) = (behind.local_addr(), behind.connection_store());
    let gateway = MockTdsServer::new_with_redirection(LOCAL, "127.0.0.1", address.port())
        .await
        .expect("a port");
    let front = gateway.local_addr();
    let running = [tokio::spawn(behind.run()), tokio::spawn(gateway.run())];
    connected(&format!("mssql://ann:x@{front}/shop?encrypt=none")).await;
    assert_eq!(store.lock().await.count(), 1);
    running.iter().for_each(tokio::task::JoinHandle::abort);

    let port = TcpListener::bind(LOCAL)
        .await
        .expect("a port")
        .local_addr()
        .expect("bound")
        .port();
    let circle = MockTdsServer::new_with_redirection(format!("127.0.0.1:{port}").as_str(), "127.0.0.1", port)
        .await
        .expect("a port");
    let running = tokio::spawn(circle.run());
    let error = refused(&format!("mssql://ann:x@127.0.0.1:{port}/shop?encrypt=none")).await;
    assert!(said(&error).contains("on and on"), "{}", said(&error));
    running.abort();
}

#[tokio::test]
async fn strict_tls_checks_the_issuer() {
    let mut parameters = CertificateParams::new(Vec::new()).expect("no names");
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer =
        CertifiedIssuer::self_signed(parameters, KeyPair::generate().expect("a key")).expect("an issuer");
    let key = KeyPair::generate().expect("a key");
    let leaf = CertificateParams::new(vec!["localhost".to_owned()])
        .and_then(|parameters| parameters.signed_by(&key, &issuer))
        .expect("a certificate");
    let identity =
        create_test_identity(leaf.pem().as_bytes(), key.serialize_pem().as_bytes()).expect("an identity");
    let server = MockTdsServer::new_with_strict_tls(LOCAL, identity)
        .await
        .expect("a port");
    let port = server.local_addr().port();
    let running = tokio::spawn(server.run());
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("ca.pem");
    std::fs::write(&file, issuer.pem()).expect("written");
    let authority = file.display();

    let url = |host: &str, options: &str| format!("mssql://ann:x@{host}:{port}/shop?encrypt=strict{options}");
    connected(&url("localhost", &format!("&tls_ca={authority}"))).await;
    let error = refused(&url("localhost", "")).await;
    assert_eq!(error.kind, ErrorKind::Tls, "{}", said(&error));
    assert!(said(&error).contains("tls_ca"), "{}", said(&error));
    let error = refused(&url("127.0.0.1", &format!("&tls_ca={authority}"))).await;
    assert_eq!(error.kind, ErrorKind::Tls, "{}", said(&error));
    assert!(
        said(&error).contains("host_name_in_certificate"),
        "{}",
        said(&error)
    );
    connected(&url(
        "127.0.0.1",
        &format!("&tls_ca={authority}&host_name_in_certificate=localhost"),
    ))
    .await;
    running.abort();
}

/// In place of an error: the connection ends without a word.
const HANGS_UP: (u32, &str) = (0, "");

/// A server that answers the first logins with these errors, and lets all others in; with a count of the logins.
async fn refusing(errors: Vec<(u32, &'static str)>) -> (SocketAddr, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(LOCAL).await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let logins = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&logins);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            for answer in 0.. {
                let mut header = [0; 8];
                if stream.read_exact(&mut header).await.is_err() {
                    break;
                }
                let mut body = vec![0; usize::from(u16::from_be_bytes([header[2], header[3]])) - 8];
                stream.read_exact(&mut body).await.expect("the rest of it");
                let packet = if answer == 0 {
                    build_prelogin_response_with_encryption(false).to_vec()
                } else {
                    let login = count.fetch_add(1, Ordering::SeqCst);
                    let error = errors.get(login).copied();
                    if error == Some(HANGS_UP) {
                        break;
                    }
                    tabular(error)
                };
                stream.write_all(&packet).await.expect("sent");
            }
        }
    });
    (address, logins)
}

fn tabular(error: Option<(u32, &str)>) -> Vec<u8> {
    let mut tokens = build_login_ack();
    match error {
        Some((number, message)) => {
            tokens = build_terminal_error_tokens(&TerminalError::new(number, 14, message));
        }
        None => tokens.extend_from_slice(&build_done_token(0)),
    }
    let length = u16::try_from(tokens.len() + 8).expect("short");
    let mut packet = bytes::BytesMut::new();
    PacketHeader::new(PacketType::TabularResult, length, 1).write(&mut packet);
    packet.extend_from_slice(&tokens);
    packet.to_vec()
}

#[tokio::test]
async fn a_fault_that_passes_is_tried_again() {
    let (address, logins) = refusing(vec![
        (
            40_613,
            "Database 'shop' on server 'x' is not currently available.",
        ),
        (
            10_928,
            "Resource ID : 1. The request limit for the database is 30 and has been reached.",
        ),
    ])
    .await;
    connected(&format!(
        "mssql://ann:x@{address}/shop?encrypt=none&connect_timeout=20"
    ))
    .await;
    assert_eq!(logins.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn a_database_in_azure_that_wakes_up_or_moves_is_waited_for() {
    let asleep = (4060, "Cannot open database \"shop\" requested by the login.");
    let (address, logins) = refusing(vec![asleep, HANGS_UP]).await;
    connected(&format!(
        "azuresql://ann:x@{address}/shop?encrypt=none&connect_timeout=20"
    ))
    .await;
    assert_eq!(logins.load(Ordering::SeqCst), 3);
    let (address, logins) = refusing(vec![HANGS_UP; 9]).await;
    let error = refused(&format!("mssql://ann:x@{address}/shop?encrypt=none")).await;
    assert_eq!(error.kind, ErrorKind::Unreachable, "{}", said(&error));
    assert_eq!(logins.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_fault_that_does_not_pass_in_time_is_told() {
    let fault = (
        40_613,
        "Database 'shop' on server 'x' is not currently available.",
    );
    let (address, logins) = refusing(vec![fault; 100]).await;
    let error = refused(&format!(
        "mssql://ann:x@{address}/shop?encrypt=none&connect_timeout=2"
    ))
    .await;
    assert!(logins.load(Ordering::SeqCst) > 1);
    assert_eq!(error.code.as_deref(), Some("40613"));
    assert!(said(&error).contains("wakes up"), "{}", said(&error));
}

#[tokio::test]
async fn a_refusal_says_what_to_do_and_is_not_tried_again() {
    for (number, words, kind, advice) in [
        (
            18_456,
            "Login failed for user 'ann'.",
            ErrorKind::Unauthenticated,
            "check user and password",
        ),
        (
            4060,
            "Cannot open database \"shop\" requested by the login.",
            ErrorKind::NoSuchDatabase,
            "CREATE DATABASE [shop]",
        ),
        (
            40_615,
            "Cannot open server 'shop-prod' requested by the login. Client with IP address '203.0.113.7' is not allowed to \
             access the server.",
            ErrorKind::Unreachable,
            "firewall-rule create --resource-group GROUP --server shop-prod --name dbvc --start-ip-address 203.0.113.7",
        ),
    ] {
        let (address, logins) = refusing(vec![(number, words); 9]).await;
        let error = refused(&format!("mssql://ann:hunter2@{address}/shop?encrypt=none")).await;
        assert_eq!(error.kind, kind, "{}", said(&error));
        assert!(said(&error).contains(advice), "{}", said(&error));
        assert!(!format!("{error:?}").contains("hunter2"));
        assert_eq!(logins.load(Ordering::SeqCst), 1, "{number}");
    }
}

#[tokio::test]
async fn nobody_and_somebody_silent_are_told_apart() {
    let listener = TcpListener::bind(LOCAL).await.expect("a port");
    let address = listener.local_addr().expect("bound");
    let error = refused(&format!(
        "mssql://ann:x@{address}/shop?encrypt=none&connect_timeout=1"
    ))
    .await;
    assert!(said(&error).contains("no answer within 1 s"), "{}", said(&error));
    drop(listener);
    let error = refused(&format!(
        "mssql://ann:x@{address}/shop?encrypt=none&connect_timeout=1"
    ))
    .await;
    assert_eq!(error.kind, ErrorKind::Unreachable);
    assert!(said(&error).contains("nothing listens"), "{}", said(&error));
}
