//! Making the record.

use std::time::Duration;

use crate::conformance::World;
use crate::conformance::rule::{Stop, Verdict, done, ensure, refused, rules};
use crate::conformance::world::{Locked, acquire, ended, execute, execution, identity, request};
use crate::driver::{
    AppliedState, ExecutionFilter, Fence, Identity, LAYOUT, Limits, Progress, RecordLocation, Session,
};
use crate::error::ErrorKind;

rules!("install":
    the_survey_after_installing_has_the_layout,
    installing_again_keeps_what_is_there,
    installing_again_renames_the_database,
    eight_sessions_may_install_at_once,
    the_record_can_be_elsewhere,
    odd_names_for_the_record_are_quoted,
    a_newer_layout_is_refused,
    without_a_record_the_history_says_so,
    without_a_record_the_lock_says_so,
    without_a_record_nobody_holds_the_lock,
    the_views_can_be_read,
);

/// After installing, the record is there in the current layout, and it is empty.
async fn the_survey_after_installing_has_the_layout(world: &World) -> Verdict {
    let mut session = world.installed().await?;
    let survey = session.survey().await?;
    ensure!(survey.layout == Some(LAYOUT), "{survey:?}");
    ensure!(survey.applied.is_empty() && survey.holder.is_none(), "{survey:?}");
    let seen = world.session().await?.survey().await?;
    ensure!(seen == survey, "another session sees {seen:?}");
    Ok(())
}

/// Installing where the record is does no harm to it.
async fn installing_again_keeps_what_is_there(world: &World) -> Verdict {
    let Locked { mut session, lease } = world.locked().await?;
    session
        .record(&lease.fence, &execution("1.0.0"), &ended(AppliedState::Applied))
        .await?;
    let before = session.survey().await?;
    session.install(&identity()).await?;
    world.session().await?.install(&identity()).await?;
    let after = session.survey().await?;
    ensure!(before == after, "{before:?} became {after:?}");
    Ok(())
}

/// The names of the database and the environment can change.
async fn installing_again_renames_the_database(world: &World) -> Verdict {
    let mut session = world.installed().await?;
    let renamed = Identity {
        environment: "it's production".into(),
        ..identity()
    };
    session.install(&renamed).await?;
    let table = (world.samples().record_table)(&world.target().record, "db_inventory");
    let rows = session
        .query(&format!("SELECT environment FROM {table}"), &Limits::default())
        .await?;
    let cell = crate::conformance::rule::cell(&rows)?;
    ensure!(cell == "it's production", "{cell}");
    Ok(())
}

/// Of sessions that install at once each comes to a good end, if it tries again after an error that says so.
async fn eight_sessions_may_install_at_once(world: &World) -> Verdict {
    let mut racers = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let mut session = world.session().await?;
        racers.spawn(async move { install_stubbornly(session.as_mut()).await });
    }
    while let Some(ended) = racers.join_next().await {
        ended.map_err(Stop::broken)??;
    }
    let survey = world.session().await?.survey().await?;
    ensure!(survey.layout == Some(LAYOUT), "{survey:?}");
    let mut session = world.session().await?;
    acquire(session.as_mut(), &request("ann")).await?;
    Ok(())
}

async fn install_stubbornly(session: &mut dyn Session) -> Verdict {
    for _ in 0..200 {
        match session.install(&identity()).await {
            Err(error) if error.kind.is_retryable() => tokio::time::sleep(Duration::from_millis(20)).await,
            other => return other.map_err(Stop::from),
        }
    }
    Err(Stop::broken("no end after 200 tries"))
}

/// The record is made where the target says, and only there.
async fn the_record_can_be_elsewhere(world: &World) -> Verdict {
    let place = RecordLocation {
        schema: "elsewhere".into(),
        prefix: "elsewhere_".into(),
    };
    let target = world.target().clone().with_record(place);
    let mut session = world.driver.connect(&target).await?;
    session.install(&identity()).await?;
    ensure!(session.survey().await?.layout.is_some(), "it is not there");
    let usual = world.session().await?.survey().await?;
    ensure!(usual.layout.is_none(), "it is in the usual place: {usual:?}");
    Ok(())
}

