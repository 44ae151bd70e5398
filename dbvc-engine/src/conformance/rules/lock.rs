//! Taking the lock, keeping it and giving it back.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::conformance::World;
use crate::conformance::rule::{Stop, Verdict, ensure, rules};
use crate::conformance::world::{LOCK, Locked, acquire, acquire_within, request};
use crate::driver::{LockAttempt, LockKind, LockRequest, Session};

rules!("lock":
    a_free_lock_is_given,
    a_held_lock_is_not_given,
    the_holder_is_told_with_all_facts,
    the_survey_tells_the_holder,
    an_unlocked_lock_is_free,
    nobody_holds_a_free_lock,
    the_fence_grows_with_each_holder,
    asking_again_gives_no_second_lock,
    unlocking_twice_is_fine,
    a_refused_try_leaves_the_session_usable,
    a_renewed_lock_is_not_taken,
    a_live_holders_lock_outlives_its_lease,
    ten_contenders_have_one_winner,
    contenders_hold_it_one_after_the_other,
    odd_characters_in_the_owner_come_back_unchanged,
);

pub(super) async fn held(
    session: &mut dyn Session,
    request: &LockRequest,
) -> Result<crate::driver::Holder, Stop> {
    match session.try_lock(request).await? {
        LockAttempt::Held(holder) => Ok(holder),
        LockAttempt::Acquired(lease) => Err(Stop::broken(format_args!("the lock was given: {lease:?}"))),
    }
}

/// A lock that nobody ever held is given, with a fence that is not zero.
async fn a_free_lock_is_given(world: &World) -> Verdict {
    let mut session = world.installed().await?;
    let request = request("ann");
    let lease = acquire(session.as_mut(), &request).await?;
    ensure!(lease.fence.token > 0 && lease.fence.lock == LOCK, "{lease:?}");
    ensure!(
        lease.run == request.owner.run && lease.ttl == request.ttl,
        "{lease:?}"
    );
    ensure!(lease.taken_from.is_none(), "{lease:?}");
    let provable = session.capabilities().lock != LockKind::Lease;
    ensure!(lease.proven == provable, "{lease:?}");
    Ok(())
}

/// Whoever asks while it is held gets to know the holder, at once and without an error.
async fn a_held_lock_is_not_given(world: &World) -> Verdict {
    let Locked {
        session: _keeper,
        lease,
    } = world.locked().await?;
    let mut other = world.session().await?;
    let clock = std::time::Instant::now();
    for _ in 0..3 {
        let holder = held(other.as_mut(), &request("bob")).await?;
        ensure!(
            holder.owner.run == lease.run && holder.token == lease.fence.token,
            "{holder:?}"
        );
    }
    ensure!(
        clock.elapsed() < Duration::from_secs(2),
        "it waited: {:?}",
        clock.elapsed()
    );
    Ok(())
}

/// The holder's name, machine, job, process, purpose, times and life are told.
async fn the_holder_is_told_with_all_facts(world: &World) -> Verdict {
    let mut session = world.installed().await?;
    let request = request("ann");
    let lease = acquire(session.as_mut(), &request).await?;
    let mut other = world.session().await?;
    let Some(holder) = other.holder(LOCK).await? else {
        return Err(Stop::broken("nobody holds it"));
    };
    ensure!(
        holder.owner == request.owner && holder.token == lease.fence.token,
        "{holder:?}"
    );
    ensure!(!holder.expired, "{holder:?}");
    if lease.proven {
        ensure!(holder.alive == Some(true), "its life is not seen: {holder:?}");
    }
    if session.capabilities().lock == LockKind::File {
        ensure!(holder.expires_at.is_none(), "{holder:?}");
    } else {
        let length = holder
            .expires_at
            .map(|end| end.duration_since(holder.acquired_at));
        let near = length.is_some_and(|length| (59..=61).contains(&length.as_secs()));
        ensure!(near, "the lease of a minute: {holder:?}");
    }
    ensure!(
        held(other.as_mut(), &self::request("bob")).await?.owner == request.owner,
        "another owner"
    );
    Ok(())
}

