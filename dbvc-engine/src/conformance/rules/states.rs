//! How a migration stands while its script runs, and afterwards.

use std::time::Duration;

use crate::conformance::World;
use crate::conformance::rule::{Stop, Verdict, ensure, rules};
use crate::conformance::world::{Locked, ended, execution};
use crate::driver::{
    Action, Applied, AppliedState, End, EntryStatus, ExecutionFilter, NewExecution, Progress,
};

rules!("states":
    a_started_migration_is_partial,
    an_advance_shows_how_far_it_came,
    an_advance_without_a_next_statement_forgets_it,
    a_finished_migration_forgets_its_progress,
    a_broken_off_migration_keeps_its_progress,
    a_resumed_migration_counts_on,
    an_end_without_a_state_changes_no_state,
    a_failed_migration_keeps_its_error,
    a_baseline_is_shown_as_such,
    a_rolled_back_migration_is_shown_as_such,
    a_rollback_makes_repeatable_migrations_stale,
    a_finished_rollback_makes_repeatable_migrations_stale,
    without_a_duration_the_servers_clock_counts,
    two_migrations_do_not_touch_each_other,
);

fn progress(done: u32, next: Option<&str>) -> Progress {
    Progress {
        done,
        digest: format!("sha256:after{done}"),
        in_flight: next.map(ToOwned::to_owned),
    }
}

async fn standing(locked: &mut Locked, migration: &str) -> Result<Applied, Stop> {
    let survey = locked.session.survey().await?;
    let found = survey
        .applied
        .iter()
        .find(|applied| applied.migration == migration);
    found
        .cloned()
        .ok_or_else(|| Stop::broken(format_args!("{migration} is not in {survey:?}")))
}

async fn start(locked: &mut Locked, new: &NewExecution, progress: &Progress) -> Result<u64, Stop> {
    let fence = locked.fence();
    Ok(locked.session.start(&fence, new, progress).await?)
}

/// From its start on a script outside a transaction is partly there, with the statement that is under way.
async fn a_started_migration_is_partial(world: &World) -> Verdict {
    let mut locked = world.locked().await?;
    let rank = start(
        &mut locked,
        &execution("1.0.0"),
        &progress(0, Some("VACUUM 'it''s'")),
    )
    .await?;
    let applied = standing(&mut locked, "1.0.0").await?;
    ensure!(
        applied.state == AppliedState::Partial && applied.rank == rank,
        "{applied:?}"
    );
    ensure!(
        applied.in_flight.as_deref() == Some("VACUUM 'it''s'"),
        "{applied:?}"
    );
    ensure!(
        applied.progress.as_deref() == Some("sha256:after0"),
        "{applied:?}"
    );
    let entries = locked.session.executions(&ExecutionFilter::default()).await?;
    ensure!(
        entries.len() == 1 && entries[0].status == EntryStatus::Started,
        "{entries:?}"
    );
    ensure!(
        entries[0].rank == rank && entries[0].finished_at.is_none(),
        "{entries:?}"
    );
    Ok(())
}

/// Each advance shows the statements done, their digest and the next statement.
async fn an_advance_shows_how_far_it_came(world: &World) -> Verdict {
    let mut locked = world.locked().await?;
    let rank = start(&mut locked, &execution("1.0.0"), &progress(0, Some("a"))).await?;
    let fence = locked.fence();
    for done in 1..=3 {
        let next = format!("statement \\{done}'");
        locked
            .session
            .advance(&fence, rank, &progress(done, Some(&next)))
            .await?;
        let applied = standing(&mut locked, "1.0.0").await?;
        ensure!(
            applied.statements_done == done && applied.in_flight == Some(next),
            "{applied:?}"
        );
        ensure!(
            applied.progress == Some(format!("sha256:after{done}")),
            "{applied:?}"
        );
        ensure!(applied.state == AppliedState::Partial, "{applied:?}");
    }
    Ok(())
}

/// Between two statements nothing is under way.
async fn an_advance_without_a_next_statement_forgets_it(world: &World) -> Verdict {
    let mut locked = world.locked().await?;
    let rank = start(&mut locked, &execution("1.0.0"), &progress(0, Some("a"))).await?;
    let fence = locked.fence();
    locked.session.advance(&fence, rank, &progress(1, None)).await?;
    let applied = standing(&mut locked, "1.0.0").await?;
    ensure!(
        applied.in_flight.is_none() && applied.statements_done == 1,
        "{applied:?}"
    );
    Ok(())
}

