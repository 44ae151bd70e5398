//! Time limits for statements, and for their waiting.

use std::time::{Duration, Instant};

use crate::conformance::World;
use crate::conformance::rule::{Stop, Verdict, done, ensure, needs, refused, rules, sample, stopped_as};
use crate::conformance::script::{Ear, Statements, statement};
use crate::conformance::world::{Locked, apply, execute, insert, make_table};
use crate::driver::{Limits, Outcome, Session};
use crate::error::ErrorKind;

rules!("limits":
    a_statement_ends_at_its_limit,
    a_statement_in_a_transaction_ends_at_its_limit,
    a_unit_ends_at_its_limit_and_leaves_nothing,
    a_query_ends_at_its_limit,
    a_limit_does_not_outlive_its_call,
    a_limit_counts_for_each_statement,
    waiting_ends_at_its_limit,
    waiting_in_a_unit_ends_at_its_limit,
    after_waiting_in_vain_it_works_when_tried_again,
);

const LIMIT: Duration = Duration::from_millis(300);
const SOON: Duration = Duration::from_secs(3);

fn running(longest: Duration) -> Limits {
    Limits {
        statement_timeout: Some(longest),
        ..Limits::default()
    }
}

fn waiting(longest: Duration) -> Limits {
    Limits {
        lock_timeout: Some(longest),
        ..Limits::default()
    }
}

async fn slow(world: &World, session: &mut dyn Session) -> Result<&'static str, Stop> {
    needs(session.capabilities().statement_timeout, "limit for a statement")?;
    let slow = sample(world.samples().slow_statement, "a statement that takes long")?;
    done(execute(session, ["CREATE TABLE slow (id integer)"]).await)?;
    Ok(slow)
}

async fn run(session: &mut dyn Session, sql: &str, limits: &Limits) -> Outcome {
    session
        .execute(&[statement(sql)], limits, &mut Ear::default())
        .await
}

/// A statement that runs longer than its limit is ended by the server as [`ErrorKind::StatementTimeout`], and has no
/// effect.
async fn a_statement_ends_at_its_limit(world: &World) -> Verdict {
    let mut session = world.session().await?;
    let slow = slow(world, session.as_mut()).await?;
    let clock = Instant::now();
    let outcome = run(session.as_mut(), slow, &running(LIMIT)).await;
    stopped_as(&outcome, ErrorKind::StatementTimeout)?;
    let took = clock.elapsed();
    ensure!((LIMIT..SOON).contains(&took), "it ended after {took:?}");
    ensure!(world.count("slow").await? == 0, "it took effect");
    Ok(())
}

/// The same inside a transaction.
async fn a_statement_in_a_transaction_ends_at_its_limit(world: &World) -> Verdict {
    let Locked { mut session, lease } = world.locked().await?;
    let slow = slow(world, session.as_mut()).await?;
    session.begin(&lease.fence).await?;
    let outcome = run(session.as_mut(), slow, &running(LIMIT)).await;
    stopped_as(&outcome, ErrorKind::StatementTimeout)?;
    session.rollback().await?;
    session.survey().await?;
    Ok(())
}

/// The same in a unit, of which nothing is left.
async fn a_unit_ends_at_its_limit_and_leaves_nothing(world: &World) -> Verdict {
    let mut locked = world.locked_for_units().await?;
    let slow = slow(world, locked.session.as_mut()).await?;
    let mut script = Statements::new([world.makes("made"), slow.to_owned()]);
    let clock = Instant::now();
    let outcome = locked.apply("1.0.0", &mut script, &running(LIMIT)).await;
    stopped_as(&outcome, ErrorKind::StatementTimeout)?;
    ensure!(clock.elapsed() < SOON, "it ended after {:?}", clock.elapsed());
    ensure!(!world.has_made("made").await?, "the table is there");
    let survey = locked.session.survey().await?;
    ensure!(survey.applied.is_empty(), "{survey:?}");
    Ok(())
}

/// The same for a query.
async fn a_query_ends_at_its_limit(world: &World) -> Verdict {
    let mut session = world.session().await?;
    needs(session.capabilities().statement_timeout, "limit for a statement")?;
    let slow = sample(world.samples().slow_query, "a query that takes long")?;
    let answer = session.query(slow, &running(LIMIT)).await;
    refused(answer, ErrorKind::StatementTimeout, "the query")?;
    session.query("SELECT 1", &Limits::default()).await?;
    Ok(())
}