/// Who plans sees who holds the lock, without a further question.
async fn the_survey_tells_the_holder(world: &World) -> Verdict {
    let Locked {
        session: _keeper,
        lease,
    } = world.locked().await?;
    let mut reader = world.reader().await?;
    let (survey, asked) = (reader.survey().await?, reader.holder(LOCK).await?);
    let Some(holder) = survey.holder else {
        return Err(Stop::broken("nobody holds it"));
    };
    ensure!(
        holder.owner.run == lease.run && holder.token == lease.fence.token,
        "{holder:?}"
    );
    ensure!(
        asked.as_ref().map(|asked| asked.alive) == Some(holder.alive),
        "{holder:?} is not {asked:?}"
    );
    Ok(())
}

/// What was given back can be had at once, by another session, too.
async fn an_unlocked_lock_is_free(world: &World) -> Verdict {
    let Locked { mut session, lease } = world.locked().await?;
    session.unlock(&lease).await?;
    let mut other = world.session().await?;
    let second = acquire(other.as_mut(), &request("bob")).await?;
    ensure!(second.taken_from.is_none(), "it was free: {second:?}");
    held(session.as_mut(), &request("ann")).await?;
    other.unlock(&second).await?;
    acquire(session.as_mut(), &request("ann")).await?;
    Ok(())
}

/// Neither before the first holder nor after the last one has gone is a holder told.
async fn nobody_holds_a_free_lock(world: &World) -> Verdict {
    let mut session = world.installed().await?;
    let before = session.holder(LOCK).await?;
    ensure!(before.is_none(), "{before:?}");
    let lease = acquire(session.as_mut(), &request("ann")).await?;
    session.unlock(&lease).await?;
    let after = (session.holder(LOCK).await?, session.survey().await?.holder);
    ensure!(after == (None, None), "{after:?}");
    Ok(())
}

/// Each change of hands moves the fence on; it never goes back, also when the lock was free in between.
async fn the_fence_grows_with_each_holder(world: &World) -> Verdict {
    let mut session = world.installed().await?;
    let mut last = 0;
    for user in ["ann", "bob", "cem", "ann"] {
        let lease = acquire(session.as_mut(), &request(user)).await?;
        ensure!(lease.fence.token > last, "{} after {last}", lease.fence.token);
        last = lease.fence.token;
        session.unlock(&lease).await?;
    }
    Ok(())
}

/// A run that asks twice holds the lock once: it is told that it has it, or gets a newer lease in place of the old.
async fn asking_again_gives_no_second_lock(world: &World) -> Verdict {
    let mut session = world.installed().await?;
    let request = request("ann");
    let first = acquire(session.as_mut(), &request).await?;
    let valid = match session.try_lock(&request).await? {
        LockAttempt::Held(holder) => {
            ensure!(holder.owner.run == request.owner.run, "{holder:?}");
            first
        }
        LockAttempt::Acquired(second) => {
            ensure!(
                second.fence.token >= first.fence.token,
                "{second:?} after {first:?}"
            );
            second
        }
    };
    let mut other = world.session().await?;
    held(other.as_mut(), &self::request("bob")).await?;
    session.renew(&valid).await?;
    session.unlock(&valid).await?;
    acquire(other.as_mut(), &self::request("bob")).await?;
    Ok(())
}

/// Giving back what was given back already does nothing.
async fn unlocking_twice_is_fine(world: &World) -> Verdict {
    let Locked { mut session, lease } = world.locked().await?;
    session.unlock(&lease).await?;
    session.unlock(&lease).await?;
    acquire(session.as_mut(), &request("bob")).await?;
    Ok(())
}

/// Who was refused can go on with the same session, and gets the lock when it is free.
async fn a_refused_try_leaves_the_session_usable(world: &World) -> Verdict {
    let Locked { mut session, lease } = world.locked().await?;
    let mut other = world.session().await?;
    held(other.as_mut(), &request("bob")).await?;
    other.survey().await?;
    other.query("SELECT 1", &crate::driver::Limits::default()).await?;
    session.unlock(&lease).await?;
    let second = acquire(other.as_mut(), &request("bob")).await?;
    ensure!(second.fence.token > lease.fence.token, "{second:?}");
    Ok(())
}

