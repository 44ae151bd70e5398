//! `apply`: a migration's statements and its entry in the history, all or nothing.

use std::time::Duration;

use crate::conformance::World;
use crate::conformance::rule::{Stop, Verdict, done, ensure, rules, sample, stopped};
use crate::conformance::script::Statements;
use crate::conformance::world::{Locked, create_table, execute, insert};
use crate::driver::{AppliedState, Cause, EntryStatus, Execution, ExecutionFilter, Limits, MESSAGE_BYTES};
use crate::error::ErrorKind;

rules!("unit":
    everything_is_there_afterwards,
    the_entry_counts_statements_and_time,
    a_failure_at_the_first_statement_leaves_nothing,
    a_failure_in_the_middle_leaves_nothing,
    a_failure_at_the_last_statement_leaves_nothing,
    a_failure_at_the_commit_leaves_nothing,
    a_large_script_is_applied_whole,
    a_failure_at_the_end_of_a_large_script_leaves_nothing,
    one_statement_may_be_larger_than_a_message,
    an_empty_script_is_recorded,
    a_script_that_cannot_be_read_leaves_nothing,
    after_a_failure_the_session_goes_on,
    units_follow_each_other,
    the_rows_are_counted,
    a_script_that_ends_its_transaction_is_not_recorded_as_applied,
);

async fn locked(world: &World) -> Result<Locked, Stop> {
    world.locked_for_units().await
}

async fn history(locked: &mut Locked) -> Result<Vec<Execution>, Stop> {
    Ok(locked.session.executions(&ExecutionFilter::default()).await?)
}

/// Nothing of the unit is there: no table, no entry, no state, no text.
async fn nothing(world: &World, locked: &mut Locked, table: &str) -> Verdict {
    ensure!(!world.has_made(table).await?, "{table} is there");
    let entries = history(locked).await?;
    ensure!(entries.is_empty(), "{entries:?}");
    let survey = locked.session.survey().await?;
    ensure!(survey.applied.is_empty(), "{survey:?}");
    let texts = locked.session.registration("1.0.0").await?;
    ensure!(texts.is_none(), "{texts:?}");
    Ok(())
}

/// The statements' effects and the entry are there together.
async fn everything_is_there_afterwards(world: &World) -> Verdict {
    let mut locked = locked(world).await?;
    let mut script = Statements::new([world.makes("made"), insert("made", 1), insert("made", 2)]);
    let outcome = done(locked.apply("1.0.0", &mut script, &Limits::default()).await)?;
    ensure!(outcome.statements == 3, "{outcome:?}");
    ensure!(world.count("made").await? == 2, "not two rows");
    let applied = world.session().await?.survey().await?.applied;
    ensure!(
        applied.len() == 1 && applied[0].state == AppliedState::Applied,
        "{applied:?}"
    );
    ensure!(locked.session.registration("1.0.0").await?.is_some(), "no texts");
    Ok(())
}

/// The entry says how many statements ran, that they ended well, and how long they took.
async fn the_entry_counts_statements_and_time(world: &World) -> Verdict {
    let mut locked = locked(world).await?;
    let script = [world.makes("made")]
        .into_iter()
        .chain((0..500).map(|id| insert("made", id)));
    let outcome = done(
        locked
            .apply("1.0.0", &mut Statements::new(script), &Limits::default())
            .await,
    )?;
    let entry = history(&mut locked).await?.remove(0);
    ensure!(
        entry.status == EntryStatus::Completed && entry.error.is_none(),
        "{entry:?}"
    );
    ensure!(entry.statements_done == 501, "{entry:?}");
    let (told, kept) = (outcome.duration, entry.duration.unwrap_or_default());
    ensure!(
        told > Duration::ZERO && kept <= told + Duration::from_millis(5),
        "{told:?}, {kept:?}"
    );
    let finished = entry
        .finished_at
        .map(|end| end.duration_since(entry.started_at).as_millis());
    ensure!(
        finished.is_some_and(|took| (0..60_000).contains(&took)),
        "{entry:?}"
    );
    Ok(())
}

async fn failing(world: &World, statements: impl FnOnce() -> [String; 3], index: u32) -> Verdict {
    let mut locked = locked(world).await?;
    let statements = statements();
    done(
        execute(
            locked.session.as_mut(),
            [create_table("target"), insert("target", 1)],
        )
        .await,
    )?;
    let wrong = statements[index as usize].clone();
    let outcome = locked
        .apply("1.0.0", &mut Statements::new(statements), &Limits::default())
        .await;
    let (failure, error) = stopped(&outcome)?;
    ensure!(error.kind == ErrorKind::Statement, "{error:?}");
    let told = failure.statement.as_ref().map(|statement| statement.sql.as_str());
    ensure!(told == Some(wrong.as_str()), "`{wrong}` failed: {failure:?}");
    ensure!(outcome.statements == index, "{index} went before it: {outcome:?}");
    nothing(world, &mut locked, "made").await?;
    ensure!(world.count("target").await? == 1, "a row is left");
    Ok(())
}

