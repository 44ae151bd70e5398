//! Connecting: who answers, and what is said when nobody does.

use std::time::{Duration, Instant};

use crate::conformance::World;
use crate::conformance::rule::{Stop, Verdict, ensure, refused, rules, sample};
use crate::driver::{Capabilities, Limits, Target};
use crate::error::ErrorKind;

rules!("connect":
    two_sessions_live_side_by_side,
    the_server_says_who_it_is,
    a_session_can_do_no_more_than_its_driver_says,
    a_session_closes_without_an_error,
    the_driver_says_which_urls_are_its_own,
    the_check_accepts_a_good_url,
    the_check_names_the_part_that_is_wrong,
    what_the_check_refuses_does_not_connect,
    a_server_that_does_not_answer_is_unreachable,
    a_database_that_is_unknown_is_told_as_such,
    a_wrong_password_is_told_as_such,
);

/// One target can be connected to several times, and the sessions do not hinder each other.
async fn two_sessions_live_side_by_side(world: &World) -> Verdict {
    let mut first = world.session().await?;
    let mut second = world.session().await?;
    for round in 0..2 {
        let rows = first.query("SELECT 1", &Limits::default()).await?;
        let other = second.query("SELECT 1", &Limits::default()).await?;
        ensure!(rows.cells == other.cells, "round {round}: {rows:?} and {other:?}");
    }
    Ok(())
}

/// The product, its version and the database are known once the session is open.
async fn the_server_says_who_it_is(world: &World) -> Verdict {
    let session = world.session().await?;
    let server = session.server();
    ensure!(!server.product.is_empty(), "no product: {server:?}");
    ensure!(
        server.version.starts_with(|first: char| first.is_ascii_digit()),
        "the version is a number as people write it: {server:?}"
    );
    let database = world.target().database_name();
    ensure!(server.database == database, "connected to {database}: {server:?}");
    Ok(())
}

/// What the driver says of its sessions at best is not exceeded by a session.
async fn a_session_can_do_no_more_than_its_driver_says(world: &World) -> Verdict {
    let session = world.session().await?;
    let (best, here) = (world.driver.info().capabilities, *session.capabilities());
    let abilities: [fn(&Capabilities) -> bool; 8] = [
        |can| can.fenced_transactions,
        |can| can.cancel,
        |can| can.statement_timeout,
        |can| can.lock_timeout,
        |can| can.error_position,
        |can| can.copy_rows,
        |can| can.schemas,
        |can| can.resolve,
    ];
    let more = abilities.iter().any(|ability| ability(&here) && !ability(&best));
    ensure!(!more, "{here:?} is more than {best:?}");
    Ok(())
}

/// Saying goodbye works, also with the lock held.
async fn a_session_closes_without_an_error(world: &World) -> Verdict {
    world.session().await?.close().await?;
    world.locked().await?.session.close().await?;
    Ok(())
}

/// The target's scheme is one of the driver's, and the URL that people are to learn from is one, too.
async fn the_driver_says_which_urls_are_its_own(world: &World) -> Verdict {
    let info = world.driver.info();
    ensure!(info.schemes.contains(&world.target().scheme()), "{info:?}");
    let scheme = info.example_url.split(':').next().unwrap_or_default();
    ensure!(
        info.schemes.contains(&scheme),
        "the example is no URL of its own: {info:?}"
    );
    ensure!(
        !info.title.is_empty() && info.name == info.name.to_lowercase(),
        "{info:?}"
    );
    Ok(())
}

/// What can be connected to passes the check.
async fn the_check_accepts_a_good_url(world: &World) -> Verdict {
    let checked = world.driver.check(world.target());
    ensure!(checked.is_ok(), "{checked:?}");
    Ok(())
}

/// A URL that cannot work is refused without connecting, in words that name the part.
async fn the_check_names_the_part_that_is_wrong(world: &World) -> Verdict {
    let urls = world.harness.bad_urls();
    sample(urls.first(), "URLs that cannot work")?;
    for bad in urls {
        let target = Target::parse(bad.url).map_err(Stop::broken)?;
        match world.driver.check(&target) {
            Ok(()) => return Err(Stop::broken(format_args!("{} was accepted", bad.url))),
            Err(error) => {
                let said = error.to_string();
                ensure!(
                    said.contains(bad.named),
                    "{}: `{}` is not in: {said}",
                    bad.url,
                    bad.named
                );
            }
        }
    }
    Ok(())
}

/// Connecting does not get around the check.
async fn what_the_check_refuses_does_not_connect(world: &World) -> Verdict {
    let urls = world.harness.bad_urls();
    sample(urls.first(), "URLs that cannot work")?;
    for bad in urls {
        let target = Target::parse(bad.url).map_err(Stop::broken)?;
        let connected = world.driver.connect(&target).await;
        ensure!(connected.is_err(), "{} was connected to", bad.url);
    }
    Ok(())
}

/// Where no server answers the error is [`ErrorKind::Unreachable`], and does not come later than the URL's
/// `connect_timeout` (and a little) allows.
async fn a_server_that_does_not_answer_is_unreachable(world: &World) -> Verdict {
    let target = sample(world.harness.unreachable(), "an address where no server answers")?;
    let clock = Instant::now();
    let error = refused(
        world.driver.connect(&target).await,
        ErrorKind::Unreachable,
        "connecting",
    )?;
    ensure!(
        clock.elapsed() < Duration::from_secs(15),
        "told after {:?}",
        clock.elapsed()
    );
    ensure!(!error.message.is_empty(), "it says nothing: {error:?}");
    Ok(())
}

/// A database that the server does not have is [`ErrorKind::NoSuchDatabase`], and the message names it.
async fn a_database_that_is_unknown_is_told_as_such(world: &World) -> Verdict {
    let target = world.harness.unknown_database().await;
    let target = target.map_err(|reason| Stop::NotApplicable(reason.0))?;
    let error = refused(
        world.driver.connect(&target).await,
        ErrorKind::NoSuchDatabase,
        "connecting",
    )?;
    ensure!(error.message.contains(&target.database_name()), "{error:?}");
    Ok(())
}

/// A password that the server refuses is [`ErrorKind::Unauthenticated`].
async fn a_wrong_password_is_told_as_such(world: &World) -> Verdict {
    let planted = world.harness.planted().await;
    let planted = planted.map_err(|reason| Stop::NotApplicable(reason.0))?;
    let connected = world.driver.connect(&planted.target).await;
    refused(
        connected,
        ErrorKind::Unauthenticated,
        "connecting with a wrong password",
    )?;
    Ok(())
}
