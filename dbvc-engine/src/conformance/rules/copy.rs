//! `COPY … FROM STDIN`: rows inside a script.

use crate::conformance::World;
use crate::conformance::rule::{Stop, Verdict, done, ensure, needs, rules, sample, stopped, stopped_as};
use crate::conformance::samples::Copy;
use crate::conformance::script::{RowList, Statements, statement};
use crate::conformance::world::{Locked, create_table, execute, insert, make_table};
use crate::driver::{Limits, Outcome, Session};
use crate::error::ErrorKind;

rules!("copy":
    without_the_ability_it_is_refused,
    ten_thousand_rows_are_loaded,
    no_rows_are_no_error,
    a_bad_row_loads_nothing_and_is_told,
    a_unit_may_load_rows_in_its_middle,
    a_bad_row_leaves_nothing_of_its_unit,
    a_stop_before_it_loads_nothing,
);

fn copy(world: &World, session: &dyn Session) -> Result<Copy, Stop> {
    needs(session.capabilities().copy_rows, "`COPY … FROM STDIN`")?;
    sample(world.samples().copy, "`COPY … FROM STDIN`")
}

async fn load(session: &mut dyn Session, copy: &Copy, rows: Vec<String>, limits: &Limits) -> Outcome {
    let mut rows = RowList(rows.into());
    session
        .copy_in(&statement(copy.statement), &mut rows, limits)
        .await
}

/// A session that cannot load rows says so, and loads none.
async fn without_the_ability_it_is_refused(world: &World) -> Verdict {
    let mut session = world.session().await?;
    if session.capabilities().copy_rows {
        return Err(Stop::NotApplicable("this session can load rows".into()));
    }
    let mut rows = RowList(["1\n".to_owned()].into());
    let sql = statement("COPY copied FROM STDIN");
    let outcome = session.copy_in(&sql, &mut rows, &Limits::default()).await;
    stopped_as(&outcome, ErrorKind::Unsupported)?;
    Ok(())
}

/// All rows of all pieces arrive, and are counted.
async fn ten_thousand_rows_are_loaded(world: &World) -> Verdict {
    let mut session = world.session().await?;
    let copy = copy(world, session.as_ref())?;
    make_table(session.as_mut(), "copied").await?;
    let pieces: Vec<String> = (0..10)
        .map(|piece| (0..1_000).map(|row| (copy.row)(piece * 1_000 + row)).collect())
        .collect();
    let outcome = done(load(session.as_mut(), &copy, pieces, &Limits::default()).await)?;
    ensure!(outcome.statements == 1 && outcome.rows == 10_000, "{outcome:?}");
    ensure!(world.count("copied").await? == 10_000, "not all rows");
    Ok(())
}

/// Loading nothing is fine.
async fn no_rows_are_no_error(world: &World) -> Verdict {
    let mut session = world.session().await?;
    let copy = copy(world, session.as_ref())?;
    make_table(session.as_mut(), "copied").await?;
    let outcome = done(load(session.as_mut(), &copy, Vec::new(), &Limits::default()).await)?;
    ensure!(outcome.rows == 0, "{outcome:?}");
    Ok(())
}

/// A row that the table refuses stops the load with a word on which one it was; no row is there, and the session goes
/// on.
async fn a_bad_row_loads_nothing_and_is_told(world: &World) -> Verdict {
    let mut session = world.session().await?;
    let copy = copy(world, session.as_ref())?;
    make_table(session.as_mut(), "copied").await?;
    let mut rows: Vec<String> = (0..100).map(copy.row).collect();
    rows.push(copy.bad_row.to_owned());
    let outcome = load(session.as_mut(), &copy, rows, &Limits::default()).await;
    let error = stopped_as(&outcome, ErrorKind::Statement)?;
    let told = format!("{} {}", error.message, error.notes.join(" "));
    ensure!(told.contains("101"), "the line is not told: {error:?}");
    ensure!(world.count("copied").await? == 0, "rows are there");
    done(execute(session.as_mut(), [insert("copied", 1)]).await)?;
    Ok(())
}

/// Statements before and after the rows are part of the same unit.
async fn a_unit_may_load_rows_in_its_middle(world: &World) -> Verdict {
    let mut locked = world.locked().await?;
    let copy = copy(world, locked.session.as_ref())?;
    let mut script = Statements::new([create_table("copied")])
        .copy(copy.statement, (0..100).map(copy.row))
        .then(insert("copied", 4711));
    let outcome = done(locked.apply("1.0.0", &mut script, &Limits::default()).await)?;
    ensure!(outcome.statements == 3, "{outcome:?}");
    ensure!(world.count("copied").await? == 101, "not 101 rows");
    let applied = locked.session.survey().await?.applied;
    ensure!(applied.len() == 1, "{applied:?}");
    Ok(())
}

/// A bad row takes the statements of its unit with it.
async fn a_bad_row_leaves_nothing_of_its_unit(world: &World) -> Verdict {
    let mut locked = world.locked().await?;
    let copy = copy(world, locked.session.as_ref())?;
    let rows = (0..10).map(copy.row).chain([copy.bad_row.to_owned()]);
    let mut script = Statements::new([create_table("copied")]).copy(copy.statement, rows);
    let outcome = locked.apply("1.0.0", &mut script, &Limits::default()).await;
    let (failure, _) = stopped(&outcome)?;
    let told = failure.statement.as_ref().map(|statement| statement.sql.as_str());
    ensure!(told == Some(copy.statement), "{failure:?}");
    ensure!(!world.has_table("copied").await?, "the table is there");
    let applied = locked.session.survey().await?.applied;
    ensure!(applied.is_empty(), "{applied:?}");
    Ok(())
}

/// Whoever stopped before the rows were sent gets [`ErrorKind::Cancelled`], and no row.
async fn a_stop_before_it_loads_nothing(world: &World) -> Verdict {
    let Locked { mut session, .. } = world.locked().await?;
    let copy = copy(world, session.as_ref())?;
    make_table(session.as_mut(), "copied").await?;
    let limits = Limits::default();
    limits.cancel.cancel();
    let outcome = load(session.as_mut(), &copy, vec![(copy.row)(1)], &limits).await;
    stopped_as(&outcome, ErrorKind::Cancelled)?;
    ensure!(world.count("copied").await? == 0, "the row is there");
    Ok(())
}
