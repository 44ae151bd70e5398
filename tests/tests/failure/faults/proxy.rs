//! A way to a server that breaks.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use dbvc_tests::stage::Stage;

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// The connection ends before the server gets it.
    Lost,
    /// The server gets it, and the connection ends before it can answer.
    Unanswered,
    /// The server gets half of it.
    Torn,
    /// Neither it nor anything after it arrives, on any connection, and nobody says so.
    Silence,
}

/// Passes everything on but for one message of the client, counted over all its connections from 1.
#[derive(Debug)]
pub(super) struct Proxy {
    here: SocketAddr,
    server: String,
    messages: Arc<AtomicU32>,
}

impl Proxy {
    pub(super) fn before(stage: &Stage, message: u32, fate: Fate) -> Self {
        let server = address(&stage.url());
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let here = listener.local_addr().expect("an address");
        let messages = Arc::new(AtomicU32::new(0));
        let (count, upstream) = (Arc::clone(&messages), server.clone());
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let Ok(server) = TcpStream::connect(&upstream) else {
                    continue;
                };
                let count = Arc::clone(&count);
                thread::spawn(move || {
                    let hit = |number| number == message || (fate == Fate::Silence && number > message);
                    pass(&client, &server, |number| hit(number).then_some(fate), &count);
                });
            }
        });
        Self {
            here,
            server,
            messages,
        }
    }

    /// The database's address by this way.
    pub(super) fn url(&self, stage: &Stage) -> String {
        stage.url().replace(&self.server, &self.here.to_string())
    }

    /// Messages that came from the client so far.
    pub(super) fn messages(&self) -> u32 {
        self.messages.load(Ordering::SeqCst)
    }
}

/// The host and the port of a URL with both.
fn address(url: &str) -> String {
    let behind = url.split_once('@').expect("a user").1;
    behind.split_once('/').expect("a database").0.to_owned()
}

fn pass(client: &TcpStream, server: &TcpStream, fate: impl Fn(u32) -> Option<Fate>, count: &AtomicU32) {
    let (mut from, mut to) = (client, server);
    let mut answers = server.try_clone().expect("a stream");
    let mut back = client.try_clone().expect("a stream");
    thread::spawn(move || {
        let _ = std::io::copy(&mut answers, &mut back);
        let _ = back.shutdown(Shutdown::Both);
    });
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = match from.read(&mut buffer) {
            Ok(0) | Err(_) => break,
            Ok(read) => read,
        };
        let number = count.fetch_add(1, Ordering::SeqCst) + 1;
        let (sent, ends) = match fate(number) {
            None => (read, false),
            Some(Fate::Lost) => (0, true),
            Some(Fate::Unanswered) => (read, true),
            Some(Fate::Torn) => (read / 2, true),
            Some(Fate::Silence) => loop {
                thread::park();
            },
        };
        if ends {
            // First, so that no answer gets through.
            let _ = client.shutdown(Shutdown::Both);
        }
        if to.write_all(&buffer[..sent]).is_err() || ends {
            break;
        }
    }
    let _ = server.shutdown(Shutdown::Write);
}
