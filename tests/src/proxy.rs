//! A proxy on loopback before a server: it counts, and it cuts connections or lets them fall silent at a message that
//! the test names.
//!
//! A message is what the protocol calls one, of all that clients send over all their connections, counted from 1. So a
//! test that goes through all numbers until a run is not disturbed any more has met every boundary.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

mod protocol;

pub use protocol::Protocol;

/// What befalls a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Its connection ends before it arrives.
    CutBefore,
    /// Its connection ends after half of it arrived.
    CutWithin,
    /// It arrives, and its connection ends while the server works on it: the answer comes to nobody.
    CutAfter,
    /// From it on nothing passes on its connection, which stays open; others are not concerned.
    Hush,
    /// From it on nothing passes on any connection, and new ones are taken and not served.
    HushAll,
    /// As [`CutAfter`](Self::CutAfter), and no new connection is taken any more.
    GoAway,
}

/// Passes connections on until the process ends; its threads wait for sockets and cost nothing.
#[derive(Debug)]
pub struct Proxy {
    here: SocketAddr,
    server: String,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    protocol: Protocol,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    messages: u32,
    planned: Option<(u32, Fault)>,
    struck: Option<Fault>,
}

impl Proxy {
    /// Begins to listen before the server of this address.
    ///
    /// # Panics
    /// Where the address has no host and port, or there is no free port on loopback.
    pub fn before(url: &str, protocol: Protocol) -> Self {
        let server = host_and_port(url)
            .expect("an address with host and port")
            .to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let here = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared {
            protocol,
            state: Mutex::default(),
        });
        let proxy = Self {
            here,
            server: server.clone(),
            shared: shared.clone(),
        };
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // A client whose server cannot be reached sees its connection closed, and says so itself.
                let _ = take(client, &server, &shared);
            }
        });
        proxy
    }

    /// The server's address, by way of this proxy.
    ///
    /// # Panics
    /// Where the address is another server's.
    pub fn to(&self, url: &str) -> String {
        assert_eq!(
            host_and_port(url),
            Some(self.server.as_str()),
            "the proxy's own server"
        );
        let through = url.replacen(&self.server, &self.here.to_string(), 1);
        self.shared.protocol.unencrypted(&through)
    }

    /// Plans a fault for the message of this number, counted from 1 from now on.
    pub fn plan(&self, message: u32, fault: Fault) {
        *self.shared.state() = State {
            planned: Some((message, fault)),
            ..State::default()
        };
    }

    /// How many messages came since the last plan.
    pub fn messages(&self) -> u32 {
        self.shared.state().messages
    }

    /// Whether the planned fault has happened.
    pub fn struck(&self) -> bool {
        self.shared.state().struck.is_some()
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_silent(&self) -> bool {
        self.state().struck == Some(Fault::HushAll)
    }

    /// Counts a message and says what befalls it.
    fn meet(&self) -> Option<Fault> {
        let mut state = self.state();
        state.messages += 1;
        let (_, fault) = state.planned.filter(|(at, _)| *at == state.messages)?;
        state.planned = None;
        state.struck = Some(fault);
        Some(fault)
    }
}

/// `host:port` of a URL.
fn host_and_port(url: &str) -> Option<&str> {
    let rest = url.split_once("://")?.1;
    let rest = rest.split(['/', '?']).next()?;
    let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
    place.contains(':').then_some(place)
}

fn take(client: TcpStream, server: &str, shared: &Arc<Shared>) -> io::Result<()> {
    match shared.state().struck {
        Some(Fault::GoAway) => return Ok(()),
        Some(Fault::HushAll) => {
            // Kept open and never answered, as long as the process lives.
            std::mem::forget(client);
            return Ok(());
        }
        _ => {}
    }
    let upstream = TcpStream::connect(server)?;
    client.set_nodelay(true)?;
    upstream.set_nodelay(true)?;
    let line = Arc::new(Line {
        client,
        server: upstream,
        hushed: Mutex::new(false),
    });
    let (up, down) = (line.clone(), line);
    let (shared_up, shared_down) = (shared.clone(), shared.clone());
    thread::spawn(move || {
        // Either side may be gone at any time; that is what this is about.
        let _ = up.pass_messages(&shared_up);
    });
    thread::spawn(move || down.pass_answers(&shared_down));
    Ok(())
}

/// One connection through the proxy.
struct Line {
    client: TcpStream,
    server: TcpStream,
    hushed: Mutex<bool>,
}

