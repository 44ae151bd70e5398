//! One try for a lock that is a row of a lease, a row of a fence and a lock of the session's, in the order that is safe.

use async_trait::async_trait;
use uuid::Uuid;

use crate::driver::{Fence, Holder, Lease, LockAttempt, LockRequest};
use crate::error::{DriverError, ErrorKind, Operation, Result};

/// What was found while the fence was held for taking.
#[derive(Debug, Clone)]
pub struct Held {
    /// Whoever the lease's row names.
    pub holder: Option<Holder>,
    /// Our session has the lock that proves that its holder lives.
    pub proven: bool,
}

/// The steps of [`try_lock`] and [`break_lock`]. Each is a message to the server.
#[async_trait]
pub trait LockSteps: Send {
    /// The holder that the lease's row names, and whether the fence has a row.
    async fn look(&mut self, name: &str) -> Result<(Option<Holder>, bool)>;

    /// Begins a transaction in which nobody else takes the fence or writes by it, and looks again. Waits for nobody: it
    /// fails as `LockTimeout` or `Conflict` where another transaction is there.
    async fn take(&mut self, name: &str, taking: Taking) -> Result<Held>;

    /// Moves the fence, writes the lease, commits, and gives the fence's number.
    async fn hold(&mut self, request: &LockRequest, proven: bool) -> Result<Option<u64>>;

    /// Moves the fence, removes the lease of this run, and commits.
    async fn end(&mut self, name: &str, run: Uuid) -> Result<()>;

    /// Rolls back what [`take`](Self::take) began. A session that cannot is lost, which does the same.
    async fn take_back(&mut self);

    /// Gives the lock back that proves that its holder lives.
    async fn unprove(&mut self, name: &str) -> Result<()>;

    /// How sessions are shown and ended on such a server.
    fn sessions(&self) -> &'static str;
}

/// How the fence is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taking {
    /// The fence has no row yet.
    pub makes_fence: bool,
    /// Ask for the lock that proves that we live.
    pub proves: bool,
}

/// Tries once: looks, takes the fence, looks again, and holds or leaves it.
///
/// # Errors
/// What the steps say; `LockTimeout` where a transaction of an earlier run still has the fence, or another run takes it
/// just now.
pub async fn try_lock<S: LockSteps + ?Sized>(steps: &mut S, request: &LockRequest) -> Result<LockAttempt> {
    let name = request.name.as_str();
    let is_held = |holder: &Holder| holder.owner.run != request.owner.run && holder.lives();
    let (holder, has_fence) = steps.look(name).await?;
    if let Some(holder) = holder.filter(is_held) {
        return Ok(LockAttempt::Held(holder));
    }
    let taking = Taking {
        makes_fence: !has_fence,
        proves: true,
    };
    let held = match steps.take(name, taking).await {
        Ok(held) => held,
        Err(error) if matches!(error.kind, ErrorKind::LockTimeout | ErrorKind::Conflict) => {
            let (holder, _) = steps.look(name).await?;
            return match holder.filter(is_held) {
                Some(holder) => Ok(LockAttempt::Held(holder)),
                None => Err(busy(steps)),
            };
        }
        Err(error) => return Err(error),
    };
    if let Some(holder) = held.holder.clone().filter(is_held) {
        steps.take_back().await;
        if held.proven {
            steps.unprove(name).await?;
        }
        return Ok(LockAttempt::Held(holder));
    }
    let token = steps.hold(request, held.proven).await?;
    let none = || DriverError::new(ErrorKind::Protocol, Operation::Lock, "the fence has no number");
    Ok(LockAttempt::Acquired(Lease {
        fence: Fence {
            lock: name.to_owned(),
            token: token.ok_or_else(none)?,
        },
        run: request.owner.run,
        ttl: request.ttl,
        proven: held.proven,
        taken_from: held.holder.filter(|before| before.owner.run != request.owner.run),
    }))
}

/// Whoever holds the lock. None where there is no record yet.
///
/// # Errors
/// What the steps say.
pub async fn holder<S: LockSteps + ?Sized>(steps: &mut S, name: &str) -> Result<Option<Holder>> {
    match steps.look(name).await {
        Ok((holder, _)) => Ok(holder),
        Err(error) if error.kind == ErrorKind::NotInstalled => Ok(None),
        Err(error) => Err(error),
    }
}

/// Takes the lock away from `holder`, if it is still the one who has it.
///
/// # Errors
/// What the steps say; `LockTimeout` where a transaction still has the fence.
pub async fn break_lock<S: LockSteps + ?Sized>(steps: &mut S, name: &str, holder: &Holder) -> Result<bool> {
    let taking = Taking {
        makes_fence: false,
        proves: false,
    };
    let now = match steps.take(name, taking).await {
        Ok(held) => held.holder,
        Err(error) if error.kind == ErrorKind::LockTimeout => return Err(busy(steps)),
        Err(error) => return Err(error),
    };
    if now.is_none_or(|now| now.owner.run != holder.owner.run || now.token != holder.token) {
        steps.take_back().await;
        return Ok(false);
    }
    steps.end(name, holder.owner.run).await?;
    Ok(true)
}

