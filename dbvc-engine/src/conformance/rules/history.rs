//! The record gives back what was put into it.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use crate::conformance::World;
use crate::conformance::rule::{Stop, Verdict, ensure, rules};
use crate::conformance::world::{Locked, acquire, ended, execution, request};
use crate::driver::{AppliedState, End, EntryStatus, Execution, ExecutionFilter, NewExecution, Registration};

rules!("history":
    the_survey_has_what_was_recorded,
    the_history_has_what_was_recorded,
    odd_characters_come_back_unchanged,
    a_nul_in_an_error_does_not_lose_the_entry,
    a_large_script_is_kept,
    what_was_not_said_stays_unsaid,
    the_history_is_in_order,
    the_newest_entries_can_be_had_alone,
    one_migrations_entries_can_be_had_alone,
    the_survey_is_in_order_of_rank,
    an_unknown_migration_has_no_texts,
    texts_that_are_not_given_stay,
    texts_that_are_given_replace_older_ones,
    times_are_utc_and_near_ours,
    times_do_not_go_backwards,
    a_hundred_entries_keep_their_order,
);

/// Text that is hard to quote.
const ODD: &str = "it's \"quoted\" \\back\\slash\\ 'x''y' ; -- # /* */ $$ $1 ? :a @b %s ${c}\n\r\n\tÄ ŁŃ 数据库 🦀 e\u{301}\u{200f}";

async fn recorded(world: &World, executions: &[NewExecution]) -> Result<Locked, Stop> {
    let mut locked = world.locked().await?;
    for execution in executions {
        locked
            .session
            .record(&locked.lease.fence, execution, &ended(AppliedState::Applied))
            .await?;
    }
    Ok(locked)
}

async fn history(locked: &mut Locked) -> Result<Vec<Execution>, Stop> {
    Ok(locked.session.executions(&ExecutionFilter::default()).await?)
}

/// A completed execution is the migration's state in the survey, value for value.
async fn the_survey_has_what_was_recorded(world: &World) -> Verdict {
    let new = execution("1.2.0");
    let mut locked = recorded(world, std::slice::from_ref(&new)).await?;
    let survey = locked.session.survey().await?;
    let [applied] = survey.applied.as_slice() else {
        return Err(Stop::broken(format_args!("not one: {survey:?}")));
    };
    ensure!(
        applied.migration == new.migration && applied.version == new.version,
        "{applied:?}"
    );
    ensure!(
        applied.description == new.description && applied.kind == new.kind,
        "{applied:?}"
    );
    ensure!(
        applied.script == new.script && applied.checksum == new.checksum,
        "{applied:?}"
    );
    ensure!(
        applied.state == AppliedState::Applied && applied.action == new.action,
        "{applied:?}"
    );
    ensure!(applied.duration == Duration::from_millis(1234), "{applied:?}");
    ensure!(applied.rank == 1 && !applied.by.is_empty(), "{applied:?}");
    ensure!(
        applied.in_flight.is_none() && applied.progress.is_none(),
        "{applied:?}"
    );
    Ok(())
}

/// A completed execution is an entry of the history, value for value.
async fn the_history_has_what_was_recorded(world: &World) -> Verdict {
    let new = execution("1.2.0");
    let mut locked = recorded(world, std::slice::from_ref(&new)).await?;
    let entries = history(&mut locked).await?;
    let [entry] = entries.as_slice() else {
        return Err(Stop::broken(format_args!("not one: {entries:?}")));
    };
    ensure!(
        entry.rank == 1 && entry.run == new.run && entry.action == new.action,
        "{entry:?}"
    );
    ensure!(
        entry.status == EntryStatus::Completed && entry.migration == new.migration,
        "{entry:?}"
    );
    ensure!(
        entry.description == new.description && entry.script == new.script,
        "{entry:?}"
    );
    ensure!(
        entry.checksum == new.checksum && entry.environment == new.environment,
        "{entry:?}"
    );
    ensure!(entry.duration == Some(Duration::from_millis(1234)), "{entry:?}");
    ensure!(entry.statements == 3 && entry.statements_done == 3, "{entry:?}");
    ensure!(
        entry.actor == new.actor && entry.reason == new.reason,
        "{entry:?}"
    );
    ensure!(
        entry.error.is_none() && entry.tool_version == new.tool_version,
        "{entry:?}"
    );
    ensure!(!entry.login.is_empty(), "{entry:?}");
    Ok(())
}

