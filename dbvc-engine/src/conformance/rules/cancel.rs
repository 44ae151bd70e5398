//! Stopping: the server stops, too.

use std::time::{Duration, Instant};

use crate::conformance::World;
use crate::conformance::rule::{Stop, Verdict, done, ensure, needs, refused, rules, sample, stopped_as};
use crate::conformance::script::{Ear, Statements, statement};
use crate::conformance::world::{Locked, count, create_table, ended, execute, execution, insert, make_table};
use crate::driver::{AppliedState, End, EntryStatus, Limits, Outcome, Session};
use crate::error::ErrorKind;

rules!("cancel":
    a_running_statement_stops,
    a_running_statement_in_a_transaction_stops,
    a_running_unit_stops_and_leaves_nothing,
    a_running_query_stops,
    after_a_stop_the_session_is_as_its_error_says,
    what_was_stopped_before_it_began_does_not_run,
    a_unit_that_was_stopped_before_it_began_does_not_run,
    a_query_that_was_stopped_before_it_began_does_not_run,
    a_stop_between_two_statements_is_heeded,
    a_stop_does_not_hinder_unlocking,
    a_token_that_fires_later_stops_nothing_else,
);

/// From the token's firing to the end of the call.
const SOON: Duration = Duration::from_secs(2);

fn stops_after(pause: Duration) -> Limits {
    let limits = Limits::default();
    let token = limits.cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(pause).await;
        token.cancel();
    });
    limits
}

fn slow(world: &World, session: &dyn Session) -> Result<&'static str, Stop> {
    needs(session.capabilities().cancel, "way to stop a statement")?;
    sample(world.samples().slow_statement, "a statement that takes long")
}

async fn run(session: &mut dyn Session, sql: &[&str], limits: &Limits) -> Outcome {
    let statements: Vec<_> = sql.iter().copied().map(statement).collect();
    session.execute(&statements, limits, &mut Ear::default()).await
}

async fn slow_table(session: &mut dyn Session) -> Verdict {
    done(execute(session, ["CREATE TABLE slow (id integer)"]).await).map(drop)
}

/// A statement that runs alone ends soon after the token fired, as [`ErrorKind::Cancelled`], and does not go on in the
/// background.
async fn a_running_statement_stops(world: &World) -> Verdict {
    let mut session = world.session().await?;
    let slow = slow(world, session.as_ref())?;
    slow_table(session.as_mut()).await?;
    let clock = Instant::now();
    let outcome = run(
        session.as_mut(),
        &[slow],
        &stops_after(Duration::from_millis(300)),
    )
    .await;
    let took = clock.elapsed();
    stopped_as(&outcome, ErrorKind::Cancelled)?;
    ensure!(took < SOON, "it ended after {took:?}");
    ensure!(world.count("slow").await? == 0, "it took effect");
    done(execute(world.session().await?.as_mut(), ["DROP TABLE slow"]).await)?;
    Ok(())
}

/// The same inside a transaction, which can be rolled back then.
async fn a_running_statement_in_a_transaction_stops(world: &World) -> Verdict {
    let Locked { mut session, lease } = world.locked_for_units().await?;
    let slow = slow(world, session.as_ref())?;
    slow_table(session.as_mut()).await?;
    session.begin(&lease.fence).await?;
    done(execute(session.as_mut(), [world.makes("made")]).await)?;
    let clock = Instant::now();
    let outcome = run(
        session.as_mut(),
        &[slow],
        &stops_after(Duration::from_millis(300)),
    )
    .await;
    stopped_as(&outcome, ErrorKind::Cancelled)?;
    ensure!(clock.elapsed() < SOON, "it ended after {:?}", clock.elapsed());
    session.rollback().await?;
    ensure!(!world.has_made("made").await?, "the table is there");
    Ok(())
}

/// A unit ends soon after the token fired, and nothing of it is left.
async fn a_running_unit_stops_and_leaves_nothing(world: &World) -> Verdict {
    let mut locked = world.locked_for_units().await?;
    let slow = slow(world, locked.session.as_ref())?;
    slow_table(locked.session.as_mut()).await?;
    let mut script = Statements::new([world.makes("made"), slow.to_owned(), world.makes("more")]);
    let limits = stops_after(Duration::from_millis(300));
    let clock = Instant::now();
    let outcome = locked.apply("1.0.0", &mut script, &limits).await;
    stopped_as(&outcome, ErrorKind::Cancelled)?;
    ensure!(clock.elapsed() < SOON, "it ended after {:?}", clock.elapsed());
    ensure!(!world.has_made("made").await?, "the table is there");
    let survey = world.session().await?.survey().await?;
    ensure!(survey.applied.is_empty(), "{survey:?}");
    Ok(())
}

/// A query ends soon after the token fired.
async fn a_running_query_stops(world: &World) -> Verdict {
    let mut session = world.session().await?;
    needs(session.capabilities().cancel, "way to stop a statement")?;
    let slow = sample(world.samples().slow_query, "a query that takes long")?;
    let clock = Instant::now();
    let answer = session
        .query(slow, &stops_after(Duration::from_millis(300)))
        .await;
    refused(answer, ErrorKind::Cancelled, "the query")?;
    ensure!(clock.elapsed() < SOON, "it ended after {:?}", clock.elapsed());
    Ok(())
}

