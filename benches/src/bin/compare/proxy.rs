//! A proxy on loopback that counts round trips: how often a client speaks after the server did.
//!
//! It is only in the way of runs that are counted, never of runs that are timed.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use crate::database::Address;

/// Listens until the process ends; its threads wait for sockets and cost nothing.
#[derive(Debug)]
pub(crate) struct Proxy {
    /// Where it listens on loopback.
    pub(crate) port: u16,
    trips: Arc<AtomicU64>,
}

impl Proxy {
    pub(crate) fn before(server: &Address) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let port = listener.local_addr()?.port();
        let trips = Arc::new(AtomicU64::new(0));
        let count = trips.clone();
        let address = format!("{}:{}", server.host, server.port);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A client whose server cannot be reached sees its connection closed, and says so itself.
                if let Ok(server) = TcpStream::connect(&address) {
                    let _ = pass(client, server, &count);
                }
            }
        });
        Ok(Self { port, trips })
    }

    /// The round trips since the last call, over all connections.
    pub(crate) fn take(&self) -> u64 {
        self.trips.swap(0, Ordering::SeqCst)
    }
}

fn pass(client: TcpStream, server: TcpStream, trips: &Arc<AtomicU64>) -> io::Result<()> {
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (from_server, to_client) = (server.try_clone()?, client.try_clone()?);
    let server_spoke = Arc::new(AtomicBool::new(true));
    let (spoke, trips) = (server_spoke.clone(), trips.clone());
    thread::spawn(move || {
        relay(client, server, || {
            if spoke.swap(false, Ordering::SeqCst) {
                trips.fetch_add(1, Ordering::SeqCst);
            }
        });
    });
    thread::spawn(move || {
        relay(from_server, to_client, || {
            server_spoke.store(true, Ordering::SeqCst);
        });
    });
    Ok(())
}

fn relay(mut from: TcpStream, mut to: TcpStream, heard: impl Fn()) {
    let mut bytes = vec![0; 1 << 16];
    while let Ok(length @ 1..) = from.read(&mut bytes) {
        heard();
        if to.write_all(&bytes[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_in_one_go_is_one_trip_and_what_waits_for_an_answer_is_another() {
        let server = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = Address {
            host: "127.0.0.1".to_owned(),
            port: server.local_addr().expect("an address").port(),
            user: String::new(),
            password: String::new(),
            name: String::new(),
        };
        let answering = thread::spawn(move || {
            let (mut client, _) = server.accept().expect("a client");
            let mut three = [0; 3];
            for _ in 0..2 {
                client.read_exact(&mut three).expect("three bytes");
                client.write_all(b"!").expect("an answer");
            }
        });
        let proxy = Proxy::before(&address).expect("a proxy");
        let mut client = TcpStream::connect(("127.0.0.1", proxy.port)).expect("a connection");
        let mut answer = [0];
        for part in [&b"ab"[..], b"c"] {
            client.write_all(part).expect("a part");
        }
        client.read_exact(&mut answer).expect("an answer");
        client.write_all(b"abc").expect("a second message");
        client.read_exact(&mut answer).expect("an answer");
        answering.join().expect("the server ends");
        assert_eq!(proxy.take(), 2);
        assert_eq!(proxy.take(), 0, "taken");
    }
}
