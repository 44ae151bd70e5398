//! Who lost the lock cannot write.

use std::time::Duration;

use crate::conformance::World;
use crate::conformance::rule::{Stop, Verdict, done, ensure, needs, refused, rules, stopped_as};
use crate::conformance::script::Statements;
use crate::conformance::world::{
    LOCK, Locked, acquire_within, apply, ended, execute, execution, insert, make_table, request, stale,
};
use crate::driver::{AppliedState, ExecutionFilter, Fence, Limits, LockAttempt, LockKind, Progress, Session};
use crate::error::ErrorKind;

rules!("fence":
    a_stale_fence_begins_no_transaction,
    a_stale_fence_applies_nothing,
    a_stale_fence_starts_nothing,
    a_stale_fence_advances_nothing,
    a_stale_fence_finishes_nothing,
    a_stale_fence_records_nothing,
    a_fence_from_nowhere_is_refused,
    a_refused_fence_leaves_the_session_usable,
    a_session_without_the_lock_writes_with_its_fence,
    the_lock_is_not_taken_over_inside_a_fenced_transaction,
    the_keeper_renews_while_the_runner_writes,
);

/// The second holder's session, and a first holder's fence; nothing may be written with it.
async fn nothing_written(holder: &mut Locked) -> Verdict {
    let survey = holder.session.survey().await?;
    ensure!(survey.applied.is_empty(), "{survey:?}");
    let entries = holder.session.executions(&ExecutionFilter::default()).await?;
    ensure!(entries.is_empty(), "{entries:?}");
    Ok(())
}

fn progress(done: u32) -> Progress {
    Progress {
        done,
        digest: "sha256:x".into(),
        in_flight: Some("SELECT 1".into()),
    }
}

/// `begin` with an old fence is [`ErrorKind::LockLost`], and no transaction is open afterwards.
async fn a_stale_fence_begins_no_transaction(world: &World) -> Verdict {
    let (mut holder, old) = stale(world).await?;
    refused(holder.session.begin(&old).await, ErrorKind::LockLost, "beginning")?;
    holder.session.rollback().await?;
    make_table(holder.session.as_mut(), "target").await?;
    ensure!(world.has_table("target").await?, "a transaction was open");
    nothing_written(&mut holder).await
}

/// `apply` with an old fence is [`ErrorKind::LockLost`]: no statement took effect and nothing is in the history.
async fn a_stale_fence_applies_nothing(world: &World) -> Verdict {
    let (mut holder, old) = stale(world).await?;
    let mut script = Statements::new([world.makes("made"), insert("made", 1)]);
    let outcome = apply(
        holder.session.as_mut(),
        &old,
        "1.0.0",
        &mut script,
        &Limits::default(),
    )
    .await;
    stopped_as(&outcome, ErrorKind::LockLost)?;
    ensure!(outcome.statements == 0, "{outcome:?}");
    ensure!(!world.has_made("made").await?, "the table is there");
    nothing_written(&mut holder).await
}

/// `start` with an old fence is [`ErrorKind::LockLost`].
async fn a_stale_fence_starts_nothing(world: &World) -> Verdict {
    let (mut holder, old) = stale(world).await?;
    let started = holder
        .session
        .start(&old, &execution("1.0.0"), &progress(0))
        .await;
    refused(started, ErrorKind::LockLost, "starting")?;
    nothing_written(&mut holder).await
}

async fn started_then_lost(world: &World) -> Result<(Locked, Fence, u64), Stop> {
    let Locked { mut session, lease } = world.locked().await?;
    let rank = session
        .start(&lease.fence, &execution("1.0.0"), &progress(0))
        .await?;
    session.unlock(&lease).await?;
    let newer = acquire_within(session.as_mut(), &request("bob"), Duration::from_secs(1)).await?;
    Ok((
        Locked {
            session,
            lease: newer,
        },
        lease.fence,
        rank,
    ))
}

/// `advance` with an old fence is [`ErrorKind::LockLost`]: a runner that lost the lock on its way cannot go on.
async fn a_stale_fence_advances_nothing(world: &World) -> Verdict {
    let (mut holder, old, rank) = started_then_lost(world).await?;
    let before = holder.session.survey().await?;
    let advanced = holder.session.advance(&old, rank, &progress(1)).await;
    refused(advanced, ErrorKind::LockLost, "advancing")?;
    let after = holder.session.survey().await?;
    ensure!(before.applied == after.applied, "{before:?} became {after:?}");
    Ok(())
}

/// `finish` with an old fence is [`ErrorKind::LockLost`].
async fn a_stale_fence_finishes_nothing(world: &World) -> Verdict {
    let (mut holder, old, rank) = started_then_lost(world).await?;
    let finished = holder
        .session
        .finish(&old, rank, &ended(AppliedState::Applied))
        .await;
    refused(finished, ErrorKind::LockLost, "finishing")?;
    let applied = holder.session.survey().await?.applied;
    ensure!(applied[0].state == AppliedState::Partial, "{applied:?}");
    Ok(())
}

