//! The audit trail: a chain of events in the record, each written by the transaction of what it tells of.

use crate::audit::{AuditAction, AuditEvent, ChainCheck, Finding, Head, Sealed};
use crate::conformance::World;
use crate::conformance::rule::{Stop, Verdict, done, ensure, refused, rules};
use crate::conformance::script::Statements;
use crate::conformance::world::{Locked, ended, execution, insert, stale};
use crate::driver::{
    AppliedState, ChainFilter, End, EntryStatus, Fence, InRun, Limits, NewExecution, NewSnapshot, Progress,
    Session, SnapshotKind,
};
use crate::error::ErrorKind;

rules!("audit":
    the_chain_begins_with_the_record,
    without_a_record_there_is_no_chain,
    an_entry_is_told_as_the_history_has_it,
    odd_characters_keep_the_canonical_form,
    a_run_is_told_around_its_steps,
    a_script_outside_a_transaction_is_told_when_it_begins_and_ends,
    what_is_rolled_back_is_not_told,
    a_unit_is_told_with_its_own_commit,
    a_unit_that_fails_is_not_told,
    a_snapshot_is_told,
    two_sessions_append_without_a_fork,
    a_stale_fence_appends_nothing,
    a_signature_is_written_once,
    the_chain_is_read_in_parts,
    what_was_changed_shows,
);

/// All events, checked: the chain is whole and ends where its head says.
async fn sound(session: &mut dyn Session) -> Result<Vec<AuditEvent>, Stop> {
    let Some(head) = session.chain_head().await? else {
        return Err(Stop::broken("there is no chain"));
    };
    let rows = session.chain(&all()).await?;
    let head = Head::from(head);
    let mut check = ChainCheck::new("target", Some(&head.database_id), None);
    let mut events = Vec::new();
    for row in rows {
        let key = row.sequence;
        let sealed = Sealed::from(row);
        check.event(Some(key), &sealed);
        events.extend(sealed.event());
    }
    let checked = check.end(Some(&head));
    ensure!(checked.findings.is_empty(), "{:#?}", checked.findings);
    Ok(events)
}

fn all() -> ChainFilter {
    ChainFilter {
        limit: 10_000,
        ..ChainFilter::default()
    }
}

fn actions(events: &[AuditEvent]) -> Vec<AuditAction> {
    events.iter().map(|event| event.action).collect()
}

async fn told(locked: &mut Locked, execution: &NewExecution, end: &End) -> Verdict {
    let fence = locked.fence();
    Ok(locked.session.record(&fence, execution, end).await?)
}

/// The first event says that the chain began; its time and its place are the database's.
async fn the_chain_begins_with_the_record(world: &World) -> Verdict {
    let mut session = world.installed().await?;
    let events = sound(session.as_mut()).await?;
    ensure!(actions(&events) == [AuditAction::ChainStarted], "{events:?}");
    let at: Result<jiff::Timestamp, _> = events[0].at.parse();
    ensure!(at.is_ok() && events[0].at.len() == 24, "{}", events[0].at);
    session.install(&crate::conformance::world::identity()).await?;
    let again = sound(session.as_mut()).await?;
    ensure!(again == events, "installing again made {again:?}");
    let mut reader = world.reader().await?;
    let seen = sound(reader.as_mut()).await?;
    ensure!(seen == events, "a reader sees {seen:?}");
    Ok(())
}

/// A database without a record has no head, which is no error.
async fn without_a_record_there_is_no_chain(world: &World) -> Verdict {
    let mut reader = world.reader().await?;
    let head = reader.chain_head().await?;
    ensure!(head.is_none(), "{head:?}");
    reader.close().await?;
    world.untouched()
}

