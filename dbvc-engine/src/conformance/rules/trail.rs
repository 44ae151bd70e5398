//! What the audit trail hangs on: where that is gone nothing is written, and a record that has no trail gets one.

use super::audit::{all, sound, told};
use crate::audit::{AuditAction, AuditEvent};
use crate::conformance::World;
use crate::conformance::rule::{Stop, Verdict, done, ensure, refused, rules};
use crate::conformance::script::Statements;
use crate::conformance::world::{actor, ended, execute, execution, identity, insert};
use crate::driver::{AppliedState, Cause, End, Fence, Limits, NewSnapshot, Progress, Session, SnapshotKind};
use crate::error::ErrorKind;

rules!("trail":
    a_record_whose_head_is_gone_writes_nothing,
    a_unit_whose_record_has_no_head_is_rolled_back,
    an_event_whose_history_row_is_gone_is_not_lost_silently,
    many_events_of_one_write_are_one_chain,
    an_older_record_begins_its_chain,
);

fn table(world: &World, name: &str) -> String {
    (world.samples().record_table)(&world.target().record, name)
}

async fn change(session: &mut dyn Session, sql: &str) -> Verdict {
    done(execute(session, [sql]).await).map(drop)
}

/// Takes the head away, and gives what puts it back.
async fn behead(world: &World, session: &mut dyn Session) -> Result<String, Stop> {
    let heads = table(world, "audit_heads");
    let Some(head) = session.chain_head().await? else {
        return Err(Stop::broken("there is no chain"));
    };
    change(session, &format!("DELETE FROM {heads}")).await?;
    Ok(format!(
        "INSERT INTO {heads} (chain, database_id, sequence, digest) VALUES ('this', '{}', {}, '{}')",
        head.database_id, head.sequence, head.digest
    ))
}

fn verified() -> AuditEvent {
    AuditEvent::new(AuditAction::Verified, uuid::Uuid::now_v7(), &actor("ann"))
}

fn progress() -> Progress {
    Progress {
        done: 0,
        digest: "d".into(),
        in_flight: None,
    }
}

/// An execution, an event or a snapshot that the trail cannot tell of is not written; the survey says so beforehand.
async fn a_record_whose_head_is_gone_writes_nothing(world: &World) -> Verdict {
    let mut locked = world.locked().await?;
    let fence = locked.fence();
    told(&mut locked, &execution("1.0.0"), &ended(AppliedState::Applied)).await?;
    let session = locked.session.as_mut();
    let survey = session.survey().await?;
    ensure!(survey.trail == Some(true), "{survey:?}");
    let back = behead(world, session).await?;
    let survey = session.survey().await?;
    ensure!(
        survey.trail == Some(false) && survey.applied.len() == 1,
        "{survey:?}"
    );
    refuses_to_write(session, &fence).await?;
    let history = session.executions(&<_>::default()).await?;
    ensure!(history.len() == 1, "{history:?}");
    let events = session.chain(&all()).await?;
    ensure!(events.len() == 3, "{events:?}");
    change(session, &back).await?;
    told(&mut locked, &execution("2.0.0"), &ended(AppliedState::Applied)).await?;
    let events = sound(locked.session.as_mut()).await?;
    ensure!(events.len() == 5, "{events:?}");
    Ok(())
}

async fn refuses_to_write(session: &mut dyn Session, fence: &Fence) -> Verdict {
    let new = execution("2.0.0");
    let snapshot = NewSnapshot {
        run: uuid::Uuid::now_v7(),
        kind: SnapshotKind::Version,
        version: Some("1.0".into()),
        checksum: "c0ffee".into(),
        content: "{}".into(),
        actor: actor("ann"),
        environment: "test".into(),
        reason: None,
        tool_version: "0".into(),
    };
    let broken = ErrorKind::TrailBroken;
    let recorded = session.record(fence, &new, &ended(AppliedState::Applied)).await;
    refused(recorded, broken, "recording an execution")?;
    let begun = session.start(fence, &new, &progress()).await;
    refused(begun, broken, "beginning an execution")?;
    let kept = session.keep_snapshot(fence, &snapshot).await;
    refused(kept, broken, "keeping a snapshot")?;
    let appended = session.append(fence, &[verified().draft()]).await;
    refused(appended, broken, "appending an event")?;
    let appended = session
        .append(fence, &[verified().draft(), verified().draft()])
        .await;
    refused(appended, broken, "appending two events").map(drop)
}

