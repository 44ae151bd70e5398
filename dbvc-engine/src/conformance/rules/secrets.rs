//! A password is shown nowhere.

use crate::conformance::World;
use crate::conformance::rule::{Stop, Verdict, ensure, rules};
use crate::conformance::world::{execute, request};
use crate::conformance::{Planted, Unavailable};

rules!("secrets":
    a_refused_password_is_not_in_the_error,
    a_password_is_not_in_the_targets_texts,
    a_password_is_not_in_the_sessions_texts,
    a_password_is_not_in_what_the_check_says,
    an_unreachable_server_keeps_the_password,
);

async fn planted(world: &World) -> Result<Planted, Stop> {
    let planted = world.harness.planted().await;
    planted.map_err(|Unavailable(reason)| Stop::NotApplicable(reason))
}

fn silent(password: &str, texts: &[String]) -> Verdict {
    for text in texts {
        ensure!(
            !text.contains(password),
            "the password is in: {}",
            text.replace(password, "<HERE>")
        );
    }
    Ok(())
}

/// Neither the message nor a note, a code or `Debug` of an error tells the password.
async fn a_refused_password_is_not_in_the_error(world: &World) -> Verdict {
    let planted = planted(world).await?;
    match world.driver.connect(&planted.target).await {
        Ok(_) => Err(Stop::broken("a wrong password was accepted")),
        Err(error) => silent(&planted.password, &[format!("{error} {error:?} {error:#?}")]),
    }
}

/// `Debug`, `Display` and the shown form of a target hide it.
async fn a_password_is_not_in_the_targets_texts(world: &World) -> Verdict {
    let Planted { target, password } = planted(world).await?;
    silent(
        &password,
        &[format!("{target:?}"), format!("{target}"), target.shown()],
    )
}

/// `Debug` of a session, an error in it and what it says of its server hide the password it was opened with.
async fn a_password_is_not_in_the_sessions_texts(world: &World) -> Verdict {
    let Some(password) = world.target().reveal_url().password().map(ToOwned::to_owned) else {
        return Err(Stop::NotApplicable("the database asks for no password".into()));
    };
    let mut session = world.installed().await?;
    let outcome = execute(session.as_mut(), ["SELECT no_such_column"]).await;
    let attempt = session.try_lock(&request("ann")).await?;
    let texts = [
        format!("{session:?} {session:#?}"),
        format!("{:?} {:?}", session.server(), world.driver),
        format!("{outcome:?} {attempt:?}"),
    ];
    silent(&password, &texts)
}

/// A check that refuses a URL does not repeat what is secret in it.
async fn a_password_is_not_in_what_the_check_says(world: &World) -> Verdict {
    let Planted { target, password } = planted(world).await?;
    let mut url = target.reveal_url().clone();
    url.query_pairs_mut().append_pair("no_such_option", "1");
    let bad = crate::driver::Target::parse(url.as_str()).map_err(Stop::broken)?;
    match world.driver.check(&bad) {
        Ok(()) => Err(Stop::broken("an unknown option was accepted")),
        Err(error) => silent(&password, &[format!("{error} {error:?}")]),
    }
}

/// A server that does not answer is told without the password.
async fn an_unreachable_server_keeps_the_password(world: &World) -> Verdict {
    let Some(target) = world.harness.unreachable() else {
        return Err(Stop::NotApplicable(
            "the harness has no address where no server answers".into(),
        ));
    };
    let target = target.with_password(&crate::driver::Secret::new("planted-hunter2"));
    match world.driver.connect(&target).await {
        Ok(_) => Err(Stop::broken("somebody answered")),
        Err(error) => silent("planted-hunter2", &[format!("{error} {error:?}")]),
    }
}
