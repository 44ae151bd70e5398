//! The chain holds: nobody forks it, nobody writes into it who may not, and what is changed shows.

use super::audit::{all, sound, told};
use crate::audit::{AuditAction, AuditEvent, ChainCheck, Finding, Head};
use crate::conformance::World;
use crate::conformance::rule::{Stop, Verdict, done, ensure, refused, rules};
use crate::conformance::world::{ended, execution, stale};
use crate::driver::{AppliedState, ChainFilter, Fence, Session};
use crate::error::ErrorKind;

rules!("chain":
    two_sessions_append_without_a_fork,
    a_stale_fence_appends_nothing,
    a_signature_is_written_once,
    the_chain_is_read_in_parts,
    what_was_changed_shows,
);

/// Who appends meanwhile waits, or is told to try again; the chain has all events, one behind the other.
async fn two_sessions_append_without_a_fork(world: &World) -> Verdict {
    const EACH: usize = 12;
    let locked = world.locked().await?;
    let mut appenders = tokio::task::JoinSet::new();
    for _ in 0..2 {
        let (mut session, fence) = (world.session().await?, locked.fence());
        appenders.spawn(async move {
            for _ in 0..EACH {
                append_stubbornly(session.as_mut(), &fence).await?;
            }
            Ok::<(), Stop>(())
        });
    }
    while let Some(ended) = appenders.join_next().await {
        ended.map_err(Stop::broken)??;
    }
    let events = sound(world.session().await?.as_mut()).await?;
    ensure!(events.len() == 1 + 2 * EACH, "{} events", events.len());
    Ok(())
}

fn event() -> AuditEvent {
    let actor = crate::conformance::world::actor("ann");
    AuditEvent::new(AuditAction::Verified, uuid::Uuid::now_v7(), &actor)
}

async fn append_stubbornly(session: &mut dyn Session, fence: &Fence) -> Verdict {
    let drafts = [event().draft()];
    for _ in 0..200 {
        match session.append(fence, &drafts).await {
            Err(error) if error.kind.is_retryable() => {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
            other => return other.map_err(Stop::from),
        }
    }
    Err(Stop::broken("no end after 200 tries"))
}

/// Whoever lost the lock writes nothing into the trail.
async fn a_stale_fence_appends_nothing(world: &World) -> Verdict {
    let (mut locked, old) = stale(world).await?;
    let appended = locked.session.append(&old, &[event().draft()]).await;
    refused(appended, ErrorKind::LockLost, "appending under an old fence")?;
    let signed = locked.session.sign(&old, &[(1, "forged".into())]).await;
    refused(signed, ErrorKind::LockLost, "signing under an old fence")?;
    let events = sound(locked.session.as_mut()).await?;
    ensure!(events.len() == 1, "{events:?}");
    Ok(())
}

/// An event that has a signature keeps it.
async fn a_signature_is_written_once(world: &World) -> Verdict {
    let mut locked = world.locked().await?;
    let fence = locked.fence();
    let session = locked.session.as_mut();
    session
        .append(&fence, &[event().draft(), event().draft()])
        .await?;
    session
        .sign(&fence, &[(1, "one".into()), (2, "two".into())])
        .await?;
    session
        .sign(&fence, &[(2, "other".into()), (3, "three".into())])
        .await?;
    session.sign(&fence, &[]).await?;
    let signatures: Vec<_> = session.chain(&all()).await?;
    let signatures: Vec<_> = signatures
        .iter()
        .map(|row| row.signature.as_deref().unwrap_or_default())
        .collect();
    ensure!(signatures == ["one", "two", "three"], "{signatures:?}");
    let unsigned = ChainFilter {
        unsigned: true,
        ..all()
    };
    session.append(&fence, &[event().draft()]).await?;
    let rows = session.chain(&unsigned).await?;
    ensure!(rows.len() == 1 && rows[0].sequence == 4, "{rows:?}");
    sound(session).await.map(drop)
}

/// Parts of the chain are in its order, and none is left out.
async fn the_chain_is_read_in_parts(world: &World) -> Verdict {
    let mut locked = world.locked().await?;
    let fence = locked.fence();
    let drafts: Vec<_> = (0..9).map(|_| event().draft()).collect();
    locked.session.append(&fence, &drafts).await?;
    let mut seen = Vec::new();
    while let Some(part) = Some(
        locked
            .session
            .chain(&ChainFilter {
                after: seen.last().copied().unwrap_or(0),
                limit: 4,
                unsigned: false,
            })
            .await?,
    )
    .filter(|part| !part.is_empty())
    {
        ensure!(part.len() <= 4, "{part:?}");
        seen.extend(part.iter().map(|row| row.sequence));
    }
    ensure!(seen == (1..=10).collect::<Vec<u64>>(), "{seen:?}");
    Ok(())
}

/// Whatever is done to the events past dbvc is found, be it with this database's own SQL.
async fn what_was_changed_shows(world: &World) -> Verdict {
    let mut locked = world.locked().await?;
    let fence = locked.fence();
    told(&mut locked, &execution("1.0.0"), &ended(AppliedState::Applied)).await?;
    let table = |name: &str| (world.samples().record_table)(&world.target().record, name);
    let (events, heads) = (table("audit_events"), table("audit_heads"));
    let mut changes = vec![
        format!("UPDATE {heads} SET sequence = sequence - 1"),
        format!("UPDATE {heads} SET digest = replace(digest, substring(digest, 1, 1), 'g')"),
        format!("DELETE FROM {events}"),
    ];
    for sequence in 1..=3 {
        let at = format!("WHERE sequence = {sequence}");
        changes.extend([
            format!("UPDATE {events} SET event = replace(event, '\"at\":\"2', '\"at\":\"3') {at}"),
            format!("UPDATE {events} SET event = concat(event, ' ') {at}"),
            format!("UPDATE {events} SET digest = replace(digest, substring(digest, 1, 1), 'g') {at}"),
            format!("UPDATE {events} SET sequence = sequence + 1000 {at}"),
            format!("DELETE FROM {events} {at}"),
            format!("DELETE FROM {events} WHERE sequence >= {sequence}"),
            format!(
                "INSERT INTO {events} (sequence, event, digest) SELECT sequence + 1000, event, digest FROM {events} {at}"
            ),
        ]);
    }
    let session = locked.session.as_mut();
    for sql in changes {
        session.begin(&fence).await?;
        let ran = done(crate::conformance::world::execute(session, [sql.as_str()]).await);
        let found = match ran {
            Ok(_) => findings(session).await,
            Err(stop) => Err(stop),
        };
        session.rollback().await?;
        ensure!(!found?.is_empty(), "nobody sees `{sql}`");
    }
    sound(session).await.map(drop)
}

async fn findings(session: &mut dyn Session) -> Result<Vec<Finding>, Stop> {
    let head = session.chain_head().await?.map(Head::from);
    let mut check = ChainCheck::new("target", None, None);
    for row in session.chain(&all()).await? {
        check.event(Some(row.sequence), &row.into());
    }
    Ok(check.end(head.as_ref()).findings)
}