/// The end's event has what the history's entry has, times to the millisecond included.
async fn an_entry_is_told_as_the_history_has_it(world: &World) -> Verdict {
    let mut locked = world.locked().await?;
    let new = execution("1.2.0");
    told(&mut locked, &new, &ended(AppliedState::Applied)).await?;
    let events = sound(locked.session.as_mut()).await?;
    let wanted = [
        AuditAction::ChainStarted,
        AuditAction::Started,
        AuditAction::Completed,
    ];
    ensure!(actions(&events) == wanted, "{events:?}");
    let history = locked.session.executions(&<_>::default()).await?;
    let (event, entry) = (&events[2], &history[0]);
    let time = |at: jiff::Timestamp| at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
    ensure!(event.run == entry.run.to_string(), "{event:?}");
    ensure!(
        event.started_at == Some(time(entry.started_at))
            && Some(event.at.clone()) == entry.finished_at.map(time),
        "{event:?} of {entry:?}"
    );
    ensure!(event.duration_ms == Some(1234), "{event:?}");
    ensure!(
        event.actor.login == entry.login && event.actor.user == "ann",
        "{event:?} of {entry:?}"
    );
    ensure!(
        event.details.get("execution") == Some(&entry.rank.to_string()),
        "{event:?}"
    );
    ensure!(
        event.checksum.as_ref() == Some(&new.checksum) && event.outcome.as_deref() == Some("success"),
        "{event:?}"
    );
    Ok(())
}

/// Whatever a person wrote, the text that the database makes is the canonical form, and its digest is over UTF-8.
async fn odd_characters_keep_the_canonical_form(world: &World) -> Verdict {
    let mut locked = world.locked().await?;
    let odd = "it's \"quoted\" \\back\\ \u{1}\t\r\n ${x} @0@1@ Ä Ł 数据库 🦀 e\u{301} \u{2028} %s $$ \u{7f}";
    let new = NewExecution {
        description: odd.into(),
        script: odd.into(),
        environment: odd.into(),
        reason: Some(odd.into()),
        ..execution("1.0.0")
    };
    told(&mut locked, &new, &ended(AppliedState::Applied)).await?;
    let events = sound(locked.session.as_mut()).await?;
    ensure!(
        events.len() == 3 && events[2].reason.as_deref() == Some(odd) && events[2].environment == odd,
        "{events:?}"
    );
    Ok(())
}

/// The first step takes the run's beginning along, and the last one its end.
async fn a_run_is_told_around_its_steps(world: &World) -> Verdict {
    let mut locked = world.locked().await?;
    for (number, status) in [(1, EntryStatus::Completed), (2, EntryStatus::Completed)] {
        let new = NewExecution {
            in_run: Some(InRun {
                plan: "p".into(),
                number,
                of: 2,
                overrides: vec!["--out-of-order".into()],
            }),
            ..execution(&format!("{number}.0.0"))
        };
        let end = End {
            status,
            ..ended(AppliedState::Applied)
        };
        told(&mut locked, &new, &end).await?;
    }
    let events = sound(locked.session.as_mut()).await?;
    let wanted = [
        AuditAction::ChainStarted,
        AuditAction::RunStarted,
        AuditAction::ConfigurationOverridden,
        AuditAction::Started,
        AuditAction::Completed,
        AuditAction::Started,
        AuditAction::Completed,
        AuditAction::RunCompleted,
    ];
    ensure!(actions(&events) == wanted, "{events:?}");
    Ok(())
}