/// The next call, without a limit or with another, is not ended by the old one.
async fn a_limit_does_not_outlive_its_call(world: &World) -> Verdict {
    let mut session = world.session().await?;
    let slow = slow(world, session.as_mut()).await?;
    let short = run(session.as_mut(), slow, &running(Duration::from_millis(100))).await;
    stopped_as(&short, ErrorKind::StatementTimeout)?;
    let longer = Duration::from_millis(900);
    let clock = Instant::now();
    let outcome = run(session.as_mut(), slow, &running(longer)).await;
    stopped_as(&outcome, ErrorKind::StatementTimeout)?;
    ensure!(clock.elapsed() >= longer, "it ended after {:?}", clock.elapsed());
    let limits = Limits::default();
    let token = limits.cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(longer).await;
        token.cancel();
    });
    let outcome = run(session.as_mut(), slow, &limits).await;
    stopped_as(&outcome, ErrorKind::Cancelled)?;
    Ok(())
}

/// A limit is for one statement: many short ones may together take longer.
async fn a_limit_counts_for_each_statement(world: &World) -> Verdict {
    let mut locked = world.locked_for_units().await?;
    needs(
        locked.session.capabilities().statement_timeout,
        "limit for a statement",
    )?;
    let rows = |part: u32| (0..2_000).map(move |id| insert("made", part * 2_000 + id));
    let script = [world.makes("made")].into_iter().chain((0..3).flat_map(rows));
    let limit = running(Duration::from_millis(250));
    let outcome = locked.apply("1.0.0", &mut Statements::new(script), &limit).await;
    done(outcome)?;
    ensure!(world.count("made").await? == 6_000, "not all rows");
    Ok(())
}

/// A row that somebody else's transaction has changed.
async fn blocked(world: &World) -> Result<(Locked, Box<dyn Session>), Stop> {
    let mut locked = world.locked_for_units().await?;
    needs(locked.session.capabilities().lock_timeout, "limit for waiting")?;
    make_table(locked.session.as_mut(), "target").await?;
    done(execute(locked.session.as_mut(), [insert("target", 1)]).await)?;
    let fence = locked.fence();
    locked.session.begin(&fence).await?;
    done(execute(locked.session.as_mut(), ["UPDATE target SET name = 'mine'"]).await)?;
    let other = world.session().await?;
    Ok((locked, other))
}

/// A statement that waits for somebody else's transaction longer than its limit is [`ErrorKind::LockTimeout`].
async fn waiting_ends_at_its_limit(world: &World) -> Verdict {
    let (mut owner, mut other) = blocked(world).await?;
    let clock = Instant::now();
    let outcome = run(
        other.as_mut(),
        "UPDATE target SET name = 'yours'",
        &waiting(LIMIT),
    )
    .await;
    stopped_as(&outcome, ErrorKind::LockTimeout)?;
    let took = clock.elapsed();
    ensure!((LIMIT / 2..SOON).contains(&took), "it ended after {took:?}");
    owner.session.commit().await?;
    Ok(())
}

/// The same in a unit, of which nothing is left.
async fn waiting_in_a_unit_ends_at_its_limit(world: &World) -> Verdict {
    let (mut owner, mut other) = blocked(world).await?;
    let fence = owner.fence();
    let mut script = Statements::new([world.makes("made"), "UPDATE target SET name = 'yours'".to_owned()]);
    let clock = Instant::now();
    let limits = waiting(LIMIT);
    let outcome = apply(other.as_mut(), &fence, "1.0.0", &mut script, &limits).await;
    stopped_as(&outcome, ErrorKind::LockTimeout)?;
    ensure!(clock.elapsed() < SOON, "it ended after {:?}", clock.elapsed());
    owner.session.commit().await?;
    ensure!(!world.has_made("made").await?, "the table is there");
    let survey = other.survey().await?;
    ensure!(survey.applied.is_empty(), "{survey:?}");
    Ok(())
}

/// [`ErrorKind::LockTimeout`] says that the same call may succeed later, and so it does.
async fn after_waiting_in_vain_it_works_when_tried_again(world: &World) -> Verdict {
    let (mut owner, mut other) = blocked(world).await?;
    let update = "UPDATE target SET name = 'yours'";
    let outcome = run(other.as_mut(), update, &waiting(LIMIT)).await;
    let error = stopped_as(&outcome, ErrorKind::LockTimeout)?;
    ensure!(error.kind.is_retryable(), "{error:?}");
    owner.session.commit().await?;
    let outcome = done(run(other.as_mut(), update, &waiting(LIMIT)).await)?;
    ensure!(outcome.rows == 1, "{outcome:?}");
    Ok(())
}