/// A script that came to its end is there as a whole.
async fn a_finished_migration_forgets_its_progress(world: &World) -> Verdict {
    let mut locked = world.locked().await?;
    let rank = start(&mut locked, &execution("1.0.0"), &progress(0, Some("a"))).await?;
    let fence = locked.fence();
    locked
        .session
        .finish(&fence, rank, &ended(AppliedState::Applied))
        .await?;
    let applied = standing(&mut locked, "1.0.0").await?;
    ensure!(
        applied.state == AppliedState::Applied && applied.rank == rank,
        "{applied:?}"
    );
    ensure!(
        applied.in_flight.is_none() && applied.progress.is_none(),
        "{applied:?}"
    );
    ensure!(applied.duration == Duration::from_millis(1234), "{applied:?}");
    let entry = locked
        .session
        .executions(&ExecutionFilter::default())
        .await?
        .remove(0);
    ensure!(
        entry.status == EntryStatus::Completed && entry.finished_at.is_some(),
        "{entry:?}"
    );
    ensure!(entry.statements_done == 3, "{entry:?}");
    Ok(())
}

/// A script that broke off stays partial with what the next run needs to go on.
async fn a_broken_off_migration_keeps_its_progress(world: &World) -> Verdict {
    let mut locked = world.locked().await?;
    let rank = start(&mut locked, &execution("1.0.0"), &progress(0, Some("a"))).await?;
    let fence = locked.fence();
    locked
        .session
        .advance(&fence, rank, &progress(2, Some("the third")))
        .await?;
    let end = End {
        status: EntryStatus::Failed,
        statements_done: 2,
        duration: None,
        error: Some("it's broken".into()),
        state: Some(AppliedState::Partial),
        error_class: None,
        of: None,
    };
    locked.session.finish(&fence, rank, &end).await?;
    let applied = standing(&mut locked, "1.0.0").await?;
    ensure!(
        applied.state == AppliedState::Partial && applied.statements_done == 2,
        "{applied:?}"
    );
    ensure!(
        applied.progress.as_deref() == Some("sha256:after2"),
        "{applied:?}"
    );
    ensure!(applied.in_flight.as_deref() == Some("the third"), "{applied:?}");
    let entry = locked
        .session
        .executions(&ExecutionFilter::default())
        .await?
        .remove(0);
    ensure!(
        entry.status == EntryStatus::Failed && entry.error.as_deref() == Some("it's broken"),
        "{entry:?}"
    );
    Ok(())
}

/// A run that goes on has an entry of its own, and begins with the statements done before.
async fn a_resumed_migration_counts_on(world: &World) -> Verdict {
    let mut locked = world.locked().await?;
    let first = start(&mut locked, &execution("1.0.0"), &progress(0, Some("a"))).await?;
    let fence = locked.fence();
    locked
        .session
        .advance(&fence, first, &progress(2, Some("c")))
        .await?;
    let second = start(&mut locked, &execution("1.0.0"), &progress(2, Some("c"))).await?;
    ensure!(second > first, "{second} after {first}");
    let applied = standing(&mut locked, "1.0.0").await?;
    ensure!(
        applied.statements_done == 2 && applied.rank == second,
        "{applied:?}"
    );
    ensure!(
        applied.progress.as_deref() == Some("sha256:after2"),
        "{applied:?}"
    );
    Ok(())
}

/// An entry can end badly without a word on how the migration stands: then that does not change.
async fn an_end_without_a_state_changes_no_state(world: &World) -> Verdict {
    let mut locked = world.locked().await?;
    let fence = locked.fence();
    let new = execution("1.0.0");
    locked
        .session
        .record(&fence, &new, &ended(AppliedState::Applied))
        .await?;
    let before = standing(&mut locked, "1.0.0").await?;
    let undo = NewExecution {
        action: Action::Rollback,
        ..new
    };
    let end = End {
        status: EntryStatus::Failed,
        error: Some("no".into()),
        state: None,
        ..ended(AppliedState::Applied)
    };
    locked.session.record(&fence, &undo, &end).await?;
    let after = standing(&mut locked, "1.0.0").await?;
    ensure!(before == after, "{before:?} became {after:?}");
    let entries = locked.session.executions(&ExecutionFilter::default()).await?;
    ensure!(entries.len() == 2, "{entries:?}");
    Ok(())
}

/// A failure is recorded with its words, and the migration can be tried again.
async fn a_failed_migration_keeps_its_error(world: &World) -> Verdict {
    let mut locked = world.locked().await?;
    let fence = locked.fence();
    let end = End {
        status: EntryStatus::Failed,
        statements_done: 0,
        error: Some("no such column".into()),
        ..ended(AppliedState::Failed)
    };
    locked.session.record(&fence, &execution("1.0.0"), &end).await?;
    let applied = standing(&mut locked, "1.0.0").await?;
    ensure!(applied.state == AppliedState::Failed, "{applied:?}");
    locked
        .session
        .record(&fence, &execution("1.0.0"), &ended(AppliedState::Applied))
        .await?;
    let applied = standing(&mut locked, "1.0.0").await?;
    ensure!(
        applied.state == AppliedState::Applied && applied.rank == 2,
        "{applied:?}"
    );
    let entry = locked
        .session
        .executions(&ExecutionFilter::default())
        .await?
        .remove(0);
    ensure!(entry.error.as_deref() == Some("no such column"), "{entry:?}");
    Ok(())
}

