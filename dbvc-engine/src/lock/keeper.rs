//! Keeping the lock while a run works.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::driver::{Deadline, Driver, Fence, Lease, LockKind, Session, Target, now};
use crate::error::{DriverError, ErrorKind, Operation};

/// Holds the lock on a connection of its own and renews the lease every third of its life. When the lock is lost,
/// [`Keeper::lost`] fires and the run must stop.
#[derive(Debug)]
pub struct Keeper {
    fence: Fence,
    stop: CancellationToken,
    lost: CancellationToken,
    ends: Deadline,
    task: JoinHandle<Box<dyn Session>>,
    lease: Lease,
}

impl Keeper {
    /// Begins to keep `lease` on `session`. `asked` is the moment, by [`now`], before it was asked for: its end is counted
    /// from there. `run` is the run's own token; it is cancelled when the lock is lost.
    /// `driver` and `target` serve to connect again when the connection breaks.
    pub fn start(
        session: Box<dyn Session>,
        (lease, asked): (Lease, Duration),
        run: CancellationToken,
        driver: Arc<dyn Driver>,
        target: Target,
    ) -> Self {
        let stop = CancellationToken::new();
        let lost = CancellationToken::new();
        let ends = Deadline::never();
        if session.capabilities().lock != LockKind::File {
            ends.set(asked + lease.ttl);
        }
        let renewal = Renewal {
            lease: lease.clone(),
            stop: stop.clone(),
            lost: lost.clone(),
            ends: ends.clone(),
            run,
            driver,
            target,
        };
        let task = tokio::spawn(renewal.run(session));
        Self {
            fence: lease.fence.clone(),
            stop,
            lost,
            ends,
            task,
            lease,
        }
    }

    /// The number to show with every write.
    pub fn fence(&self) -> &Fence {
        &self.fence
    }

    /// Fires when the lock is lost.
    pub fn lost(&self) -> &CancellationToken {
        &self.lost
    }

    /// The lease's end, which moves on with each renewal. It comes even when nobody could notice: the process was stopped,
    /// or the machine slept.
    pub fn ends(&self) -> &Deadline {
        &self.ends
    }

    /// Gives the lock back and closes the connection. Goes on after a cancelled run: the token that was cancelled
    /// has no say here.
    pub async fn release(self) -> Result<(), DriverError> {
        self.stop.cancel();
        let mut session = self.task.await.map_err(|error| {
            DriverError::new(
                ErrorKind::Protocol,
                Operation::Lock,
                format!("the lock's keeper ended badly: {error}"),
            )
        })?;
        let goodbye = async {
            let unlocked = session.unlock(&self.lease).await;
            let closed = session.close().await;
            unlocked.and(closed)
        };
        // A connection that went silent would keep a run from ending whose work is done.
        tokio::time::timeout(GOODBYE, goodbye)
            .await
            .unwrap_or_else(|_| Err(no_answer()))
    }
}

/// How long giving the lock back may take. A container's stop leaves ten seconds for all that is to be tidied up.
const GOODBYE: Duration = Duration::from_secs(3);

struct Renewal {
    lease: Lease,
    stop: CancellationToken,
    lost: CancellationToken,
    ends: Deadline,
    run: CancellationToken,
    driver: Arc<dyn Driver>,
    target: Target,
}

impl Renewal {
    async fn run(self, mut session: Box<dyn Session>) -> Box<dyn Session> {
        if session.capabilities().lock == LockKind::File {
            self.stop.cancelled().await;
            return session;
        }
        let third = self.lease.ttl / 3;
        let mut pause = self.ends.left().unwrap_or_default().saturating_sub(third * 2);
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return session,
                () = tokio::time::sleep(pause) => {}
            }
            // The end is counted from before the renewal was sent: the server's clock cannot have begun earlier.
            let sent = now();
            let renewed = if self.ends.is_over() {
                Err(too_late())
            } else {
                tokio::select! {
                    renewed = self.renew(&mut session) => renewed,
                    () = self.stopped_long_ago() => return session,
                }
            };
            match renewed {
                Ok(()) => {
                    self.ends.set(sent + self.lease.ttl);
                    pause = third;
                }
                Err(error) if error.kind == ErrorKind::LockLost || self.ends.is_over() => {
                    self.lost.cancel();
                    self.run.cancel();
                    self.stop.cancelled().await;
                    return session;
                }
                Err(_) => pause = Duration::from_millis(500).min(third),
            }
        }
    }

    /// Ends when the lock was to be given back for so long that a renewal under way is not worth waiting for.
    async fn stopped_long_ago(&self) {
        self.stop.cancelled().await;
        tokio::time::sleep(GOODBYE).await;
    }

    /// Renews once, on a new connection when the old one is broken, and never later than the lease's end.
    async fn renew(&self, session: &mut Box<dyn Session>) -> Result<(), DriverError> {
        let attempt = async {
            match session.renew(&self.lease).await {
                Err(error) if error.kind.ends_session() => {
                    *session = self.driver.connect(&self.target).await?;
                    session.renew(&self.lease).await
                }
                other => other,
            }
        };
        let left = self.ends.left().unwrap_or(self.lease.ttl);
        tokio::time::timeout(left, attempt)
            .await
            .unwrap_or_else(|_| Err(too_late()))
    }
}

fn no_answer() -> DriverError {
    DriverError::new(
        ErrorKind::ConnectionLost,
        Operation::Lock,
        format!("no answer within {} s", GOODBYE.as_secs()),
    )
}

fn too_late() -> DriverError {
    DriverError::new(
        ErrorKind::ConnectionLost,
        Operation::Lock,
        "the lease could not be renewed in time",
    )
}
