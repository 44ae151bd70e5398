//! Places where no server answers, or not one that one can talk to.

use dbvc_engine::error::ErrorKind;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::talk::Address;

/// What a server says first (protocol version 10), without TLS among what it can do.
pub(crate) fn greeting(version: &str) -> Vec<u8> {
    let mut packet = vec![10];
    packet.extend_from_slice(version.as_bytes());
    packet.push(0);
    packet.extend_from_slice(&7_u32.to_le_bytes());
    packet.extend_from_slice(b"saltsalt\0");
    // Protocol 4.1, transactions, secure connection, plugins, several statements, EOF left out.
    let can: u32 = 0x0001 | 0x0008 | 0x0200 | 0x2000 | 0x8000 | 0x0008_0000 | 0x0003_0000 | 0x0100_0000;
    packet.extend_from_slice(&can.to_le_bytes()[..2]);
    packet.push(45);
    packet.extend_from_slice(&2_u16.to_le_bytes());
    packet.extend_from_slice(&can.to_le_bytes()[2..]);
    packet.push(21);
    packet.extend_from_slice(&[0; 10]);
    packet.extend_from_slice(b"saltsaltsalt\0");
    packet.extend_from_slice(b"caching_sha2_password\0");
    packet
}

/// An error packet as a server sends it before the login: no SQLSTATE.
fn early_error(number: u16, words: &str) -> Vec<u8> {
    let mut packet = vec![0xff];
    packet.extend_from_slice(&number.to_le_bytes());
    packet.extend_from_slice(words.as_bytes());
    packet
}

/// Listens, and answers each message of the client with the next packet; the first comes unasked.
pub(crate) async fn answering(packets: Vec<Vec<u8>>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            for (turn, packet) in packets.iter().enumerate() {
                if turn > 0 {
                    let _ = stream.read(&mut [0; 4096]).await;
                }
                let number = u8::try_from(turn * 2).unwrap();
                let length = u32::try_from(packet.len()).unwrap().to_le_bytes();
                let mut bytes = vec![length[0], length[1], length[2], number];
                bytes.extend_from_slice(packet);
                let _ = stream.write_all(&bytes).await;
            }
            let _ = stream.read(&mut [0; 4096]).await;
        }
    });
    port
}

async fn fake(packets: Vec<Vec<u8>>) -> Address {
    let port = answering(packets).await;
    Address::of(&format!(
        "mysql://ann:hunter2@127.0.0.1:{port}/app?connect-timeout=3"
    ))
}

#[tokio::test]
async fn an_unknown_host_and_a_closed_port_are_named() {
    let address = Address::of("mysql://ann:hunter2@nowhere.invalid/app");
    address
        .refused_with(
            ErrorKind::Unreachable,
            "does not know the host name `nowhere.invalid`",
        )
        .await;
    let address = Address::of("mysql://ann:hunter2@127.0.0.1:1/app");
    address
        .refused_with(ErrorKind::Unreachable, "nothing listens on 127.0.0.1 port 1:")
        .await;
}

#[tokio::test]
async fn a_socket_that_is_not_there_is_named() {
    for address in [
        "mysql://ann:hunter2@localhost/app?socket=/no/such.sock",
        "mysql://ann:hunter2@%2Fno%2Fsuch.sock/app",
    ] {
        let address = Address::of(address);
        address
            .refused_with(ErrorKind::Unreachable, "there is no socket /no/such.sock")
            .await;
    }
}

/// Its counter leaves connections of this machine itself out, so that no real server can be brought to it here.
#[tokio::test]
async fn a_blocked_host_says_how_to_unblock_it() {
    let words = "Host '10.0.0.9' is blocked because of many connection errors";
    let blocked = fake(vec![early_error(1129, words)]).await;
    blocked.refused_with(ErrorKind::Unreachable, "FLUSH HOSTS").await;
    let words = "Host '10.0.0.9' is not allowed to connect to this server";
    let unknown = fake(vec![early_error(1130, words)]).await;
    unknown
        .refused_with(ErrorKind::Unauthenticated, "CREATE USER 'ann'@'<this machine>'")
        .await;
}

/// A key that is none made the client library panic.
#[tokio::test]
async fn an_answer_that_makes_no_sense_is_an_error() {
    let key = b"\x01no key at all".to_vec();
    let fake_key = fake(vec![greeting("8.4.3"), vec![1, 4], key]).await;
    fake_key.refused_with(ErrorKind::Protocol, "makes no sense").await;
}