impl Line {
    fn is_hushed(&self) -> bool {
        *self.hushed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hush(&self) {
        *self.hushed.lock().unwrap_or_else(PoisonError::into_inner) = true;
    }

    fn pass_answers(&self, shared: &Shared) {
        let mut bytes = vec![0; 1 << 16];
        while let Ok(length @ 1..) = (&self.server).read(&mut bytes) {
            let silent = self.is_hushed() || shared.is_silent();
            if !silent && (&self.client).write_all(&bytes[..length]).is_err() {
                break;
            }
        }
        if !self.is_hushed() && !shared.is_silent() {
            let _ = self.client.shutdown(Shutdown::Both);
        }
    }

    fn pass_messages(&self, shared: &Shared) -> io::Result<()> {
        let mut named = false;
        let passed = loop {
            let message = shared.protocol.message(&mut &self.client, &mut named);
            let Ok(message) = message else { break Ok(()) };
            if self.is_hushed() || shared.is_silent() {
                continue;
            }
            let mut server = &self.server;
            match shared.meet() {
                None => server.write_all(&message)?,
                Some(Fault::Hush) => self.hush(),
                Some(Fault::HushAll) => {}
                Some(Fault::CutBefore) => break Ok(()),
                Some(Fault::CutWithin) => break server.write_all(&message[..message.len() / 2]),
                Some(Fault::CutAfter | Fault::GoAway) => {
                    self.hush();
                    self.client.shutdown(Shutdown::Both)?;
                    server.write_all(&message)?;
                    // The server works on it without a word from the client's side, as when a cable breaks.
                    thread::sleep(Duration::from_millis(100));
                    break Ok(());
                }
            }
        };
        let _ = self.client.shutdown(Shutdown::Both);
        let _ = self.server.shutdown(Shutdown::Both);
        passed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_in_an_address_is_found() {
        for url in [
            "postgres://ann:secret@127.0.0.1:5432/app?x=1",
            "postgres://127.0.0.1:5432",
            "postgres://ann:p%40ss@127.0.0.1:5432?application_name=a:b",
        ] {
            assert_eq!(host_and_port(url), Some("127.0.0.1:5432"), "{url}");
        }
        assert_eq!(host_and_port("postgres://localhost/app"), None);
    }

    /// A server that answers each `Q` message with one byte.
    fn echoing() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("postgres://{}/x", listener.local_addr().expect("an address"));
        thread::spawn(move || {
            for mut client in listener.incoming().flatten() {
                thread::spawn(move || {
                    let mut named = false;
                    while Protocol::Postgres.message(&mut client, &mut named).is_ok() {
                        let _ = client.write_all(b"!");
                    }
                });
            }
        });
        url
    }

    fn client(proxy: &Proxy) -> TcpStream {
        let client = TcpStream::connect(proxy.here).expect("a connection");
        let longest = Some(Duration::from_millis(500));
        client.set_read_timeout(longest).expect("a limit");
        client
    }

    const HELLO: &[u8] = b"\0\0\0\x08\0\x03\0\0";
    const QUERY: &[u8] = b"Q\0\0\0\x05\0";

    fn asks(mut client: &TcpStream, message: &[u8]) -> io::Result<()> {
        client.write_all(message)?;
        client.read_exact(&mut [0])
    }

    #[test]
    fn a_planned_message_is_met_once_and_others_pass() {
        for fault in [Fault::CutBefore, Fault::CutWithin, Fault::CutAfter] {
            let proxy = Proxy::before(&echoing(), Protocol::Postgres);
            proxy.plan(2, fault);
            let first = client(&proxy);
            asks(&first, HELLO).expect("the first passes");
            assert!(!proxy.struck());
            let error = asks(&first, QUERY).expect_err("the second is cut");
            assert_ne!(error.kind(), io::ErrorKind::WouldBlock, "{fault:?} closes");
            assert!(proxy.struck());
            asks(&client(&proxy), HELLO).expect("a new connection passes");
        }
    }

    #[test]
    fn a_hushed_connection_stays_open() {
        let proxy = Proxy::before(&echoing(), Protocol::Postgres);
        proxy.plan(1, Fault::Hush);
        let error = asks(&client(&proxy), HELLO).expect_err("no answer");
        assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        asks(&client(&proxy), HELLO).expect("another passes");
        proxy.plan(1, Fault::HushAll);
        for _ in 0..2 {
            let error = asks(&client(&proxy), HELLO).expect_err("no answer");
            assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
        }
    }
}
