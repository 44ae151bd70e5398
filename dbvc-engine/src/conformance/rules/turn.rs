//! `apply_in_turn`: several units, each all or nothing, up to the first that fails.

use crate::conformance::World;
use crate::conformance::rule::{Stop, Verdict, ensure, rules, stopped, stopped_as};
use crate::conformance::script::Statements;
use crate::conformance::world::{Locked, apply_in_turn, insert, stale};
use crate::driver::{Cause, ExecutionFilter, Fence, Heard, Limits, MESSAGE_BYTES, Notice, Outcome, Session};
use crate::error::ErrorKind;

rules!("turn":
    units_are_applied_in_order,
    each_unit_is_told_when_it_begins_and_when_it_is_committed,
    each_unit_has_its_own_counts,
    a_unit_that_fails_stops_the_queue_and_those_before_it_stay,
    a_unit_that_is_not_sql_stops_the_queue_and_those_before_it_stay,
    a_unit_that_cannot_be_read_stops_the_queue_and_those_before_it_stay,
    a_failure_is_about_its_own_statement,
    a_large_unit_may_stand_between_small_ones,
    a_stale_fence_applies_no_unit,
    a_stop_before_the_first_applies_no_unit,
    after_a_failure_the_rest_can_be_applied,
);

/// Hears when units begin and are committed.
#[derive(Default)]
struct Diary {
    lines: Vec<String>,
}

impl Heard for Diary {
    fn notice(&mut self, _: Notice) {}
    fn progress(&mut self, _: u32) {}

    fn begins(&mut self, unit: usize) {
        self.lines.push(format!("{unit} begins"));
    }

    fn committed(&mut self, unit: usize, _: &Outcome) {
        self.lines.push(format!("{unit} is there"));
    }
}

async fn locked(world: &World) -> Result<Locked, Stop> {
    world.locked_for_units().await
}

/// Applies scripts as `1.0.0`, `2.0.0` and so on.
async fn run(locked: &mut Locked, scripts: Vec<Statements>) -> Vec<Outcome> {
    let fence = locked.fence();
    let session = locked.session.as_mut();
    run_with(
        session,
        &fence,
        scripts,
        &Limits::default(),
        &mut Diary::default(),
    )
    .await
}

async fn run_with(
    session: &mut dyn Session,
    fence: &Fence,
    scripts: Vec<Statements>,
    limits: &Limits,
    diary: &mut Diary,
) -> Vec<Outcome> {
    let named = scripts.into_iter().enumerate();
    let named = named.map(|(index, script)| (format!("{}.0.0", index + 1), script));
    apply_in_turn(session, fence, named.collect(), limits, diary).await
}

fn table(world: &World, name: &str) -> Statements {
    Statements::new([world.makes(name), insert(name, 1)])
}

/// The keys of the migrations that the history has as they stand, oldest first.
async fn applied(locked: &mut Locked) -> Result<Vec<String>, Stop> {
    let entries = locked.session.executions(&ExecutionFilter::default()).await?;
    let survey = locked.session.survey().await?;
    ensure!(entries.len() == survey.applied.len(), "{entries:?}, {survey:?}");
    Ok(entries.into_iter().map(|entry| entry.migration).collect())
}

/// The third of four units is wrong: the first two are there, and nothing of the others.
async fn stops_at_the_third(world: &World, locked: &mut Locked, wrong: Statements) -> Result<Outcome, Stop> {
    let scripts = vec![
        table(world, "one"),
        table(world, "two"),
        wrong,
        table(world, "four"),
    ];
    let mut outcomes = run(locked, scripts).await;
    ensure!(outcomes.len() == 3, "{outcomes:?}");
    ensure!(
        outcomes[..2].iter().all(|outcome| outcome.failure.is_none()),
        "{outcomes:?}"
    );
    let keys = applied(locked).await?;
    ensure!(keys == ["1.0.0", "2.0.0"], "{keys:?}");
    for (name, there) in [("one", true), ("two", true), ("three", false), ("four", false)] {
        ensure!(world.has_made(name).await? == there, "{name}");
    }
    Ok(outcomes.remove(2))
}

