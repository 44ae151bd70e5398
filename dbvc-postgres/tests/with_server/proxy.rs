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
        let url = target.reveal_url();
        let server = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap_or(5432));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let flights = Arc::new(AtomicU32::new(0));
        let count = flights.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
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