/// Such a script's beginning is told with its intent, and its end when it ends.
async fn a_script_outside_a_transaction_is_told_when_it_begins_and_ends(world: &World) -> Verdict {
    let mut locked = world.locked().await?;
    let fence = locked.fence();
    let new = execution("1.0.0");
    let progress = Progress {
        done: 0,
        digest: "d".into(),
        in_flight: None,
    };
    let session = locked.session.as_mut();
    let rank = session.start(&fence, &new, &progress).await?;
    let events = sound(session).await?;
    ensure!(
        actions(&events) == [AuditAction::ChainStarted, AuditAction::Started],
        "{events:?}"
    );
    let end = End {
        status: EntryStatus::Failed,
        error: Some("value hunter2 is wrong".into()),
        error_class: Some("statement".into()),
        of: Some(Box::new(new)),
        ..ended(AppliedState::Partial)
    };
    session.finish(&fence, rank, &end).await?;
    let events = sound(session).await?;
    let Some(last) = events.last() else {
        return Err(Stop::broken("no events"));
    };
    ensure!(
        events.len() == 3 && last.action == AuditAction::Failed && last.outcome.as_deref() == Some("partial"),
        "{events:?}"
    );
    ensure!(
        !format!("{last:?}").contains("hunter2"),
        "it tells the error's words: {last:?}"
    );
    Ok(())
}

/// The event is part of the transaction of what it tells of.
async fn what_is_rolled_back_is_not_told(world: &World) -> Verdict {
    let mut locked = world.locked().await?;
    let fence = locked.fence();
    let before = sound(locked.session.as_mut()).await?;
    locked.session.begin(&fence).await?;
    told(&mut locked, &execution("1.0.0"), &ended(AppliedState::Applied)).await?;
    locked.session.rollback().await?;
    let after = sound(locked.session.as_mut()).await?;
    ensure!(before == after, "{after:?}");
    locked.session.begin(&fence).await?;
    told(&mut locked, &execution("1.0.0"), &ended(AppliedState::Applied)).await?;
    told(&mut locked, &execution("2.0.0"), &ended(AppliedState::Applied)).await?;
    locked.session.commit().await?;
    let after = sound(locked.session.as_mut()).await?;
    ensure!(after.len() == before.len() + 4, "{after:?}");
    Ok(())
}

/// A unit's events are there when it is.
async fn a_unit_is_told_with_its_own_commit(world: &World) -> Verdict {
    let mut locked = world.locked_for_units().await?;
    for (migration, table) in [("1.0.0", "one"), ("2.0.0", "two")] {
        let mut script = Statements::new([world.makes(table)]);
        done(locked.apply(migration, &mut script, &Limits::default()).await)?;
        ensure!(world.has_made(table).await?, "{table} is not there");
    }
    let events = sound(locked.session.as_mut()).await?;
    ensure!(events.len() == 5, "{events:?}");
    Ok(())
}

/// One that fails leaves no event.
async fn a_unit_that_fails_is_not_told(world: &World) -> Verdict {
    let mut locked = world.locked_for_units().await?;
    let mut script = Statements::new([world.makes("one"), insert("nowhere", 1)]);
    let outcome = locked.apply("1.0.0", &mut script, &Limits::default()).await;
    ensure!(outcome.failure.is_some(), "it went through: {outcome:?}");
    let events = sound(locked.session.as_mut()).await?;
    ensure!(events.len() == 1, "{events:?}");
    Ok(())
}

/// A snapshot's event has its checksum and its number.
async fn a_snapshot_is_told(world: &World) -> Verdict {
    let mut locked = world.locked().await?;
    let fence = locked.fence();
    let snapshot = NewSnapshot {
        run: uuid::Uuid::now_v7(),
        kind: SnapshotKind::Approved,
        version: Some("1.0".into()),
        checksum: "c0ffee".into(),
        content: "{}".into(),
        actor: crate::conformance::world::actor("ann"),
        environment: "test".into(),
        reason: Some("hot fix".into()),
        tool_version: "0".into(),
    };
    let number = locked.session.keep_snapshot(&fence, &snapshot).await?;
    let events = sound(locked.session.as_mut()).await?;
    let last = events.last().map(|event| {
        let kept = event.details.get("snapshot").cloned();
        (event.action, event.checksum.clone(), kept)
    });
    let wanted = (
        AuditAction::DriftApproved,
        Some("c0ffee".to_owned()),
        Some(number.to_string()),
    );
    ensure!(last == Some(wanted), "{events:?}");
    Ok(())
}

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