/// What a baseline declared is present, and the survey says why.
async fn a_baseline_is_shown_as_such(world: &World) -> Verdict {
    let mut locked = world.locked().await?;
    let fence = locked.fence();
    let new = NewExecution {
        action: Action::Baseline,
        kind: "baseline".into(),
        ..execution("1.0.0")
    };
    locked
        .session
        .record(&fence, &new, &ended(AppliedState::Baseline))
        .await?;
    let applied = standing(&mut locked, "1.0.0").await?;
    ensure!(
        applied.state == AppliedState::Baseline && applied.action == Action::Baseline,
        "{applied:?}"
    );
    Ok(())
}

async fn rolled_back(world: &World, stepwise: bool) -> Result<Locked, Stop> {
    let mut locked = world.locked().await?;
    let fence = locked.fence();
    let applied = ended(AppliedState::Applied);
    for (migration, kind) in [
        ("R__views", "repeatable"),
        ("1.0.0", "versioned"),
        ("2.0.0", "versioned"),
    ] {
        let new = NewExecution {
            kind: kind.into(),
            ..execution(migration)
        };
        locked.session.record(&fence, &new, &applied).await?;
    }
    let undo = NewExecution {
        action: Action::Rollback,
        ..execution("2.0.0")
    };
    let end = ended(AppliedState::RolledBack);
    if stepwise {
        let rank = start(&mut locked, &undo, &progress(0, None)).await?;
        locked.session.finish(&fence, rank, &end).await?;
    } else {
        locked.session.record(&fence, &undo, &end).await?;
    }
    Ok(locked)
}

/// What was undone is shown as such, and what was not is untouched.
async fn a_rolled_back_migration_is_shown_as_such(world: &World) -> Verdict {
    let mut locked = rolled_back(world, false).await?;
    let undone = standing(&mut locked, "2.0.0").await?;
    ensure!(
        undone.state == AppliedState::RolledBack && undone.action == Action::Rollback,
        "{undone:?}"
    );
    let other = standing(&mut locked, "1.0.0").await?;
    ensure!(other.state == AppliedState::Applied, "{other:?}");
    Ok(())
}

/// A rollback may have dropped what repeatable migrations made, so they run again.
async fn a_rollback_makes_repeatable_migrations_stale(world: &World) -> Verdict {
    let mut locked = rolled_back(world, false).await?;
    let views = standing(&mut locked, "R__views").await?;
    ensure!(views.state == AppliedState::Stale, "{views:?}");
    Ok(())
}

/// The same when the rollback ran outside a transaction.
async fn a_finished_rollback_makes_repeatable_migrations_stale(world: &World) -> Verdict {
    let mut locked = rolled_back(world, true).await?;
    let undone = standing(&mut locked, "2.0.0").await?;
    ensure!(undone.state == AppliedState::RolledBack, "{undone:?}");
    let views = standing(&mut locked, "R__views").await?;
    ensure!(views.state == AppliedState::Stale, "{views:?}");
    Ok(())
}

/// Between start and finish the server counts the time.
async fn without_a_duration_the_servers_clock_counts(world: &World) -> Verdict {
    let mut locked = world.locked().await?;
    let rank = start(&mut locked, &execution("1.0.0"), &progress(0, None)).await?;
    tokio::time::sleep(Duration::from_millis(400)).await;
    let end = End {
        duration: None,
        ..ended(AppliedState::Applied)
    };
    let fence = locked.fence();
    locked.session.finish(&fence, rank, &end).await?;
    let entry = locked
        .session
        .executions(&ExecutionFilter::default())
        .await?
        .remove(0);
    let took = entry.duration.unwrap_or_default().as_millis();
    ensure!((390..5_000).contains(&took), "{took} ms");
    Ok(())
}

/// Finishing one migration leaves another that is under way as it is.
async fn two_migrations_do_not_touch_each_other(world: &World) -> Verdict {
    let mut locked = world.locked().await?;
    let first = start(&mut locked, &execution("1.0.0"), &progress(1, Some("a"))).await?;
    let second = start(&mut locked, &execution("2.0.0"), &progress(2, Some("b"))).await?;
    let fence = locked.fence();
    locked
        .session
        .finish(&fence, second, &ended(AppliedState::Applied))
        .await?;
    let other = standing(&mut locked, "1.0.0").await?;
    ensure!(
        other.state == AppliedState::Partial && other.rank == first,
        "{other:?}"
    );
    ensure!(other.in_flight.as_deref() == Some("a"), "{other:?}");
    Ok(())
}