/// The first statement's failure leaves nothing, and is told with that statement.
async fn a_failure_at_the_first_statement_leaves_nothing(world: &World) -> Verdict {
    failing(
        world,
        || {
            [
                insert("no_such_table", 1),
                world.makes("made"),
                insert("target", 2),
            ]
        },
        0,
    )
    .await
}

/// The second of three fails: what the first did is gone.
async fn a_failure_in_the_middle_leaves_nothing(world: &World) -> Verdict {
    failing(
        world,
        || [world.makes("made"), insert("target", 1), insert("target", 2)],
        1,
    )
    .await
}

/// The last fails: what the others did is gone.
async fn a_failure_at_the_last_statement_leaves_nothing(world: &World) -> Verdict {
    failing(
        world,
        || [world.makes("made"), insert("target", 2), insert("target", 1)],
        2,
    )
    .await
}

/// A constraint that is checked at the commit fails there: nothing is left and the record does not say otherwise.
async fn a_failure_at_the_commit_leaves_nothing(world: &World) -> Verdict {
    let mut locked = locked(world).await?;
    if world.is_rows_only() {
        return Err(Stop::NotApplicable("schema changes do not roll back here".into()));
    }
    let statements = [
        create_table("made"),
        "CREATE TABLE child (parent integer REFERENCES made (id) DEFERRABLE INITIALLY DEFERRED)".to_owned(),
        "INSERT INTO child (parent) VALUES (4711)".to_owned(),
    ];
    let outcome = locked
        .apply("1.0.0", &mut Statements::new(statements), &Limits::default())
        .await;
    let (_, error) = stopped(&outcome)?;
    ensure!(error.kind == ErrorKind::Statement, "{error:?}");
    nothing(world, &mut locked, "made").await
}

/// Rows of text, together larger than `messages` messages.
fn large(world: &World, messages: usize) -> (Vec<String>, u64) {
    let filler = "x".repeat(400);
    let rows = messages * MESSAGE_BYTES / 400;
    let row = |id| format!("INSERT INTO made (id, name) VALUES ({id}, 'n') /* {filler} */");
    let mut statements = vec![world.makes("made")];
    statements.extend((0..rows).map(row));
    (statements, rows as u64)
}

/// A script that does not fit into one message is applied in order and as a whole.
async fn a_large_script_is_applied_whole(world: &World) -> Verdict {
    let mut locked = locked(world).await?;
    let (statements, rows) = large(world, 4);
    let count = statements.len();
    let outcome = done(
        locked
            .apply("1.0.0", &mut Statements::new(statements), &Limits::default())
            .await,
    )?;
    ensure!(
        outcome.statements as usize == count,
        "{count} statements: {outcome:?}"
    );
    ensure!(world.count("made").await? == rows, "not {rows} rows");
    let entry = history(&mut locked).await?.remove(0);
    ensure!(entry.statements_done as usize == count, "{entry:?}");
    Ok(())
}

/// What went to the server in earlier messages is gone, too.
async fn a_failure_at_the_end_of_a_large_script_leaves_nothing(world: &World) -> Verdict {
    let mut locked = locked(world).await?;
    let (mut statements, _) = large(world, 4);
    let before = statements.len();
    statements.push(insert("no_such_table", 1));
    let outcome = locked
        .apply("1.0.0", &mut Statements::new(statements), &Limits::default())
        .await;
    let (failure, _) = stopped(&outcome)?;
    ensure!(
        failure
            .statement
            .as_ref()
            .is_some_and(|it| it.sql.contains("no_such_table")),
        "{failure:?}"
    );
    ensure!(
        outcome.statements as usize == before,
        "{before} went before it: {}",
        outcome.statements
    );
    nothing(world, &mut locked, "made").await
}

/// The size of a message is no limit for a statement.
async fn one_statement_may_be_larger_than_a_message(world: &World) -> Verdict {
    let mut locked = locked(world).await?;
    let rows: Vec<String> = (0..20_000).map(|id| format!("({id}, 'n{id}')")).collect();
    let insert = format!("INSERT INTO made (id, name) VALUES {}", rows.join(", "));
    ensure!(insert.len() > 3 * MESSAGE_BYTES, "only {} bytes", insert.len());
    let mut script = Statements::new([world.makes("made"), insert]);
    done(locked.apply("1.0.0", &mut script, &Limits::default()).await)?;
    ensure!(world.count("made").await? == 20_000, "not all rows");
    Ok(())
}