/// Quotes, backslashes, comments, placeholders, line ends and every script of the world come back as they were.
async fn odd_characters_come_back_unchanged(world: &World) -> Verdict {
    let mut new = execution("1.2.0");
    ODD.clone_into(&mut new.description);
    ODD.clone_into(&mut new.script);
    new.reason = Some(ODD.into());
    new.actor.user = ODD.into();
    new.actor.ci_job = Some(ODD.into());
    new.registration = Some(Registration {
        up_script: Some(ODD.into()),
        down_script: Some(ODD.into()),
    });
    let mut locked = world.locked().await?;
    let end = End {
        status: EntryStatus::Failed,
        error: Some(ODD.into()),
        ..ended(AppliedState::Failed)
    };
    locked.session.record(&locked.lease.fence, &new, &end).await?;
    let entry = history(&mut locked).await?.remove(0);
    for text in [&entry.description, &entry.script, &entry.actor.user] {
        ensure!(text == ODD, "{text:?}");
    }
    for text in [&entry.reason, &entry.error, &entry.actor.ci_job] {
        ensure!(text.as_deref() == Some(ODD), "{text:?}");
    }
    let texts = locked.session.registration("1.2.0").await?;
    ensure!(texts == new.registration, "{texts:?}");
    let applied = locked.session.survey().await?.applied.remove(0);
    ensure!(applied.description == ODD, "{applied:?}");
    Ok(())
}

/// A character that the database cannot keep does not keep an entry from being written.
async fn a_nul_in_an_error_does_not_lose_the_entry(world: &World) -> Verdict {
    let mut locked = world.locked().await?;
    let end = End {
        status: EntryStatus::Failed,
        error: Some("before\0after".into()),
        ..ended(AppliedState::Failed)
    };
    locked
        .session
        .record(&locked.lease.fence, &execution("1.0.0"), &end)
        .await?;
    let entry = history(&mut locked).await?.remove(0);
    let error = entry.error.unwrap_or_default();
    ensure!(
        error.starts_with("before") && error.ends_with("after"),
        "{error:?}"
    );
    Ok(())
}

/// A script of a megabyte comes back whole.
async fn a_large_script_is_kept(world: &World) -> Verdict {
    let mut new = execution("1.0.0");
    let text = "INSERT INTO a VALUES ('Ä''🦀');\n".repeat(32 * 1024);
    new.registration = Some(Registration {
        up_script: Some(text.clone()),
        down_script: None,
    });
    let mut locked = recorded(world, &[new]).await?;
    let texts = locked.session.registration("1.0.0").await?;
    let kept = texts.as_ref().and_then(|texts| texts.up_script.as_deref());
    ensure!(
        kept == Some(&text),
        "{} of {} bytes",
        kept.unwrap_or_default().len(),
        text.len()
    );
    ensure!(
        texts.is_some_and(|texts| texts.down_script.is_none()),
        "an undo script from nowhere"
    );
    Ok(())
}

/// No version, no reason, no job: none of these becomes an empty text.
async fn what_was_not_said_stays_unsaid(world: &World) -> Verdict {
    let mut new = execution("R__views");
    new.version = None;
    new.reason = None;
    new.actor.ci_job = None;
    new.registration = None;
    let mut locked = recorded(world, &[new]).await?;
    let entry = history(&mut locked).await?.remove(0);
    ensure!(
        entry.reason.is_none() && entry.actor.ci_job.is_none(),
        "{entry:?}"
    );
    let applied = locked.session.survey().await?.applied.remove(0);
    ensure!(
        applied.version.is_none() && applied.session.is_none(),
        "{applied:?}"
    );
    Ok(())
}

/// The newest entry is the last, and ranks grow.
async fn the_history_is_in_order(world: &World) -> Verdict {
    let new = ["2.0.0", "1.0.0", "3.0.0"].map(execution);
    let mut locked = recorded(world, &new).await?;
    let entries = history(&mut locked).await?;
    let names: Vec<&str> = entries.iter().map(|entry| entry.migration.as_str()).collect();
    ensure!(names == ["2.0.0", "1.0.0", "3.0.0"], "{names:?}");
    ensure!(entries.is_sorted_by(|a, b| a.rank < b.rank), "{entries:?}");
    Ok(())
}

/// A limit gives the newest entries, the newest still last.
async fn the_newest_entries_can_be_had_alone(world: &World) -> Verdict {
    let new = ["1.0.0", "2.0.0", "3.0.0"].map(execution);
    let mut locked = recorded(world, &new).await?;
    for (limit, wanted) in [
        (2, vec!["2.0.0", "3.0.0"]),
        (9, vec!["1.0.0", "2.0.0", "3.0.0"]),
        (0, vec![]),
    ] {
        let filter = ExecutionFilter {
            limit: Some(limit),
            ..ExecutionFilter::default()
        };
        let entries = locked.session.executions(&filter).await?;
        let names: Vec<&str> = entries.iter().map(|entry| entry.migration.as_str()).collect();
        ensure!(names == wanted, "{limit}: {names:?}");
    }
    Ok(())
}