/// What a migration did goes with its entry.
async fn a_unit_whose_record_has_no_head_is_rolled_back(world: &World) -> Verdict {
    let mut locked = world.locked_for_units().await?;
    let back = behead(world, locked.session.as_mut()).await?;
    let mut script = Statements::new([world.makes("one")]);
    let outcome = locked.apply("1.0.0", &mut script, &Limits::default()).await;
    match outcome.failure.map(|failure| failure.cause) {
        Some(Cause::Driver(error)) if error.kind == ErrorKind::TrailBroken => {}
        other => return Err(Stop::broken(format_args!("it ended with {other:?}"))),
    }
    ensure!(!world.has_made("one").await?, "its table is there");
    change(locked.session.as_mut(), &back).await?;
    let mut script = Statements::new([world.makes("one")]);
    done(locked.apply("1.0.0", &mut script, &Limits::default()).await)?;
    sound(locked.session.as_mut()).await.map(drop)
}

/// The end of an execution that the history does not have any more cannot be told, so it is not written.
async fn an_event_whose_history_row_is_gone_is_not_lost_silently(world: &World) -> Verdict {
    let mut locked = world.locked().await?;
    let fence = locked.fence();
    let new = execution("1.0.0");
    let session = locked.session.as_mut();
    let rank = session.start(&fence, &new, &progress()).await?;
    let history = table(world, "migration_execution_history");
    change(
        session,
        &format!("DELETE FROM {history} WHERE execution_id = {rank}"),
    )
    .await?;
    let end = End {
        of: Some(Box::new(new)),
        ..ended(AppliedState::Applied)
    };
    let finished = session.finish(&fence, rank, &end).await;
    refused(
        finished,
        ErrorKind::TrailBroken,
        "ending an execution that is gone",
    )?;
    let survey = session.survey().await?;
    ensure!(
        survey
            .applied
            .iter()
            .all(|one| one.state == AppliedState::Partial),
        "{survey:?}"
    );
    let events = sound(session).await?;
    ensure!(events.len() == 2, "{events:?}");
    Ok(())
}

/// However many there are; each has its place, and the next write goes on behind the last.
async fn many_events_of_one_write_are_one_chain(world: &World) -> Verdict {
    let mut locked = world.locked().await?;
    let fence = locked.fence();
    let session = locked.session.as_mut();
    let mut wanted = 1;
    for count in [1_usize, 2, 3, 8, 9, 17] {
        let drafts: Vec<_> = (0..count).map(|_| verified().draft()).collect();
        session.append(&fence, &drafts).await?;
        wanted += count;
        let events = sound(session).await?;
        ensure!(events.len() == wanted, "{} events of {wanted}", events.len());
    }
    Ok(())
}

/// A record of the layout before the trail keeps its history, and its chain says what it came after.
async fn an_older_record_begins_its_chain(world: &World) -> Verdict {
    let mut locked = world.locked_for_units().await?;
    for version in ["1.0.0", "2.0.0"] {
        told(&mut locked, &execution(version), &ended(AppliedState::Applied)).await?;
    }
    let session = locked.session.as_mut();
    let before = session.executions(&<_>::default()).await?;
    let inventory = table(world, "db_inventory");
    for sql in [
        format!("DROP TABLE {}", table(world, "audit_events")),
        format!("DROP TABLE {}", table(world, "audit_heads")),
        format!("UPDATE {inventory} SET layout = 3"),
    ] {
        change(session, &sql).await?;
    }
    let mut reader = world.reader().await?;
    let survey = reader.survey().await?;
    ensure!(
        survey.layout == Some(3) && survey.applied.len() == 2 && survey.trail.is_none(),
        "{survey:?}"
    );
    let session = locked.session.as_mut();
    session.install(&identity()).await?;
    let survey = session.survey().await?;
    ensure!(
        survey.layout == Some(crate::driver::LAYOUT) && survey.trail == Some(true),
        "{survey:?}"
    );
    let after = session.executions(&<_>::default()).await?;
    ensure!(before == after, "the history was {before:?} and is {after:?}");
    let events = sound(session).await?;
    ensure!(
        events.len() == 1 && events[0].action == AuditAction::ChainStarted,
        "{events:?}"
    );
    let detail = |name: &str| events[0].details.get(name).map(String::as_str);
    ensure!(detail("layoutBefore") == Some("3"), "{events:?}");
    let last = before.last().map(|entry| entry.rank.to_string());
    ensure!(
        detail("executionsBefore") == last.as_deref(),
        "{events:?} after {last:?}"
    );
    let mut script = Statements::new([world.makes("one"), insert("one", 1)]);
    done(locked.apply("3.0.0", &mut script, &Limits::default()).await)?;
    let events = sound(locked.session.as_mut()).await?;
    ensure!(events.len() == 3, "{events:?}");
    Ok(())
}