/// `record` with an old fence is [`ErrorKind::LockLost`].
async fn a_stale_fence_records_nothing(world: &World) -> Verdict {
    let (mut holder, old) = stale(world).await?;
    let written = holder
        .session
        .record(&old, &execution("1.0.0"), &ended(AppliedState::Applied))
        .await;
    refused(written, ErrorKind::LockLost, "writing")?;
    let texts = holder.session.registration("1.0.0").await?;
    ensure!(texts.is_none(), "{texts:?}");
    nothing_written(&mut holder).await
}

/// A fence of a lock that nobody ever took, and one that is ahead of its time, are refused like old ones.
async fn a_fence_from_nowhere_is_refused(world: &World) -> Verdict {
    let mut locked = world.locked().await?;
    let wrong = [
        Fence {
            lock: "no such lock".into(),
            ..locked.fence()
        },
        Fence {
            token: locked.lease.fence.token + 1,
            ..locked.fence()
        },
        Fence {
            token: 0,
            ..locked.fence()
        },
    ];
    for fence in wrong {
        let end = ended(AppliedState::Applied);
        let written = locked.session.record(&fence, &execution("1.0.0"), &end).await;
        refused(written, ErrorKind::LockLost, "writing")?;
        refused(
            locked.session.begin(&fence).await,
            ErrorKind::LockLost,
            "beginning",
        )?;
    }
    nothing_written(&mut locked).await
}

/// After a refusal the session works, with the right fence.
async fn a_refused_fence_leaves_the_session_usable(world: &World) -> Verdict {
    let (mut holder, old) = stale(world).await?;
    refused(holder.session.begin(&old).await, ErrorKind::LockLost, "beginning")?;
    let mut script = Statements::new([world.makes("made")]);
    done(holder.apply("1.0.0", &mut script, &Limits::default()).await)?;
    ensure!(world.has_made("made").await?, "the table is not there");
    Ok(())
}

/// The runner's session writes with the fence that the keeper's session got.
async fn a_session_without_the_lock_writes_with_its_fence(world: &World) -> Verdict {
    let Locked {
        session: _keeper,
        lease,
    } = world.locked_for_units().await?;
    let mut runner = world.session().await?;
    let mut script = Statements::new([world.makes("made")]);
    done(
        apply(
            runner.as_mut(),
            &lease.fence,
            "1.0.0",
            &mut script,
            &Limits::default(),
        )
        .await,
    )?;
    let rank = runner
        .start(&lease.fence, &execution("2.0.0"), &progress(0))
        .await?;
    runner.advance(&lease.fence, rank, &progress(1)).await?;
    runner
        .finish(&lease.fence, rank, &ended(AppliedState::Applied))
        .await?;
    let survey = runner.survey().await?;
    ensure!(survey.applied.len() == 2, "{survey:?}");
    Ok(())
}

/// While a transaction has the fence pinned, nobody takes the lock over, although its keeper died: what the
/// transaction commits was committed by the holder.
async fn the_lock_is_not_taken_over_inside_a_fenced_transaction(world: &World) -> Verdict {
    let Locked {
        session: keeper,
        lease,
    } = world.locked().await?;
    needs(
        keeper.capabilities().fenced_transactions,
        "transactions that pin the fence",
    )?;
    if keeper.capabilities().lock == LockKind::Lease {
        return Err(Stop::NotApplicable(
            "only the lease's end tells that the keeper is dead".into(),
        ));
    }
    let mut runner = world.session().await?;
    make_table(runner.as_mut(), "target").await?;
    runner.begin(&lease.fence).await?;
    done(execute(runner.as_mut(), [insert("target", 1)]).await)?;
    keeper.close().await?;
    let mut other = world.session().await?;
    let patience = tokio::time::Instant::now() + Duration::from_secs(1);
    while tokio::time::Instant::now() < patience {
        not_taken(other.as_mut()).await?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    runner.commit().await?;
    let next = acquire_within(other.as_mut(), &request("bob"), Duration::from_secs(5)).await?;
    ensure!(next.fence.token > lease.fence.token, "{next:?}");
    ensure!(
        world.count("target").await? == 1,
        "what was committed is not there"
    );
    refused(
        runner.begin(&lease.fence).await,
        ErrorKind::LockLost,
        "beginning again",
    )?;
    Ok(())
}

async fn not_taken(session: &mut dyn Session) -> Verdict {
    match session.try_lock(&request("bob")).await {
        Ok(LockAttempt::Acquired(lease)) => Err(Stop::broken(format_args!("it was taken over: {lease:?}"))),
        Ok(LockAttempt::Held(_)) => Ok(()),
        Err(error) if error.kind.is_retryable() => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// An open transaction of the runner does not keep the keeper from renewing the lease.
async fn the_keeper_renews_while_the_runner_writes(world: &World) -> Verdict {
    let Locked {
        session: mut keeper,
        lease,
    } = world.locked_for_units().await?;
    let mut runner = world.session().await?;
    runner.begin(&lease.fence).await?;
    done(execute(runner.as_mut(), [world.makes("made")]).await)?;
    let renewed = tokio::time::timeout(Duration::from_secs(5), keeper.renew(&lease)).await;
    renewed.map_err(|_| Stop::broken("renewing waits for the runner"))??;
    let holder = keeper.holder(LOCK).await?;
    ensure!(
        holder.is_some_and(|holder| holder.owner.run == lease.run),
        "another holder"
    );
    runner.commit().await?;
    keeper.unlock(&lease).await?;
    Ok(())
}