/// [`ErrorKind::Cancelled`] does not end the session: the next statement runs, and is not hit by the stop.
async fn after_a_stop_the_session_is_as_its_error_says(world: &World) -> Verdict {
    let mut session = world.session().await?;
    let slow = slow(world, session.as_ref())?;
    slow_table(session.as_mut()).await?;
    make_table(session.as_mut(), "target").await?;
    for id in 0..5 {
        let outcome = run(session.as_mut(), &[slow], &stops_after(Duration::from_millis(50))).await;
        let error = stopped_as(&outcome, ErrorKind::Cancelled)?;
        ensure!(!error.kind.ends_session(), "{error:?}");
        done(execute(session.as_mut(), [insert("target", id)]).await)?;
    }
    ensure!(count(session.as_mut(), "target").await? == 5, "not five rows");
    Ok(())
}

fn fired() -> Limits {
    let limits = Limits::default();
    limits.cancel.cancel();
    limits
}

/// With a token that fired already no statement runs.
async fn what_was_stopped_before_it_began_does_not_run(world: &World) -> Verdict {
    let mut session = world.session().await?;
    let outcome = run(session.as_mut(), &[&create_table("made")], &fired()).await;
    stopped_as(&outcome, ErrorKind::Cancelled)?;
    ensure!(outcome.statements == 0, "{outcome:?}");
    ensure!(!world.has_table("made").await?, "the table is there");
    make_table(session.as_mut(), "made").await?;
    Ok(())
}

/// With a token that fired already no unit is applied, not even an empty one.
async fn a_unit_that_was_stopped_before_it_began_does_not_run(world: &World) -> Verdict {
    let mut locked = world.locked_for_units().await?;
    for mut script in [Statements::new([world.makes("made")]), Statements::default()] {
        let outcome = locked.apply("1.0.0", &mut script, &fired()).await;
        stopped_as(&outcome, ErrorKind::Cancelled)?;
        let survey = locked.session.survey().await?;
        ensure!(survey.applied.is_empty(), "{survey:?}");
    }
    ensure!(!world.has_made("made").await?, "the table is there");
    let mut script = Statements::new([world.makes("made")]);
    done(locked.apply("1.0.0", &mut script, &Limits::default()).await)?;
    Ok(())
}

/// With a token that fired already no query runs.
async fn a_query_that_was_stopped_before_it_began_does_not_run(world: &World) -> Verdict {
    let mut session = world.session().await?;
    refused(
        session.query("SELECT 1", &fired()).await,
        ErrorKind::Cancelled,
        "the query",
    )?;
    session.query("SELECT 1", &Limits::default()).await?;
    Ok(())
}

/// Once the token fired no further statement of the call begins.
async fn a_stop_between_two_statements_is_heeded(world: &World) -> Verdict {
    let mut session = world.session().await?;
    let slow = slow(world, session.as_ref())?;
    slow_table(session.as_mut()).await?;
    let statements = [&create_table("made"), slow, &create_table("more")];
    let outcome = run(
        session.as_mut(),
        &statements,
        &stops_after(Duration::from_millis(300)),
    )
    .await;
    stopped_as(&outcome, ErrorKind::Cancelled)?;
    ensure!(outcome.statements == 1, "one ran before it: {outcome:?}");
    ensure!(world.has_table("made").await?, "what ran alone is gone");
    ensure!(!world.has_table("more").await?, "it went on");
    Ok(())
}

/// After a stop the lock can be given back and the failure be recorded.
async fn a_stop_does_not_hinder_unlocking(world: &World) -> Verdict {
    let mut locked = world.locked().await?;
    let slow = slow(world, locked.session.as_ref())?;
    slow_table(locked.session.as_mut()).await?;
    let limits = stops_after(Duration::from_millis(200));
    let outcome = locked.apply("1.0.0", &mut Statements::new([slow]), &limits).await;
    stopped_as(&outcome, ErrorKind::Cancelled)?;
    let (fence, lease) = (locked.fence(), locked.lease.clone());
    let end = End {
        status: EntryStatus::Failed,
        error: Some("stopped".into()),
        ..ended(AppliedState::Failed)
    };
    let new = execution("1.0.0");
    locked.session.record(&fence, &new, &end).await?;
    locked.session.unlock(&lease).await?;
    let holder = world.session().await?.survey().await?.holder;
    ensure!(holder.is_none(), "{holder:?}");
    Ok(())
}

/// A token that fires when its call has ended hits nothing that runs then.
async fn a_token_that_fires_later_stops_nothing_else(world: &World) -> Verdict {
    let mut session = world.session().await?;
    needs(session.capabilities().cancel, "way to stop a statement")?;
    make_table(session.as_mut(), "target").await?;
    for id in 0..100 {
        let limits = Limits::default();
        done(run(session.as_mut(), &[&insert("target", id)], &limits).await)?;
        limits.cancel.cancel();
        done(execute(session.as_mut(), [insert("target", 1_000 + id)]).await)?;
    }
    ensure!(count(session.as_mut(), "target").await? == 200, "not all rows");
    Ok(())
}
