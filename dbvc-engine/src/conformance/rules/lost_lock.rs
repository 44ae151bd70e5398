//! Holders that die, and locks that are taken from them.

use std::time::Duration;

use crate::conformance::World;
use crate::conformance::rule::{Stop, Verdict, ensure, refused, rules};
use crate::conformance::rules::lock::held;
use crate::conformance::world::{LOCK, Locked, acquire, acquire_within, ended, execution, request};
use crate::driver::{AppliedState, Holder, Lease, LockKind, LockRequest, Session};
use crate::error::ErrorKind;

rules!("lost_lock":
    a_dropped_sessions_lock_is_taken_over_promptly,
    a_closed_sessions_lock_is_taken_over_promptly,
    the_one_it_was_taken_from_is_told,
    a_lease_that_ended_is_taken_over,
    renewing_a_lost_lock_is_refused,
    renewing_a_lock_given_back_is_refused,
    unlocking_a_lost_lock_leaves_the_new_holder_in_place,
    a_broken_lock_is_free,
    a_broken_holder_can_neither_renew_nor_write,
    breaking_moves_the_fence,
    a_holder_that_changed_is_not_broken,
    a_lock_that_nobody_holds_is_not_broken,
    a_live_file_lock_is_not_broken,
);

fn dead_is_seen(session: &dyn Session) -> Verdict {
    if session.capabilities().lock == LockKind::Lease {
        return Err(Stop::NotApplicable(
            "only the lease's end tells that the holder is dead".into(),
        ));
    }
    Ok(())
}

/// Where the server or the operating system can tell that the holder is gone, nobody waits for the lease's end.
async fn a_dropped_sessions_lock_is_taken_over_promptly(world: &World) -> Verdict {
    let Locked { session, lease } = world.locked().await?;
    dead_is_seen(session.as_ref())?;
    drop(session);
    let mut other = world.session().await?;
    let second = acquire_within(other.as_mut(), &request("bob"), Duration::from_secs(5)).await?;
    ensure!(
        second.fence.token > lease.fence.token,
        "{second:?} after {lease:?}"
    );
    Ok(())
}

/// The same when the holder closed its session and forgot the lock.
async fn a_closed_sessions_lock_is_taken_over_promptly(world: &World) -> Verdict {
    let Locked { session, lease } = world.locked().await?;
    dead_is_seen(session.as_ref())?;
    session.close().await?;
    let mut other = world.session().await?;
    let second = acquire_within(other.as_mut(), &request("bob"), Duration::from_secs(5)).await?;
    ensure!(
        second.fence.token > lease.fence.token,
        "{second:?} after {lease:?}"
    );
    Ok(())
}

/// Who takes a dead holder's lock gets to know whose it was, so that people can be told.
async fn the_one_it_was_taken_from_is_told(world: &World) -> Verdict {
    let Locked { session, lease } = world.locked().await?;
    dead_is_seen(session.as_ref())?;
    drop(session);
    let mut other = world.session().await?;
    let second = acquire_within(other.as_mut(), &request("bob"), Duration::from_secs(5)).await?;
    let Some(before) = second.taken_from else {
        return Err(Stop::broken("nobody is told"));
    };
    ensure!(
        before.owner.run == lease.run && before.owner.actor.user == "ann",
        "{before:?}"
    );
    ensure!(before.alive != Some(true), "it lives: {before:?}");
    Ok(())
}

/// Where only the lease tells, one that was not renewed in time is taken over, by the server's clock, and not earlier.
async fn a_lease_that_ended_is_taken_over(world: &World) -> Verdict {
    let mut session = world.installed().await?;
    if session.capabilities().lock != LockKind::Lease {
        return Err(Stop::NotApplicable(
            "the holder's session or process tells whether it lives".into(),
        ));
    }
    let short = LockRequest {
        ttl: Duration::from_millis(1200),
        ..request("ann")
    };
    let lease = acquire(session.as_mut(), &short).await?;
    let mut other = world.session().await?;
    held(other.as_mut(), &request("bob")).await?;
    tokio::time::sleep(Duration::from_millis(1400)).await;
    let seen = other.holder(LOCK).await?;
    ensure!(
        seen.as_ref().is_some_and(|holder| holder.expired),
        "not expired: {seen:?}"
    );
    let second = acquire(other.as_mut(), &request("bob")).await?;
    ensure!(second.fence.token > lease.fence.token, "{second:?}");
    refused(session.renew(&lease).await, ErrorKind::LockLost, "renewing")?;
    Ok(())
}

async fn changed_hands(world: &World) -> Result<(Locked, Locked), Stop> {
    let Locked { mut session, lease } = world.locked().await?;
    session.unlock(&lease).await?;
    let mut other = world.session().await?;
    let second = acquire(other.as_mut(), &request("bob")).await?;
    Ok((
        Locked { session, lease },
        Locked {
            session: other,
            lease: second,
        },
    ))
}

/// Who shows an old lease while another holds the lock gets [`ErrorKind::LockLost`].
async fn renewing_a_lost_lock_is_refused(world: &World) -> Verdict {
    let (mut old, mut new) = changed_hands(world).await?;
    refused(
        old.session.renew(&old.lease).await,
        ErrorKind::LockLost,
        "renewing",
    )?;
    new.session.renew(&new.lease).await?;
    let holder = new.session.holder(LOCK).await?;
    ensure!(
        holder.is_some_and(|holder| holder.owner.run == new.lease.run),
        "the holder changed"
    );
    Ok(())
}