/// Each unit finds what the one before it made, and the history has them in their order.
async fn units_are_applied_in_order(world: &World) -> Verdict {
    let mut locked = locked(world).await?;
    let first = Statements::new([world.makes("made")]);
    let rest = (1..40).map(|id| Statements::new([insert("made", id)]));
    let outcomes = run(&mut locked, std::iter::once(first).chain(rest).collect()).await;
    ensure!(outcomes.len() == 40, "{}", outcomes.len());
    ensure!(
        outcomes.iter().all(|outcome| outcome.failure.is_none()),
        "{outcomes:?}"
    );
    ensure!(world.count("made").await? == 39, "not 39 rows");
    let keys = applied(&mut locked).await?;
    let wanted: Vec<String> = (1..=40).map(|number| format!("{number}.0.0")).collect();
    ensure!(keys == wanted, "{keys:?}");
    Ok(())
}

/// In order, and of a unit that fails only its beginning.
async fn each_unit_is_told_when_it_begins_and_when_it_is_committed(world: &World) -> Verdict {
    let mut locked = locked(world).await?;
    let scripts = vec![
        table(world, "one"),
        table(world, "two"),
        Statements::new([insert("no_such_table", 1)]),
    ];
    let (fence, mut diary) = (locked.fence(), Diary::default());
    run_with(
        locked.session.as_mut(),
        &fence,
        scripts,
        &Limits::default(),
        &mut diary,
    )
    .await;
    let wanted = ["0 begins", "0 is there", "1 begins", "1 is there", "2 begins"];
    ensure!(diary.lines == wanted, "{:?}", diary.lines);
    Ok(())
}

/// Statements and rows of one unit are not counted to another.
async fn each_unit_has_its_own_counts(world: &World) -> Verdict {
    let mut locked = locked(world).await?;
    let scripts = vec![
        Statements::new([world.makes("made")]),
        Statements::new([insert("made", 1), insert("made", 2)]),
        Statements::new([insert("made", 3), insert("made", 4), insert("made", 5)]),
    ];
    let outcomes = run(&mut locked, scripts).await;
    let counts: Vec<_> = outcomes.iter().map(|one| (one.statements, one.rows)).collect();
    ensure!(
        counts.iter().map(|(statements, _)| *statements).eq([1, 2, 3]),
        "{counts:?}"
    );
    ensure!(counts[1].1 == 2 && counts[2].1 == 3, "{counts:?}");
    let entries = locked.session.executions(&ExecutionFilter::default()).await?;
    let kept: Vec<u32> = entries.iter().map(|entry| entry.statements_done).collect();
    ensure!(kept == [1, 2, 3], "{kept:?}");
    Ok(())
}

/// A statement fails while it runs.
async fn a_unit_that_fails_stops_the_queue_and_those_before_it_stay(world: &World) -> Verdict {
    let mut locked = locked(world).await?;
    let wrong = Statements::new([world.makes("three"), insert("three", 1), insert("three", 1)]);
    let outcome = stops_at_the_third(world, &mut locked, wrong).await?;
    ensure!(outcome.statements == 2, "{outcome:?}");
    stopped(&outcome)?;
    Ok(())
}

/// A statement that no server parses, in a message or in one of its own.
async fn a_unit_that_is_not_sql_stops_the_queue_and_those_before_it_stay(world: &World) -> Verdict {
    let mut locked = locked(world).await?;
    let wrong = Statements::new([world.makes("three"), "SELEC 1".to_owned()]);
    let outcome = stops_at_the_third(world, &mut locked, wrong).await?;
    let (failure, _) = stopped(&outcome)?;
    let sql = failure.statement.as_ref().map(|statement| statement.sql.as_str());
    ensure!(sql == Some("SELEC 1"), "{outcome:?}");
    Ok(())
}

/// The file turns out to have changed after its last statement.
async fn a_unit_that_cannot_be_read_stops_the_queue_and_those_before_it_stay(world: &World) -> Verdict {
    let mut locked = locked(world).await?;
    let outcome = stops_at_the_third(world, &mut locked, table(world, "three").breaking_off()).await?;
    let cause = outcome.failure.as_ref().map(|failure| &failure.cause);
    ensure!(matches!(cause, Some(Cause::Script(_))), "{outcome:?}");
    Ok(())
}