/// A script without a statement is applied: there is an entry and nothing else.
async fn an_empty_script_is_recorded(world: &World) -> Verdict {
    let mut locked = locked(world).await?;
    let outcome = done(
        locked
            .apply("1.0.0", &mut Statements::default(), &Limits::default())
            .await,
    )?;
    ensure!(outcome.statements == 0, "{outcome:?}");
    let entries = history(&mut locked).await?;
    ensure!(
        entries.len() == 1 && entries[0].statements_done == 0,
        "{entries:?}"
    );
    Ok(())
}

/// A script that turns out to be unreadable after statements went to the server leaves nothing of them.
async fn a_script_that_cannot_be_read_leaves_nothing(world: &World) -> Verdict {
    let mut locked = locked(world).await?;
    let (statements, _) = large(world, 2);
    let mut script = Statements::new(statements).breaking_off();
    let outcome = locked.apply("1.0.0", &mut script, &Limits::default()).await;
    let cause = outcome.failure.as_ref().map(|failure| &failure.cause);
    ensure!(matches!(cause, Some(Cause::Script(_))), "{outcome:?}");
    nothing(world, &mut locked, "made").await
}

/// The same session can apply the corrected script.
async fn after_a_failure_the_session_goes_on(world: &World) -> Verdict {
    let mut locked = locked(world).await?;
    for wrong in ["SELEC 1", "INSERT INTO no_such_table VALUES (1)"] {
        let mut script = Statements::new([world.makes("made"), wrong.to_owned()]);
        let outcome = locked.apply("1.0.0", &mut script, &Limits::default()).await;
        stopped(&outcome)?;
    }
    let mut script = Statements::new([world.makes("made")]);
    done(locked.apply("1.0.0", &mut script, &Limits::default()).await)?;
    ensure!(world.has_made("made").await?, "the table is not there");
    Ok(())
}

/// Many units on one session: each has its entry.
async fn units_follow_each_other(world: &World) -> Verdict {
    let mut locked = locked(world).await?;
    for number in 0..20 {
        let table = format!("made{number}");
        world.stage(&mut locked, &[table.as_str()]).await?;
        let mut script = Statements::new([world.makes(&table), insert(&table, 1)]);
        let migration = format!("{number}.0.0");
        done(locked.apply(&migration, &mut script, &Limits::default()).await)?;
    }
    let entries = history(&mut locked).await?;
    ensure!(
        entries.len() == 20 && entries.iter().all(|entry| entry.statements_done == 2),
        "{entries:?}"
    );
    ensure!(
        world.count("made19").await? == 1,
        "the last one's row is not there"
    );
    Ok(())
}

/// The rows that the statements changed are told; the record's own rows do not count.
async fn the_rows_are_counted(world: &World) -> Verdict {
    let mut locked = locked(world).await?;
    let mut script = Statements::new([
        world.makes("made"),
        "INSERT INTO made (id) VALUES (1), (2), (3)".to_owned(),
        "UPDATE made SET name = 'x' WHERE id < 3".to_owned(),
        "DELETE FROM made WHERE id = 3".to_owned(),
    ]);
    let outcome = done(locked.apply("1.0.0", &mut script, &Limits::default()).await)?;
    let marks = u64::from(world.is_rows_only());
    ensure!(outcome.rows == 6 + marks, "{outcome:?}");
    Ok(())
}

/// A script may hide a COMMIT from the planner. What it did before stays; but the unit fails, and the record does not
/// say that it was applied.
async fn a_script_that_ends_its_transaction_is_not_recorded_as_applied(world: &World) -> Verdict {
    let commit = sample(world.samples().commit, "a statement that ends a transaction")?;
    let mut locked = locked(world).await?;
    for (migration, script) in [
        ("1.0.0", vec![world.makes("made"), commit.to_owned()]),
        (
            "2.0.0",
            vec![
                world.makes("more"),
                commit.to_owned(),
                "BEGIN".to_owned(),
                world.makes("most"),
            ],
        ),
    ] {
        let outcome = locked
            .apply(migration, &mut Statements::new(script), &Limits::default())
            .await;
        stopped(&outcome)?;
    }
    let survey = world.session().await?.survey().await?;
    let present = survey.applied.iter().any(|applied| applied.state.is_present());
    ensure!(!present, "{survey:?}");
    locked.session.survey().await?;
    Ok(())
}