/// What is told where nobody holds the lock and another transaction has the fence.
fn busy<S: LockSteps + ?Sized>(steps: &S) -> DriverError {
    DriverError::new(
        ErrorKind::LockTimeout,
        Operation::Lock,
        "a transaction of an earlier run is still open on the server, or another run takes the lock just now",
    )
    .with_note(steps.sessions())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;
    use crate::driver::{Actor, LockOwner};

    /// A server that gives these answers, and what was asked of it.
    struct Server {
        seen: Vec<Option<Holder>>,
        taken: Option<Held>,
        asked: Vec<String>,
    }

    #[async_trait]
    impl LockSteps for Server {
        async fn look(&mut self, _: &str) -> Result<(Option<Holder>, bool)> {
            self.asked.push("look".to_owned());
            Ok((self.seen.remove(0), true))
        }

        async fn take(&mut self, _: &str, taking: Taking) -> Result<Held> {
            let proving = if taking.proves { " and prove" } else { "" };
            self.asked.push(format!("take{proving}"));
            let pinned = || DriverError::new(ErrorKind::LockTimeout, Operation::Lock, "pinned");
            self.taken.take().ok_or_else(pinned)
        }

        async fn hold(&mut self, _: &LockRequest, proven: bool) -> Result<Option<u64>> {
            self.asked.push(format!("hold {proven}"));
            Ok(Some(8))
        }

        async fn end(&mut self, _: &str, run: Uuid) -> Result<()> {
            self.asked.push(format!("end {}", run.as_u128()));
            Ok(())
        }

        async fn take_back(&mut self) {
            self.asked.push("take back".to_owned());
        }

        async fn unprove(&mut self, _: &str) -> Result<()> {
            self.asked.push("unprove".to_owned());
            Ok(())
        }

        fn sessions(&self) -> &'static str {
            "look there"
        }
    }

    fn owner(run: u128) -> LockOwner {
        LockOwner {
            run: Uuid::from_u128(run),
            actor: Actor {
                user: "ann".into(),
                host: "here".into(),
                ci_job: None,
                git_commit: None,
                git_branch: None,
            },
            pid: 1,
            purpose: "migrate".into(),
        }
    }

    fn holder(run: u128, alive: bool) -> Holder {
        Holder {
            owner: owner(run),
            token: 7,
            acquired_at: Timestamp::UNIX_EPOCH,
            expires_at: None,
            expired: false,
            alive: Some(alive),
        }
    }

    fn server(seen: Vec<Option<Holder>>, taken: Option<Held>) -> Server {
        Server {
            seen,
            taken,
            asked: Vec::new(),
        }
    }

    async fn tried(seen: Vec<Option<Holder>>, taken: Option<Held>) -> (Result<LockAttempt>, String) {
        let mut server = server(seen, taken);
        let request = LockRequest {
            name: "migrate".into(),
            owner: owner(1),
            ttl: Duration::from_secs(30),
        };
        let attempt = try_lock(&mut server, &request).await;
        (attempt, server.asked.join(", "))
    }

    #[tokio::test]
    async fn the_fence_of_a_living_holder_is_left_alone() {
        let (attempt, asked) = tried(vec![Some(holder(2, true))], None).await;
        assert!(matches!(attempt, Ok(LockAttempt::Held(_))));
        assert_eq!(asked, "look");
    }

    #[tokio::test]
    async fn one_who_came_in_between_keeps_the_lock() {
        let held = Held {
            holder: Some(holder(2, true)),
            proven: true,
        };
        let (attempt, asked) = tried(vec![None], Some(held)).await;
        assert!(matches!(attempt, Ok(LockAttempt::Held(_))));
        assert_eq!(asked, "look, take and prove, take back, unprove");
    }

    #[tokio::test]
    async fn a_dead_holders_lock_is_taken_and_told() {
        let held = Held {
            holder: Some(holder(2, false)),
            proven: false,
        };
        let (attempt, asked) = tried(vec![Some(holder(2, false))], Some(held)).await;
        let Ok(LockAttempt::Acquired(lease)) = attempt else {
            panic!("{attempt:?}")
        };
        assert_eq!((lease.fence.token, lease.proven), (8, false));
        assert_eq!(lease.taken_from, Some(holder(2, false)));
        assert_eq!(asked, "look, take and prove, hold false");
    }

    #[tokio::test]
    async fn a_fence_that_another_transaction_has_is_told_by_its_holder_or_as_busy() {
        let (attempt, asked) = tried(vec![None, Some(holder(2, true))], None).await;
        assert!(matches!(attempt, Ok(LockAttempt::Held(_))));
        assert_eq!(asked, "look, take and prove, look");
        let (attempt, _) = tried(vec![None, None], None).await;
        let error = attempt.expect_err("busy");
        assert_eq!(
            (error.kind, error.notes),
            (ErrorKind::LockTimeout, vec!["look there".to_owned()])
        );
    }

    #[tokio::test]
    async fn a_lock_is_taken_away_only_from_the_one_who_was_named() {
        let named = holder(2, true);
        let next = Holder {
            token: 8,
            ..named.clone()
        };
        for (now, expected, asked) in [
            (Some(named.clone()), true, "take, end 2"),
            (Some(next), false, "take, take back"),
            (None, false, "take, take back"),
        ] {
            let held = Held {
                holder: now,
                proven: false,
            };
            let mut server = server(Vec::new(), Some(held));
            let broken = break_lock(&mut server, "migrate", &named).await;
            assert_eq!(broken.expect("an answer"), expected);
            assert_eq!(server.asked.join(", "), asked);
        }
        let mut pinned = server(Vec::new(), None);
        let error = break_lock(&mut pinned, "migrate", &named)
            .await
            .expect_err("pinned");
        assert_eq!(error.notes, ["look there"]);
    }
}