/// The failing statement is named, whatever stands before it.
async fn a_failure_is_about_its_own_statement(world: &World) -> Verdict {
    let mut locked = locked(world).await?;
    let wrong = Statements::new([world.makes("three"), insert("no_such_table", 1)]);
    let outcome = stops_at_the_third(world, &mut locked, wrong).await?;
    let (failure, error) = stopped(&outcome)?;
    let sql = failure.statement.as_ref().map(|statement| statement.sql.as_str());
    ensure!(sql == Some(insert("no_such_table", 1).as_str()), "{outcome:?}");
    ensure!(error.kind == ErrorKind::Statement, "{error:?}");
    Ok(())
}

/// One that needs several messages is applied whole and in its place.
async fn a_large_unit_may_stand_between_small_ones(world: &World) -> Verdict {
    let mut locked = locked(world).await?;
    let rows = u32::try_from(3 * MESSAGE_BYTES / insert("made", 10_000).len()).unwrap_or(u32::MAX);
    let large = Statements::new((0..rows).map(|id| insert("made", id + 10_000)));
    let scripts = vec![
        Statements::new([world.makes("made")]),
        Statements::new([insert("made", 1)]),
        large,
        Statements::new(["DELETE FROM made WHERE id >= 10000".to_owned()]),
    ];
    let outcomes = run(&mut locked, scripts).await;
    ensure!(
        outcomes.len() == 4 && outcomes.iter().all(|outcome| outcome.failure.is_none()),
        "{outcomes:?}"
    );
    ensure!(outcomes[2].statements == rows, "{:?}", outcomes[2]);
    ensure!(world.count("made").await? == 1, "not one row");
    Ok(())
}

/// [`ErrorKind::LockLost`] at the first, and nothing of any.
async fn a_stale_fence_applies_no_unit(world: &World) -> Verdict {
    let (mut holder, old) = stale(world).await?;
    let scripts = vec![table(world, "one"), table(world, "two")];
    let session = holder.session.as_mut();
    let outcomes = run_with(session, &old, scripts, &Limits::default(), &mut Diary::default()).await;
    ensure!(outcomes.len() == 1, "{outcomes:?}");
    stopped_as(&outcomes[0], ErrorKind::LockLost)?;
    ensure!(applied(&mut holder).await?.is_empty(), "something is recorded");
    ensure!(!world.has_made("one").await?, "the table is there");
    Ok(())
}

/// A token that fired is looked at before anything is sent.
async fn a_stop_before_the_first_applies_no_unit(world: &World) -> Verdict {
    let mut locked = locked(world).await?;
    let limits = Limits::default();
    limits.cancel.cancel();
    let (fence, mut diary) = (locked.fence(), Diary::default());
    let scripts = vec![table(world, "one"), table(world, "two")];
    let outcomes = run_with(locked.session.as_mut(), &fence, scripts, &limits, &mut diary).await;
    ensure!(outcomes.len() == 1, "{outcomes:?}");
    stopped_as(&outcomes[0], ErrorKind::Cancelled)?;
    ensure!(applied(&mut locked).await?.is_empty(), "something is recorded");
    Ok(())
}

/// The same session goes on where it stopped.
async fn after_a_failure_the_rest_can_be_applied(world: &World) -> Verdict {
    let mut locked = locked(world).await?;
    let wrong = Statements::new([insert("no_such_table", 1)]);
    stops_at_the_third(world, &mut locked, wrong).await?;
    let fence = locked.fence();
    let rest = vec![
        ("3.0.0".to_owned(), table(world, "three")),
        ("4.0.0".to_owned(), table(world, "four")),
    ];
    let session = locked.session.as_mut();
    let outcomes = apply_in_turn(session, &fence, rest, &Limits::default(), &mut Diary::default()).await;
    ensure!(
        outcomes.iter().all(|outcome| outcome.failure.is_none()),
        "{outcomes:?}"
    );
    let keys = applied(&mut locked).await?;
    ensure!(keys == ["1.0.0", "2.0.0", "3.0.0", "4.0.0"], "{keys:?}");
    Ok(())
}
