//! A loopback proxy that counts how often the client speaks after the server did: the round trips.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use dbvc_engine::driver::Target;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(crate) struct Proxy {
    port: u16,
    flights: Arc<AtomicU32>,
}

impl Proxy {
    pub(crate) async fn before(target: &Target) -> Self {
        Self::start(target, false).await
    }

    /// One that refuses start-up options, as poolers do.
    pub(crate) async fn refusing_options(target: &Target) -> Self {
        Self::start(target, true).await
    }

    async fn start(target: &Target, refuses: bool) -> Self {
        let url = target.reveal_url();
        let server = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let flights = Arc::new(AtomicU32::new(0));
        let count = flights.clone();
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                if refuses && refused(&mut client).await {
                    continue;
                }
                let upstream = TcpStream::connect(&server).await.unwrap();
                client.set_nodelay(true).unwrap();
                upstream.set_nodelay(true).unwrap();
                tokio::spawn(pass(client, upstream, count.clone()));
            }
        });
        Self { port, flights }
    }

    pub(crate) fn target(&self, target: &Target) -> Target {
        let mut url = target.reveal_url().clone();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(self.port)).unwrap();
        url.query_pairs_mut().append_pair("sslmode", "disable");
        Target::parse(url.as_str()).unwrap()
    }

    /// The round trips since the last call.
    pub(crate) fn take(&self) -> u32 {
        self.flights.swap(0, Ordering::SeqCst)
    }
}

/// Reads the start-up without taking it, and refuses it when it has options.
async fn refused(client: &mut TcpStream) -> bool {
    let mut bytes = vec![0; 1 << 12];
    let length = client.peek(&mut bytes).await.unwrap();
    let has_options = bytes[..length].windows(8).any(|part| part == b"options\0");
    if has_options {
        let _ = client.read(&mut bytes).await;
        let words = b"SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: options\0\0";
        let mut answer = vec![b'E'];
        answer.extend(u32::try_from(words.len() + 4).unwrap().to_be_bytes());
        answer.extend(words);
        client.write_all(&answer).await.unwrap();
    }
    has_options
}

async fn pass(client: TcpStream, server: TcpStream, flights: Arc<AtomicU32>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let server_spoke = Arc::new(AtomicBool::new(true));
    let spoke = server_spoke.clone();
    let up = async move {
        let mut bytes = vec![0; 1 << 16];
        while let Ok(length @ 1..) = from_client.read(&mut bytes).await {
            if spoke.swap(false, Ordering::SeqCst) {
                flights.fetch_add(1, Ordering::SeqCst);
            }
            if to_server.write_all(&bytes[..length]).await.is_err() {
                break;
            }
        }
        let _ = to_server.shutdown().await;
    };
    let down = async move {
        let mut bytes = vec![0; 1 << 16];
        while let Ok(length @ 1..) = from_server.read(&mut bytes).await {
            server_spoke.store(true, Ordering::SeqCst);
            if to_client.write_all(&bytes[..length]).await.is_err() {
                break;
            }
        }
        let _ = to_client.shutdown().await;
    };
    tokio::join!(up, down);
}
