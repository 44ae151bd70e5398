//! Looking changes nothing.

use crate::conformance::World;
use crate::conformance::rule::{Verdict, done, ensure, rules, stopped};
use crate::conformance::script::Statements;
use crate::conformance::world::{
    Locked, apply, count, create_table, ended, execute, execution, identity, insert, make_table, request,
};
use crate::driver::{AppliedState, ExecutionFilter, LAYOUT, Limits, Survey};

rules!("read_only":
    connecting_to_read_makes_nothing,
    the_survey_of_an_empty_database_is_empty_and_makes_nothing,
    the_survey_of_a_session_that_may_write_makes_nothing,
    a_reader_changes_no_schema,
    a_reader_changes_no_row,
    a_reader_applies_nothing,
    a_reader_makes_no_record,
    a_reader_takes_no_lock,
    a_reader_writes_no_history,
    a_reader_sees_the_record,
    a_query_refuses_to_write,
    a_query_in_a_transaction_refuses_to_write,
    a_refused_query_leaves_the_session_usable,
);

/// Opening a session to read makes nothing: no file, no table.
async fn connecting_to_read_makes_nothing(world: &World) -> Verdict {
    world.reader().await?.close().await?;
    world.untouched()
}

/// Without a record the survey has no layout and nothing else, and looking twice does not change that.
async fn the_survey_of_an_empty_database_is_empty_and_makes_nothing(world: &World) -> Verdict {
    for _ in 0..2 {
        let mut session = world.reader().await?;
        let survey = session.survey().await?;
        ensure!(survey == Survey::default(), "{survey:?}");
        session.close().await?;
    }
    world.untouched()
}

/// A session that may write writes nothing either until it is told to.
async fn the_survey_of_a_session_that_may_write_makes_nothing(world: &World) -> Verdict {
    let mut session = world.session().await?;
    let survey = session.survey().await?;
    ensure!(survey == Survey::default(), "{survey:?}");
    session.overview().await?;
    session.close().await?;
    world.untouched()
}

/// The database refuses a schema change in a session opened to read.
async fn a_reader_changes_no_schema(world: &World) -> Verdict {
    let mut session = world.reader().await?;
    let outcome = execute(session.as_mut(), [create_table("made")]).await;
    stopped(&outcome)?;
    session.close().await?;
    world.untouched()?;
    ensure!(!world.has_table("made").await?, "the table is there");
    Ok(())
}

/// The database refuses a new row in a session opened to read.
async fn a_reader_changes_no_row(world: &World) -> Verdict {
    make_table(world.session().await?.as_mut(), "target").await?;
    let mut session = world.reader().await?;
    stopped(&execute(session.as_mut(), [insert("target", 1)]).await)?;
    ensure!(world.count("target").await? == 0, "the row is there");
    Ok(())
}

/// A unit is refused in a session opened to read.
async fn a_reader_applies_nothing(world: &World) -> Verdict {
    let Locked { lease, .. } = world.locked().await?;
    let mut session = world.reader().await?;
    let mut script = Statements::new([create_table("made")]);
    let outcome = apply(
        session.as_mut(),
        &lease.fence,
        "1.0.0",
        &mut script,
        &Limits::default(),
    )
    .await;
    stopped(&outcome)?;
    ensure!(!world.has_table("made").await?, "the table is there");
    let survey = world.session().await?.survey().await?;
    ensure!(survey.applied.is_empty(), "{survey:?}");
    Ok(())
}

/// The record is not made by a session opened to read.
async fn a_reader_makes_no_record(world: &World) -> Verdict {
    let mut session = world.reader().await?;
    let installed = session.install(&identity()).await;
    ensure!(installed.is_err(), "the record was made");
    session.close().await?;
    world.untouched()?;
    let layout = world.session().await?.survey().await?.layout;
    ensure!(layout.is_none(), "{layout:?}");
    Ok(())
}

/// A session opened to read does not get the lock.
async fn a_reader_takes_no_lock(world: &World) -> Verdict {
    let mut owner = world.installed().await?;
    let attempt = world.reader().await?.try_lock(&request("ann")).await;
    ensure!(attempt.is_err(), "{attempt:?}");
    let holder = owner.survey().await?.holder;
    ensure!(holder.is_none(), "{holder:?}");
    Ok(())
}

/// A session opened to read writes no history, also with the right fence.
async fn a_reader_writes_no_history(world: &World) -> Verdict {
    let Locked { mut session, lease } = world.locked().await?;
    let mut reader = world.reader().await?;
    let written = reader
        .record(&lease.fence, &execution("1.0.0"), &ended(AppliedState::Applied))
        .await;
    ensure!(written.is_err(), "it was written");
    let survey = session.survey().await?;
    ensure!(survey.applied.is_empty(), "{survey:?}");
    Ok(())
}

/// A session opened to read sees all that the record has.
async fn a_reader_sees_the_record(world: &World) -> Verdict {
    let Locked { mut session, lease } = world.locked().await?;
    session
        .record(&lease.fence, &execution("1.0.0"), &ended(AppliedState::Applied))
        .await?;
    let mut reader = world.reader().await?;
    let survey = reader.survey().await?;
    ensure!(survey.layout == Some(LAYOUT), "{survey:?}");
    ensure!(survey.applied.len() == 1 && survey.holder.is_some(), "{survey:?}");
    let history = reader.executions(&ExecutionFilter::default()).await?;
    ensure!(history.len() == 1, "{history:?}");
    ensure!(reader.registration("1.0.0").await?.is_some(), "no registration");
    Ok(())
}

/// `query` reads: the server refuses a write in it.
async fn a_query_refuses_to_write(world: &World) -> Verdict {
    let mut session = world.session().await?;
    make_table(session.as_mut(), "target").await?;
    for sql in [
        insert("target", 1),
        create_table("made"),
        "DROP TABLE target".to_owned(),
    ] {
        let answer = session.query(&sql, &Limits::default()).await;
        ensure!(answer.is_err(), "`{sql}` went through: {answer:?}");
    }
    ensure!(world.count("target").await? == 0, "a row is there");
    ensure!(!world.has_table("made").await?, "a table is there");
    Ok(())
}

/// `query` refuses to write inside an open transaction, too, in which writing is otherwise allowed.
async fn a_query_in_a_transaction_refuses_to_write(world: &World) -> Verdict {
    let Locked { mut session, lease } = world.locked().await?;
    make_table(session.as_mut(), "target").await?;
    session.begin(&lease.fence).await?;
    let answer = session.query(&insert("target", 1), &Limits::default()).await;
    ensure!(answer.is_err(), "it went through: {answer:?}");
    session.rollback().await?;
    session.begin(&lease.fence).await?;
    ensure!(count(session.as_mut(), "target").await? == 0, "the row is there");
    done(execute(session.as_mut(), [insert("target", 2)]).await)?;
    session.commit().await?;
    ensure!(
        world.count("target").await? == 1,
        "after a query the transaction cannot write"
    );
    Ok(())
}

/// After a refused write the session reads and writes as before.
async fn a_refused_query_leaves_the_session_usable(world: &World) -> Verdict {
    let mut session = world.session().await?;
    make_table(session.as_mut(), "target").await?;
    let answer = session.query(&insert("target", 1), &Limits::default()).await;
    ensure!(answer.is_err(), "{answer:?}");
    done(execute(session.as_mut(), [insert("target", 2)]).await)?;
    ensure!(count(session.as_mut(), "target").await? == 1, "not one row");
    Ok(())
}