/// Who gave it back does not have it, also when nobody else took it.
async fn renewing_a_lock_given_back_is_refused(world: &World) -> Verdict {
    let Locked { mut session, lease } = world.locked().await?;
    session.unlock(&lease).await?;
    refused(session.renew(&lease).await, ErrorKind::LockLost, "renewing")?;
    acquire(session.as_mut(), &request("bob")).await?;
    Ok(())
}

/// Giving back what was lost already is fine and takes nothing from the new holder.
async fn unlocking_a_lost_lock_leaves_the_new_holder_in_place(world: &World) -> Verdict {
    let (mut old, mut new) = changed_hands(world).await?;
    old.session.unlock(&old.lease).await?;
    let holder = held(old.session.as_mut(), &request("cem")).await?;
    ensure!(holder.owner.run == new.lease.run, "{holder:?}");
    new.session.renew(&new.lease).await?;
    Ok(())
}

/// A holder that can be broken: a dead one where a live one cannot be.
async fn breakable(
    world: &World,
) -> Result<(Option<Box<dyn Session>>, Box<dyn Session>, Lease, Holder), Stop> {
    let Locked { session, lease } = world.locked().await?;
    let live = session.capabilities().lock != LockKind::File;
    let keeper = if live {
        Some(session)
    } else {
        session.close().await?;
        None
    };
    let mut other = world.session().await?;
    let holder = other.holder(LOCK).await?;
    let holder = holder.ok_or_else(|| Stop::broken("a holder that died is not told"))?;
    Ok((keeper, other, lease, holder))
}

/// After breaking, nobody holds it and the next one gets it.
async fn a_broken_lock_is_free(world: &World) -> Verdict {
    let (_keeper, mut other, _, holder) = breakable(world).await?;
    ensure!(other.break_lock(LOCK, &holder).await?, "it was not broken");
    let now = other.holder(LOCK).await?;
    ensure!(now.is_none(), "{now:?}");
    acquire(other.as_mut(), &request("bob")).await?;
    Ok(())
}

/// The one whose lock was broken finds out with its next step, whatever that is.
async fn a_broken_holder_can_neither_renew_nor_write(world: &World) -> Verdict {
    let (keeper, mut other, lease, holder) = breakable(world).await?;
    ensure!(other.break_lock(LOCK, &holder).await?, "it was not broken");
    let mut victim = match keeper {
        Some(keeper) => keeper,
        None => world.session().await?,
    };
    refused(victim.renew(&lease).await, ErrorKind::LockLost, "renewing")?;
    let written = victim
        .record(&lease.fence, &execution("1.0.0"), &ended(AppliedState::Applied))
        .await;
    refused(written, ErrorKind::LockLost, "writing")?;
    refused(victim.begin(&lease.fence).await, ErrorKind::LockLost, "beginning")?;
    victim.unlock(&lease).await?;
    Ok(())
}

/// The next holder's fence is newer than the broken one's.
async fn breaking_moves_the_fence(world: &World) -> Verdict {
    let (_keeper, mut other, lease, holder) = breakable(world).await?;
    other.break_lock(LOCK, &holder).await?;
    let next = acquire(other.as_mut(), &request("bob")).await?;
    ensure!(next.fence.token > lease.fence.token, "{next:?} after {lease:?}");
    ensure!(next.taken_from.is_none(), "it was free: {next:?}");
    Ok(())
}

/// Breaking is meant for one holder: another, who came meanwhile, keeps the lock.
async fn a_holder_that_changed_is_not_broken(world: &World) -> Verdict {
    let Locked { mut session, lease } = world.locked().await?;
    let seen = session.holder(LOCK).await?;
    let seen = seen.ok_or_else(|| Stop::broken("nobody holds it"))?;
    session.unlock(&lease).await?;
    let mut other = world.session().await?;
    let second = acquire(other.as_mut(), &request("bob")).await?;
    ensure!(!session.break_lock(LOCK, &seen).await?, "it was broken");
    other.renew(&second).await?;
    held(session.as_mut(), &request("cem")).await?;
    Ok(())
}

/// Breaking a lock that was given back meanwhile does nothing.
async fn a_lock_that_nobody_holds_is_not_broken(world: &World) -> Verdict {
    let Locked { mut session, lease } = world.locked().await?;
    let seen = session.holder(LOCK).await?;
    let seen = seen.ok_or_else(|| Stop::broken("nobody holds it"))?;
    session.unlock(&lease).await?;
    ensure!(!session.break_lock(LOCK, &seen).await?, "it was broken");
    acquire(session.as_mut(), &request("bob")).await?;
    Ok(())
}

/// A lock that the operating system keeps cannot be taken from a live process; nobody is told otherwise.
async fn a_live_file_lock_is_not_broken(world: &World) -> Verdict {
    let Locked { mut session, lease } = world.locked().await?;
    if session.capabilities().lock != LockKind::File {
        return Err(Stop::NotApplicable(
            "a live holder's lock can be broken here".into(),
        ));
    }
    let mut other = world.session().await?;
    let holder = other
        .holder(LOCK)
        .await?
        .ok_or_else(|| Stop::broken("nobody holds it"))?;
    ensure!(!other.break_lock(LOCK, &holder).await?, "it was broken");
    session.renew(&lease).await?;
    session
        .record(&lease.fence, &execution("1.0.0"), &ended(AppliedState::Applied))
        .await?;
    Ok(())
}