/// A name with quotes, spaces and capital letters is a name like others.
async fn odd_names_for_the_record_are_quoted(world: &World) -> Verdict {
    let place = RecordLocation {
        schema: "It's \"Odd\"".into(),
        prefix: "It's \"Odd\" ".into(),
    };
    let target = world.target().clone().with_record(place);
    let mut session = world.driver.connect(&target).await?;
    session.install(&identity()).await?;
    let lease = acquire(session.as_mut(), &request("ann")).await?;
    session
        .record(&lease.fence, &execution("1.0.0"), &ended(AppliedState::Applied))
        .await?;
    session.renew(&lease).await?;
    let survey = session.survey().await?;
    ensure!(survey.applied.len() == 1 && survey.holder.is_some(), "{survey:?}");
    session.overview().await?;
    session.unlock(&lease).await?;
    Ok(())
}

/// A record that a newer dbvc wrote is shown as what it is, and not touched.
async fn a_newer_layout_is_refused(world: &World) -> Verdict {
    let mut session = world.installed().await?;
    let table = (world.samples().record_table)(&world.target().record, "db_inventory");
    done(
        execute(
            session.as_mut(),
            [format!("UPDATE {table} SET layout = {}", LAYOUT + 7)],
        )
        .await,
    )?;
    let survey = session.survey().await?;
    ensure!(survey.layout == Some(LAYOUT + 7), "{survey:?}");
    refused(
        session.install(&identity()).await,
        ErrorKind::Unsupported,
        "installing over it",
    )?;
    Ok(())
}

/// Reading or writing a history that is not there is [`ErrorKind::NotInstalled`].
async fn without_a_record_the_history_says_so(world: &World) -> Verdict {
    let mut session = world.session().await?;
    let fence = Fence {
        lock: "dbvc".into(),
        token: 1,
    };
    let missing = ErrorKind::NotInstalled;
    let history = session.executions(&ExecutionFilter::default()).await;
    refused(history, missing, "reading the history")?;
    refused(
        session.registration("1.0.0").await,
        missing,
        "reading the registry",
    )?;
    let written = session
        .record(&fence, &execution("1.0.0"), &ended(AppliedState::Applied))
        .await;
    refused(written, missing, "writing the history")?;
    let progress = Progress {
        done: 0,
        digest: String::new(),
        in_flight: None,
    };
    let started = session.start(&fence, &execution("1.0.0"), &progress).await;
    refused(started, missing, "starting an entry")?;
    Ok(())
}

/// Without a record there is no lock to take: [`ErrorKind::NotInstalled`].
async fn without_a_record_the_lock_says_so(world: &World) -> Verdict {
    let mut session = world.session().await?;
    refused(
        session.try_lock(&request("ann")).await,
        ErrorKind::NotInstalled,
        "locking",
    )?;
    session.install(&identity()).await?;
    acquire(session.as_mut(), &request("ann")).await?;
    Ok(())
}

/// Asking who holds the lock is no error where there is none.
async fn without_a_record_nobody_holds_the_lock(world: &World) -> Verdict {
    let mut session = world.reader().await?;
    let holder = session.holder("dbvc").await?;
    ensure!(holder.is_none(), "{holder:?}");
    session.close().await?;
    world.untouched()
}

/// The views for people work and know what was deployed.
async fn the_views_can_be_read(world: &World) -> Verdict {
    let Locked { mut session, lease } = world.locked().await?;
    session
        .record(&lease.fence, &execution("1.2.0"), &ended(AppliedState::Applied))
        .await?;
    let view = |name| (world.samples().record_table)(&world.target().record, name);
    for (columns, name) in [
        (
            "environment_name, version, status, duration_ms",
            "deployment_history",
        ),
        (
            "environment_name, version, status, executions",
            "migration_dashboard",
        ),
        ("version, name, deployed_at, deployed_by", "database_version"),
    ] {
        let sql = format!("SELECT {columns} FROM {}", view(name));
        let rows = session.query(&sql, &Limits::default()).await?;
        ensure!(rows.cells.len() == 1, "{name}: {rows:?}");
        let version = rows.cells[0].contains(&Some("1.2.0".into()));
        ensure!(version, "{name}: {rows:?}");
    }
    Ok(())
}
