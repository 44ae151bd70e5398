//! The record keeps what the schema was.

use uuid::Uuid;

use crate::conformance::World;
use crate::conformance::rule::{Verdict, done, ensure, refused, rules};
use crate::conformance::world::{Locked, actor, ended, execute, execution, identity, stale};
use crate::driver::{AppliedState, LAYOUT, NewSnapshot, SnapshotChoice, SnapshotEntry, SnapshotKind};
use crate::error::ErrorKind;

rules!("snapshots":
    a_record_begins_without_a_snapshot,
    a_snapshot_comes_back_as_it_was_kept,
    the_newest_snapshot_is_the_one_kept_last,
    of_those_that_runs_took_the_newest_is_kept,
    a_large_snapshot_is_kept,
    a_stale_fence_keeps_no_snapshot,
    a_reader_keeps_no_snapshot,
    a_record_of_the_layout_before_learns_to_keep_them,
);

/// Text that is hard to quote, as it can stand in JSON.
const ODD: &str = "{\"it's\": \"\\\\back\\nslash $1 ? :a %s ${c} Ä 数据库 🦀\"}\n";

fn snapshot(version: Option<&str>, kind: SnapshotKind) -> NewSnapshot {
    NewSnapshot {
        run: Uuid::now_v7(),
        kind,
        version: version.map(ToOwned::to_owned),
        checksum: "0".repeat(64),
        content: ODD.into(),
        actor: actor("ann"),
        environment: "test".into(),
        reason: Some("ticket \\4711's".into()),
        tool_version: "0.1.0".into(),
    }
}

/// Without a snapshot there is none, whichever is asked for.
async fn a_record_begins_without_a_snapshot(world: &World) -> Verdict {
    let mut session = world.installed().await?;
    ensure!(session.survey().await?.snapshot.is_none(), "the survey has one");
    ensure!(session.snapshots().await?.is_empty(), "the list has one");
    let newest = session.snapshot(&SnapshotChoice::Newest).await?;
    ensure!(newest.is_none(), "{newest:?}");
    Ok(())
}

/// All that was said of a snapshot is there afterwards, and what the database knows itself: its number, its time, the
/// login, and the newest execution.
async fn a_snapshot_comes_back_as_it_was_kept(world: &World) -> Verdict {
    let Locked { mut session, lease } = world.locked().await?;
    session
        .record(&lease.fence, &execution("1.0.0"), &ended(AppliedState::Applied))
        .await?;
    let new = snapshot(Some("1.0.0"), SnapshotKind::Version);
    let id = session.keep_snapshot(&lease.fence, &new).await?;
    let kept = world.reader().await?.snapshot(&SnapshotChoice::Newest).await?;
    let Some(kept) = kept else {
        return Err(crate::conformance::Stop::broken("it is not there"));
    };
    ensure!(kept.content == ODD, "{:?}", kept.content);
    let SnapshotEntry {
        taken_at, ref login, ..
    } = kept.entry;
    ensure!(!login.is_empty(), "nobody took it");
    let expected = SnapshotEntry {
        id,
        kind: new.kind,
        version: new.version.clone(),
        taken_at,
        login: login.clone(),
        actor: new.actor.clone(),
        environment: new.environment.clone(),
        reason: new.reason.clone(),
        checksum: new.checksum.clone(),
        rank: 1,
    };
    ensure!(kept.entry == expected, "{:?}", kept.entry);
    let listed = session.snapshots().await?;
    ensure!(listed == [expected], "{listed:?}");
    Ok(())
}

/// The survey and the choice of the newest agree; one can be had by its version.
async fn the_newest_snapshot_is_the_one_kept_last(world: &World) -> Verdict {
    let Locked { mut session, lease } = world.locked().await?;
    let mut last = 0;
    for version in ["2.0.0", "1.0.0", "1.1.0"] {
        let new = snapshot(Some(version), SnapshotKind::Version);
        last = session.keep_snapshot(&lease.fence, &new).await?;
    }
    let seen = session.survey().await?.snapshot;
    ensure!(seen == Some(last), "{seen:?} is not {last}");
    for (choice, version) in [
        (SnapshotChoice::Newest, "1.1.0"),
        (SnapshotChoice::Version("2.0.0".into()), "2.0.0"),
    ] {
        let found = session.snapshot(&choice).await?;
        let found = found.and_then(|found| found.entry.version);
        ensure!(found.as_deref() == Some(version), "{choice:?} gives {found:?}");
    }
    for entry in session.snapshots().await? {
        let found = session.snapshot(&SnapshotChoice::Number(entry.id)).await?;
        let found = found.map(|found| found.entry);
        ensure!(found.as_ref() == Some(&entry), "number {} is {found:?}", entry.id);
    }
    let none = session.snapshot(&SnapshotChoice::Number(9_000_000)).await?;
    ensure!(none.is_none(), "found {none:?} for a number that nothing has");
    let none = session.snapshot(&SnapshotChoice::Version("9".into())).await?;
    ensure!(none.is_none(), "{none:?}");
    Ok(())
}