/// A filter gives one migration's entries, whatever characters are in its key.
async fn one_migrations_entries_can_be_had_alone(world: &World) -> Verdict {
    let new = ["1.0.0", "R__it's", "1.0.0", "1.0"].map(execution);
    let mut locked = recorded(world, &new).await?;
    for (migration, wanted) in [("1.0.0", 2), ("R__it's", 1), ("1.0", 1), ("1", 0)] {
        let filter = ExecutionFilter {
            migration: Some(migration.into()),
            ..ExecutionFilter::default()
        };
        let entries = locked.session.executions(&filter).await?;
        ensure!(entries.len() == wanted, "{migration}: {entries:?}");
        ensure!(
            entries.iter().all(|entry| entry.migration == migration),
            "{entries:?}"
        );
    }
    Ok(())
}

/// The survey has each migration once, in the order of what was done to it last.
async fn the_survey_is_in_order_of_rank(world: &World) -> Verdict {
    let new = ["2.0.0", "1.0.0", "3.0.0", "2.0.0"].map(execution);
    let mut locked = recorded(world, &new).await?;
    let applied = locked.session.survey().await?.applied;
    let names: Vec<&str> = applied.iter().map(|applied| applied.migration.as_str()).collect();
    ensure!(names == ["1.0.0", "3.0.0", "2.0.0"], "{names:?}");
    Ok(())
}

/// Asking for a migration that was never registered is no error.
async fn an_unknown_migration_has_no_texts(world: &World) -> Verdict {
    let texts = world.installed().await?.registration("it's unknown").await?;
    ensure!(texts.is_none(), "{texts:?}");
    Ok(())
}

/// An execution without texts leaves those in the registry.
async fn texts_that_are_not_given_stay(world: &World) -> Verdict {
    let first = execution("1.0.0");
    let mut second = first.clone();
    second.registration = None;
    let mut locked = recorded(world, &[first.clone(), second]).await?;
    let texts = locked.session.registration("1.0.0").await?;
    ensure!(texts == first.registration, "{texts:?}");
    Ok(())
}

/// An execution with texts replaces those in the registry, as a repeatable migration does.
async fn texts_that_are_given_replace_older_ones(world: &World) -> Verdict {
    let first = execution("R__views");
    let mut second = first.clone();
    second.registration = Some(Registration {
        up_script: Some("SELECT 2".into()),
        down_script: None,
    });
    let mut locked = recorded(world, &[first, second.clone()]).await?;
    let texts = locked.session.registration("R__views").await?;
    ensure!(texts == second.registration, "{texts:?}");
    Ok(())
}

/// The server's clock, read as UTC, is within five minutes of ours.
async fn times_are_utc_and_near_ours(world: &World) -> Verdict {
    let mut locked = recorded(world, &[execution("1.0.0")]).await?;
    let now = Timestamp::try_from(SystemTime::now()).map_err(Stop::broken)?;
    let entry = history(&mut locked).await?.remove(0);
    let survey = locked.session.survey().await?;
    let mut times = vec![entry.started_at];
    times.extend(entry.finished_at);
    times.extend(survey.applied.iter().map(|applied| applied.at));
    times.extend(survey.holder.map(|holder| holder.acquired_at));
    ensure!(times.len() == 4, "a time is missing: {entry:?}");
    for time in times {
        let apart = time.duration_since(now).unsigned_abs();
        ensure!(apart < Duration::from_mins(5), "{time} is {apart:?} from {now}");
    }
    Ok(())
}

/// An entry ends no earlier than it begins, and as much later as it took; a later entry ends no earlier.
async fn times_do_not_go_backwards(world: &World) -> Verdict {
    let new = ["1.0.0", "2.0.0", "3.0.0"].map(execution);
    let mut locked = recorded(world, &new).await?;
    let entries = history(&mut locked).await?;
    ensure!(entries.is_sorted_by_key(|entry| entry.finished_at), "{entries:?}");
    for entry in entries {
        let finished = entry.finished_at.unwrap_or(Timestamp::MIN);
        let took = finished.duration_since(entry.started_at);
        let said = entry.duration.unwrap_or_default();
        let apart = took
            .as_millis()
            .abs_diff(i128::try_from(said.as_millis()).unwrap_or_default());
        ensure!(apart <= 5, "{said:?} between {} and {finished}", entry.started_at);
    }
    Ok(())
}

/// Ranks grow by the order of writing, also over several sessions.
async fn a_hundred_entries_keep_their_order(world: &World) -> Verdict {
    let Locked { mut session, lease } = world.locked().await?;
    session.unlock(&lease).await?;
    let mut other = world.session().await?;
    let lease = acquire(session.as_mut(), &request("ann")).await?;
    for number in 0..100 {
        let writer = if number % 2 == 0 { &mut session } else { &mut other };
        let new = execution(&format!("{number}.0.0"));
        writer
            .record(&lease.fence, &new, &ended(AppliedState::Applied))
            .await?;
    }
    let entries = other.executions(&ExecutionFilter::default()).await?;
    let right = entries
        .iter()
        .enumerate()
        .all(|(number, entry)| entry.migration == format!("{number}.0.0"));
    ensure!(right && entries.len() == 100, "{entries:?}");
    Ok(())
}