/// As long as its holder renews it in time, a lock is never taken.
async fn a_renewed_lock_is_not_taken(world: &World) -> Verdict {
    let mut session = world.installed().await?;
    let short = LockRequest {
        ttl: Duration::from_millis(1500),
        ..request("ann")
    };
    let lease = acquire(session.as_mut(), &short).await?;
    let mut other = world.session().await?;
    for _ in 0..8 {
        tokio::time::sleep(Duration::from_millis(400)).await;
        session.renew(&lease).await?;
        let holder = held(other.as_mut(), &request("bob")).await?;
        ensure!(holder.owner.run == lease.run && !holder.expired, "{holder:?}");
    }
    Ok(())
}

/// A holder of which the server or the operating system knows that it lives is not robbed, however long it says nothing:
/// it may be paused, and go on with what it was doing.
async fn a_live_holders_lock_outlives_its_lease(world: &World) -> Verdict {
    let mut session = world.installed().await?;
    if session.capabilities().lock == LockKind::Lease {
        return Err(Stop::NotApplicable(
            "only the lease's end tells that the holder is dead".into(),
        ));
    }
    let short = LockRequest {
        ttl: Duration::from_millis(50),
        ..request("ann")
    };
    let lease = acquire(session.as_mut(), &short).await?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    held(world.session().await?.as_mut(), &request("bob")).await?;
    session.renew(&lease).await?;
    Ok(())
}

/// Of ten who ask at the same time exactly one gets it, and the nine others get no error but the holder's name or the
/// advice to try again.
async fn ten_contenders_have_one_winner(world: &World) -> Verdict {
    world.installed().await?.close().await?;
    let mut contenders = tokio::task::JoinSet::new();
    for number in 0..10 {
        let mut session = world.session().await?;
        contenders.spawn(async move {
            let attempt = session.try_lock(&request(&format!("user{number}"))).await;
            (session, attempt)
        });
    }
    let mut sessions = Vec::new();
    let mut winners = 0;
    while let Some(ended) = contenders.join_next().await {
        let (session, attempt) = ended.map_err(Stop::broken)?;
        sessions.push(session);
        match attempt {
            Ok(LockAttempt::Acquired(_)) => winners += 1,
            Ok(LockAttempt::Held(_)) => {}
            Err(error) => ensure!(error.kind.is_retryable(), "{error:?}"),
        }
    }
    ensure!(winners == 1, "{winners} of ten have the lock");
    Ok(())
}

/// Contenders who keep asking all get it in the end, each with a fence of its own, and never two at once.
async fn contenders_hold_it_one_after_the_other(world: &World) -> Verdict {
    world.installed().await?.close().await?;
    let mut contenders = tokio::task::JoinSet::new();
    for number in 0..6 {
        let mut session = world.session().await?;
        contenders.spawn(async move {
            let request = request(&format!("user{number}"));
            let lease = acquire_within(session.as_mut(), &request, Duration::from_secs(30)).await?;
            tokio::time::sleep(Duration::from_millis(20)).await;
            session.renew(&lease).await?;
            session.unlock(&lease).await?;
            Ok::<u64, Stop>(lease.fence.token)
        });
    }
    let mut tokens = BTreeSet::new();
    while let Some(ended) = contenders.join_next().await {
        tokens.insert(ended.map_err(Stop::broken)??);
    }
    ensure!(tokens.len() == 6, "a fence was given twice: {tokens:?}");
    Ok(())
}

/// Names of people and jobs are kept as they are.
async fn odd_characters_in_the_owner_come_back_unchanged(world: &World) -> Verdict {
    let mut session = world.installed().await?;
    let mut request = request("O'Brien \\ \"Bob\" 数据\n🦀 $$ {x}");
    request.owner.purpose = "it's \\a\\ test".into();
    acquire(session.as_mut(), &request).await?;
    let holder = session.holder(LOCK).await?;
    let owner = holder.map(|holder| holder.owner);
    ensure!(owner.as_ref() == Some(&request.owner), "{owner:?}");
    Ok(())
}