/// A database that is migrated every day does not grow by a schema every day; what people took stays.
async fn of_those_that_runs_took_the_newest_is_kept(world: &World) -> Verdict {
    let Locked { mut session, lease } = world.locked().await?;
    for (version, kind) in [
        ("1", SnapshotKind::Baseline),
        ("2", SnapshotKind::Run),
        ("3", SnapshotKind::Approved),
        ("4", SnapshotKind::Run),
    ] {
        session
            .keep_snapshot(&lease.fence, &snapshot(Some(version), kind))
            .await?;
    }
    let listed = session.snapshots().await?;
    let versions: Vec<_> = listed
        .iter()
        .filter_map(|entry| entry.version.as_deref())
        .collect();
    ensure!(versions == ["1", "3", "4"], "{versions:?}");
    Ok(())
}

/// A schema of a thousand tables has a megabyte.
async fn a_large_snapshot_is_kept(world: &World) -> Verdict {
    let Locked { mut session, lease } = world.locked().await?;
    let new = NewSnapshot {
        content: ODD.repeat(20_000),
        ..snapshot(None, SnapshotKind::Baseline)
    };
    session.keep_snapshot(&lease.fence, &new).await?;
    let kept = session.snapshot(&SnapshotChoice::Newest).await?;
    ensure!(
        kept.is_some_and(|kept| kept.content == new.content),
        "it is another"
    );
    Ok(())
}

/// Who lost the lock cannot say what the schema should be.
async fn a_stale_fence_keeps_no_snapshot(world: &World) -> Verdict {
    let (Locked { mut session, .. }, fence) = stale(world).await?;
    let kept = session
        .keep_snapshot(&fence, &snapshot(None, SnapshotKind::Approved))
        .await;
    refused(kept, ErrorKind::LockLost, "keeping it")?;
    ensure!(session.snapshots().await?.is_empty(), "it is there");
    Ok(())
}

/// A session that only reads does not keep one.
async fn a_reader_keeps_no_snapshot(world: &World) -> Verdict {
    let Locked { mut session, lease } = world.locked().await?;
    let mut reader = world.reader().await?;
    let kept = reader
        .keep_snapshot(&lease.fence, &snapshot(None, SnapshotKind::Approved))
        .await;
    ensure!(kept.is_err(), "{kept:?}");
    ensure!(session.snapshots().await?.is_empty(), "it is there");
    Ok(())
}

/// Layout 3 told who took a snapshot and why. A record without that is brought up to date, and keeps what it has.
async fn a_record_of_the_layout_before_learns_to_keep_them(world: &World) -> Verdict {
    let mut session = world.installed().await?;
    let table = |name| (world.samples().record_table)(&world.target().record, name);
    let added = "run_id last_execution_id executed_by host ci_job environment_name reason tool_version";
    let mut statements: Vec<String> = added
        .split(' ')
        .map(|column| format!("ALTER TABLE {} DROP COLUMN {column}", table("schema_snapshots")))
        .collect();
    statements.push(format!("UPDATE {} SET layout = 2", table("db_inventory")));
    done(execute(session.as_mut(), statements).await)?;
    session.install(&identity()).await?;
    session.install(&identity()).await?;
    drop(session);
    let Locked { mut session, lease } = world.locked().await?;
    let layout = session.survey().await?.layout;
    ensure!(layout == Some(LAYOUT), "{layout:?}");
    let new = snapshot(None, SnapshotKind::Baseline);
    session.keep_snapshot(&lease.fence, &new).await?;
    ensure!(session.snapshots().await?.len() == 1, "it is not there");
    Ok(())
}
