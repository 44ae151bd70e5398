//! A way to a server that kills the client at a message: before the server gets it, or when the server has it and the
//! client will never hear the answer. That hits every boundary between two messages, whatever the time is.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use dbvc_tests::Ran;
use dbvc_tests::proxy::Protocol;
use dbvc_tests::stage::Stage;

use super::rounds::{Killer, Usual};

/// The server notices within this time that a client is gone.
const LONGEST: Duration = Duration::from_secs(30);

/// Which message, of all that the client sends over all its connections.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    /// Counted from 1.
    pub(super) message: u32,
    /// What becomes of it.
    pub(super) fate: Fate,
}

/// What becomes of a message whose sender is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It never arrives.
    Lost,
    /// It has arrived before the sender is dead.
    Delivered,
    /// It was under way all the time that the next runs took, and arrives after them: the sender's machine sends what
    /// a dead process has handed to it.
    Late,
}

/// Kills a run at a point. What is late arrives when this is dropped.
#[derive(Debug)]
pub(super) struct AtAMessage {
    point: Point,
    /// Where the server listens.
    server: SocketAddr,
    protocol: Protocol,
    shared: Arc<Shared>,
}

impl AtAMessage {
    pub(super) fn new(point: Point, server: SocketAddr, protocol: Protocol) -> Self {
        let shared = Arc::default();
        Self {
            point,
            server,
            protocol,
            shared,
        }
    }
}

impl Drop for AtAMessage {
    fn drop(&mut self) {
        self.shared.end();
        let state = self.shared.state();
        let waited = self
            .shared
            .changed
            .wait_timeout_while(state, LONGEST, |state| state.connections > 0);
        assert!(
            waited.is_ok_and(|(_, timeout)| !timeout.timed_out()),
            "the server ends what was late"
        );
    }
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
    /// The client is dead, and what was late may pass.
    over: bool,
    /// How many are open to the server.
    connections: u32,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self) {
        self.state().over = true;
        self.changed.notify_all();
    }

    fn connections(&self, change: i32) {
        let mut state = self.state();
        state.connections = state.connections.saturating_add_signed(change);
        self.changed.notify_all();
    }

    fn wait_until_over(&self) {
        let state = self.state();
        drop(self.changed.wait_while(state, |state| !state.over));
    }
}

impl Killer for AtAMessage {
    fn kill(&mut self, stage: &Stage, line: &str, _: Usual) -> Ran {
        let shared = Arc::clone(&self.shared);
        let here = listen(self.point, self.server, self.protocol, &shared);
        let url = stage.url().replace(&self.server.to_string(), &here.to_string());
        let url = self.protocol.unencrypted(&url);
        let call = stage.call(line).env("DBVC_URL", &url);
        let mut child = call.start();
        while !shared.state().reached && child.try_wait().expect("a process").is_none() {
            thread::sleep(Duration::from_micros(200));
        }
        let _ = child.kill();
        let ran = call.finish(child);
        if self.point.fate != Fate::Late || has_a_transaction(stage) {
            shared.end();
        }
        // Wakes the thread that waits for connections, which then ends.
        let _ = TcpStream::connect(here);
        ran
    }
}

/// Whether a session of SQL Server's has a transaction open, which is several messages there: while the server does not
/// know that its client is dead, nobody gets past that. So what is late in one does not stay away for long.
fn has_a_transaction(stage: &Stage) -> bool {
    let open = "select cast(session_id as varchar(9)) from sys.dm_exec_sessions
        where database_id = db_id() and session_id <> @@spid and is_user_process = 1 and open_transaction_count > 0";
    stage.is_mssql() && !stage.database.texts(open).is_empty()
}

/// Passes connections on until the client is dead.
fn listen(point: Point, server: SocketAddr, protocol: Protocol, shared: &Arc<Shared>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let here = listener.local_addr().expect("an address");
    let shared = Arc::clone(shared);
    thread::spawn(move || {
        for client in listener.incoming().map_while(Result::ok) {
            if shared.state().reached {
                return;
            }
            let Ok(upstream) = TcpStream::connect(server) else {
                return;
            };
            let (answers, to) = (upstream.try_clone(), client.try_clone());
            if let (Ok(answers), Ok(to)) = (answers, to) {
                let shared = Arc::clone(&shared);
                shared.connections(1);
                thread::spawn(move || {
                    pass_answers(answers, to, &shared);
                    shared.connections(-1);
                });
            }
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                // Either side may be gone at any time; that is what this is about.
                if pass_messages((&client, &upstream), point, protocol, &shared).is_err() {
                    let _ = upstream.shutdown(Shutdown::Both);
                }
            });
        }
    });
    here
}

fn pass_answers(mut from: TcpStream, mut to: TcpStream, shared: &Shared) {
    let mut buffer = [0; 16 * 1024];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        if !shared.state().reached && to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}

fn pass_messages(
    (mut from, mut to): (&TcpStream, &TcpStream),
    point: Point,
    protocol: Protocol,
    shared: &Shared,
) -> io::Result<()> {
    let mut named = false;
    loop {
        let message = protocol.message(&mut from, &mut named)?;
        let mut state = shared.state();
        let mut is_it = false;
        if !state.reached {
            state.messages += 1;
            is_it = state.messages == point.message;
            if !is_it || point.fate == Fate::Delivered {
                to.write_all(&message)?;
            }
            state.reached = is_it;
        }
        if state.reached {
            drop(state);
            shared.wait_until_over();
            if is_it && point.fate == Fate::Late {
                to.write_all(&message)?;
                return to.shutdown(Shutdown::Write);
            }
            return to.shutdown(Shutdown::Both);
        }
    }
}
