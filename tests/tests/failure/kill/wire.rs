//! A way to a server that kills the client at a message: before the server gets it, or when the server has it and the
//! client will never hear the answer. That hits every boundary between two messages, whatever the time is.

use std::io::{self, Read, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use dbvc_tests::Ran;
use dbvc_tests::stage::Stage;

use super::rounds::{Killer, Usual};

/// What a client may send before it tells its name: wishes for encryption (PostgreSQL's manual, 55.7 "Message Formats").
const WISHES: [u32; 2] = [80_877_103, 80_877_104];

/// Which message, of all that the client sends over all its connections.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    /// Counted from 1.
    pub(super) message: u32,
    /// Whether the server still gets it.
    pub(super) delivered: bool,
}

/// Kills a run at a point.
#[derive(Debug)]
pub(super) struct AtAMessage {
    pub(super) point: Point,
    /// Where the server listens.
    pub(super) server: SocketAddr,
}

/// What all connections of one run share.
#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    messages: u32,
    /// The message is there: nothing passes any more, in either direction.
    reached: bool,
    /// The client is dead.
    over: bool,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait_until_over(&self) {
        let state = self.state();
        drop(self.changed.wait_while(state, |state| !state.over));
    }
}

impl Killer for AtAMessage {
    fn kill(&mut self, stage: &Stage, line: &str, _: Usual) -> Ran {
        let shared = Arc::new(Shared::default());
        let here = listen(self.point, self.server, &shared);
        let url = stage.url().replace(&self.server.to_string(), &here.to_string());
        let call = stage.call(line).env("DBVC_URL", &url);
        let mut child = call.start();
        while !shared.state().reached && child.try_wait().expect("a process").is_none() {
            thread::sleep(Duration::from_micros(200));
        }
        let _ = child.kill();
        let ran = call.finish(child);
        shared.state().over = true;
        shared.changed.notify_all();
        // Wakes the thread that waits for connections, which then ends.
        let _ = TcpStream::connect(here);
        ran
    }
}

/// Passes connections on until the client is dead.
fn listen(point: Point, server: SocketAddr, shared: &Arc<Shared>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let here = listener.local_addr().expect("an address");
    let shared = Arc::clone(shared);
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            if shared.state().over {
                return;
            }
            let Ok(upstream) = TcpStream::connect(server) else {
                return;
            };
            let (answers, to) = (upstream.try_clone(), client.try_clone());
            if let (Ok(answers), Ok(to)) = (answers, to) {
                let shared = Arc::clone(&shared);
                thread::spawn(move || pass_answers(answers, to, &shared));
            }
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                // Either side may be gone at any time; that is what this is about.
                let _ = pass_messages(&client, &upstream, point, &shared);
                let _ = upstream.shutdown(Shutdown::Both);
            });
        }
    });
    here
}

fn pass_answers(mut from: TcpStream, mut to: TcpStream, shared: &Shared) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        if shared.state().reached || to.write_all(&buffer[..read]).is_err() {
            return;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

fn pass_messages(mut from: &TcpStream, mut to: &TcpStream, point: Point, shared: &Shared) -> io::Result<()> {
    let mut named = false;
    loop {
        let message = message(&mut from, &mut named)?;
        let mut state = shared.state();
        if !state.reached {
            state.messages += 1;
            state.reached = state.messages == point.message;
            if !state.reached || point.delivered {
                to.write_all(&message)?;
            }
        }
        if state.reached {
            drop(state);
            shared.wait_until_over();
            return Ok(());
        }
    }
}

/// One message with its length: a kind before that, except for those with which a connection begins.
fn message(from: &mut impl Read, named: &mut bool) -> io::Result<Vec<u8>> {
    let mut message = vec![0; if *named { 5 } else { 4 }];
    from.read_exact(&mut message)?;
    let number = |bytes: &[u8]| bytes.iter().fold(0_u32, |sum, byte| sum << 8 | u32::from(*byte));
    let head = message.len();
    let length = number(&message[head - 4..]) as usize;
    message.resize(head - 4 + length, 0);
    from.read_exact(&mut message[head..])?;
    if !*named {
        *named = !WISHES.contains(&number(&message[4..8]));
    }
    Ok(message)
}
