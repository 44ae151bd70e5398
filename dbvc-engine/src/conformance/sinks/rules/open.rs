//! Opening and providing.

use super::sink_rules;
use crate::conformance::rule::{Stop, Verdict, ensure};
use crate::conformance::sinks::SinkWorld;
use crate::error::ErrorKind;

sink_rules!("open":
    providing_twice_finds_what_was_made,
    a_new_sink_is_empty,
    what_was_appended_is_there_after_opening_again,
    a_bad_description_is_refused_and_the_part_named,
    a_sink_that_does_not_answer_is_unreachable,
    the_sink_answers_to_its_own_schemes,
);

/// What is missing is made and named; the second time all of it is found and nothing is made.
async fn providing_twice_finds_what_was_made(world: &SinkWorld) -> Verdict {
    let first = world.driver.provision(world.target()).await?;
    let second = world.driver.provision(world.target()).await?;
    ensure!(second.made.is_empty(), "made again: {:?}", second.made);
    ensure!(
        second.found.len() == first.made.len() + first.found.len(),
        "made {:?}, then found {:?}",
        first.made,
        second.found
    );
    Ok(())
}

/// A chain that the sink has nothing of has no head and no events.
async fn a_new_sink_is_empty(world: &SinkWorld) -> Verdict {
    let mut sink = world.sink().await?;
    ensure!(sink.head("shop").await?.is_none(), "a head without events");
    ensure!(sink.read("shop", 0, 10).await?.is_empty(), "events from nowhere");
    Ok(sink.close().await?)
}

/// Another process finds all of it.
async fn what_was_appended_is_there_after_opening_again(world: &SinkWorld) -> Verdict {
    let events = super::super::world::chain("shop", 5);
    let mut sink = world.sink().await?;
    sink.append(&events).await?;
    sink.close().await?;
    let mut sink = world.again().await?;
    ensure!(
        sink.read("shop", 0, 10).await? == events,
        "not all of it is there"
    );
    let head = sink.head("shop").await?;
    ensure!(
        head.as_ref()
            .is_some_and(|head| head.sequence == 5 && head.digest == events[4].digest),
        "the head is {head:?}"
    );
    Ok(())
}

/// `check` finds it without connecting, and the message names the part that is wrong.
async fn a_bad_description_is_refused_and_the_part_named(world: &SinkWorld) -> Verdict {
    let bad = world.harness.bad_targets();
    if bad.is_empty() {
        return Err(Stop::NotApplicable("the harness has no bad descriptions".into()));
    }
    for one in bad {
        match world.driver.check(&one.target) {
            Ok(()) => {
                return Err(Stop::broken(format!(
                    "accepted: {}, {:?}",
                    one.target.url.reveal(),
                    one.target.options
                )));
            }
            Err(error) => ensure!(
                error.to_string().contains(one.named),
                "`{}` is not named: {error}",
                one.named
            ),
        }
    }
    world.driver.check(world.target()).map_err(Stop::broken)
}

/// Opening it or the first look fails as [`ErrorKind::Unreachable`].
async fn a_sink_that_does_not_answer_is_unreachable(world: &SinkWorld) -> Verdict {
    let Some(target) = world.harness.unreachable() else {
        return Err(Stop::NotApplicable(
            "the harness has no place where no sink answers".into(),
        ));
    };
    let error = match world.driver.open(&target).await {
        Err(error) => error,
        Ok(mut sink) => match sink.head("shop").await {
            Err(error) => error,
            Ok(head) => return Err(Stop::broken(format!("somebody answered: {head:?}"))),
        },
    };
    ensure!(
        error.kind == ErrorKind::Unreachable,
        "must fail as unreachable, not as {:?}: {error}",
        error.kind
    );
    Ok(())
}

/// The URL of a working sink is one that its driver answers to, and so is the URL to learn from.
async fn the_sink_answers_to_its_own_schemes(world: &SinkWorld) -> Verdict {
    for url in [world.target().url.reveal(), world.driver.info().example_url] {
        ensure!(world.driver.answers_to(url), "does not answer to {url}");
    }
    ensure!(
        !world.driver.answers_to("no-such-scheme:x"),
        "answers to anything"
    );
    Ok(())
}
