//! What became of a statement whose run broke off.

use std::time::Duration;

use crate::conformance::World;
use crate::conformance::rule::{Stop, Verdict, done, ensure, needs, rules, sample};
use crate::conformance::script::{Ear, statement};
use crate::conformance::world::{Locked, create_table, execute, execution, make_table};
use crate::driver::{Effect, Limits, Progress, Session};

rules!("resolve":
    without_the_ability_it_cannot_be_told,
    a_table_that_is_there_was_created,
    a_table_that_is_not_there_was_not_created,
    a_dropped_table_is_gone,
    an_added_column_is_not_told_wrongly,
    a_created_index_is_seen,
    rows_cannot_be_told,
    asking_changes_nothing,
    a_statement_that_still_runs_is_told,
    a_session_that_ended_runs_nothing,
);

async fn asked(world: &World) -> Result<Box<dyn Session>, Stop> {
    let session = world.installed().await?;
    needs(
        session.capabilities().resolve,
        "way to ask what became of a statement",
    )?;
    Ok(session)
}

async fn effect(session: &mut dyn Session, sql: &str) -> Result<Effect, Stop> {
    let effect = session.effect(&statement(sql), None).await?;
    Ok(effect)
}

async fn becomes_done(session: &mut dyn Session, sql: &str) -> Verdict {
    let before = effect(session, sql).await?;
    ensure!(
        matches!(&before, Effect::Absent(looked) if !looked.is_empty()),
        "before `{sql}`: {before:?}"
    );
    done(execute(session, [sql]).await)?;
    let after = effect(session, sql).await?;
    ensure!(
        matches!(&after, Effect::Done(looked) if !looked.is_empty()),
        "after `{sql}`: {after:?}"
    );
    Ok(())
}

/// A session that cannot ask says [`Effect::Unknown`] with what was looked at.
async fn without_the_ability_it_cannot_be_told(world: &World) -> Verdict {
    let mut session = world.installed().await?;
    if session.capabilities().resolve {
        return Err(Stop::NotApplicable("this session can ask".into()));
    }
    let effect = effect(session.as_mut(), &create_table("made")).await?;
    ensure!(
        matches!(&effect, Effect::Unknown(looked) if !looked.is_empty()),
        "{effect:?}"
    );
    Ok(())
}

/// [`Effect::Done`] and [`Effect::Absent`] tell whether a table was made, with words on what was seen.
async fn a_table_that_is_there_was_created(world: &World) -> Verdict {
    let mut session = asked(world).await?;
    becomes_done(session.as_mut(), &create_table("made")).await?;
    becomes_done(
        session.as_mut(),
        &create_table(&(world.samples().identifier)("it's Odd")),
    )
    .await
}

/// [`Effect::Absent`] means that it can be run, and so it can.
async fn a_table_that_is_not_there_was_not_created(world: &World) -> Verdict {
    let mut session = asked(world).await?;
    for sql in [
        create_table("made"),
        "CREATE VIEW seen AS SELECT 1 AS one".to_owned(),
    ] {
        let effect = effect(session.as_mut(), &sql).await?;
        ensure!(matches!(effect, Effect::Absent(_)), "{effect:?}");
        done(execute(session.as_mut(), [sql]).await)?;
    }
    Ok(())
}

/// For `DROP` it is the other way round.
async fn a_dropped_table_is_gone(world: &World) -> Verdict {
    let mut session = asked(world).await?;
    make_table(session.as_mut(), "made").await?;
    becomes_done(session.as_mut(), "DROP TABLE made").await
}

/// A column that is there was added. A driver that does not look at columns says that it does not know.
async fn an_added_column_is_not_told_wrongly(world: &World) -> Verdict {
    let mut session = asked(world).await?;
    make_table(session.as_mut(), "made").await?;
    let sql = &(world.samples().add_column)("made");
    let before = effect(session.as_mut(), sql).await?;
    ensure!(
        matches!(before, Effect::Absent(_) | Effect::Unknown(_)),
        "before: {before:?}"
    );
    done(execute(session.as_mut(), [sql.as_str()]).await)?;
    let after = effect(session.as_mut(), sql).await?;
    ensure!(
        matches!(after, Effect::Done(_) | Effect::Unknown(_)),
        "after: {after:?}"
    );
    Ok(())
}

/// An index that is there, and valid, was made.
async fn a_created_index_is_seen(world: &World) -> Verdict {
    let mut session = asked(world).await?;
    make_table(session.as_mut(), "made").await?;
    becomes_done(session.as_mut(), "CREATE INDEX made_name ON made (name)").await
}

/// Of rows nobody can tell, and no one pretends to.
async fn rows_cannot_be_told(world: &World) -> Verdict {
    let mut session = asked(world).await?;
    make_table(session.as_mut(), "made").await?;
    for sql in [
        "INSERT INTO made (id) VALUES (1)",
        "UPDATE made SET id = id + 1",
        "no SQL at all (",
    ] {
        let effect = effect(session.as_mut(), sql).await?;
        ensure!(
            matches!(&effect, Effect::Unknown(looked) if !looked.is_empty()),
            "{sql}: {effect:?}"
        );
    }
    Ok(())
}

/// Looking is reading: the statement is not run.
async fn asking_changes_nothing(world: &World) -> Verdict {
    let mut session = asked(world).await?;
    make_table(session.as_mut(), "made").await?;
    for sql in ["DROP TABLE made", "CREATE TABLE other (id integer)"] {
        effect(session.as_mut(), sql).await?;
    }
    ensure!(
        world.has_table("made").await? && !world.has_table("other").await?,
        "it was run"
    );
    Ok(())
}

/// Starts an entry in `session` and gives the name that the server has for it.
async fn session_name(locked: &mut Locked) -> Result<Option<String>, Stop> {
    let fence = locked.fence();
    let progress = Progress {
        done: 0,
        digest: String::new(),
        in_flight: None,
    };
    locked
        .session
        .start(&fence, &execution("1.0.0"), &progress)
        .await?;
    let survey = locked.session.survey().await?;
    Ok(survey.applied.into_iter().find_map(|applied| applied.session))
}

/// While the session that the record names still runs the statement, the effect is [`Effect::Running`].
async fn a_statement_that_still_runs_is_told(world: &World) -> Verdict {
    let mut asking = asked(world).await?;
    let slow = sample(world.samples().slow_statement, "a statement that takes long")?;
    let mut locked = world.locked().await?;
    done(execute(locked.session.as_mut(), ["CREATE TABLE slow (id integer)"]).await)?;
    let name = session_name(&mut locked).await?;
    let name = name.ok_or_else(|| Stop::NotApplicable("the server has no name for a session".into()))?;
    let limits = Limits::default();
    let token = limits.cancel.clone();
    let (statements, mut ear) = ([statement(slow)], Ear::default());
    let running = locked.session.execute(&statements, &limits, &mut ear);
    let look = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        let seen = asking.effect(&statement(slow), Some(&name)).await;
        token.cancel();
        seen
    };
    let (_, seen) = tokio::join!(running, look);
    let seen = seen?;
    ensure!(
        matches!(&seen, Effect::Running(session) if session.contains(&name)),
        "{name}: {seen:?}"
    );
    Ok(())
}

/// A session that is gone runs nothing, whatever name it had.
async fn a_session_that_ended_runs_nothing(world: &World) -> Verdict {
    let mut asking = asked(world).await?;
    let mut locked = world.locked().await?;
    let name = session_name(&mut locked).await?;
    let name = name.ok_or_else(|| Stop::NotApplicable("the server has no name for a session".into()))?;
    locked.session.close().await?;
    tokio::time::sleep(Duration::from_millis(100)).await;
    for name in [name.as_str(), "999999999", "it's no session"] {
        let seen = asking
            .effect(&statement(create_table("made")), Some(name))
            .await?;
        ensure!(matches!(seen, Effect::Absent(_)), "{name}: {seen:?}");
    }
    Ok(())
}
