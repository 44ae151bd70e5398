//! What must not get in.

use super::sink_rules;
use crate::audit::Sealed;
use crate::conformance::rule::{Verdict, ensure, refused};
use crate::conformance::sinks::SinkWorld;
use crate::conformance::sinks::world::{all, chain, chain_with};
use crate::error::ErrorKind;

sink_rules!("refuse":
    another_digest_is_a_conflict_with_both_digests,
    a_conflict_behind_known_events_is_found,
    a_gap_is_refused,
    a_chain_that_does_not_begin_with_its_first_event_is_refused,
    a_fork_is_refused,
    an_event_that_is_not_its_digests_is_refused,
    events_of_two_chains_are_refused,
);

fn others(length: u64) -> Vec<Sealed> {
    chain_with("shop", length, |event| event.reason = Some("another".into()))
}

/// An event is there with another digest: both are named, and the one that is kept stays as it is.
async fn another_digest_is_a_conflict_with_both_digests(world: &SinkWorld) -> Verdict {
    let (ours, theirs) = (chain("shop", 3), others(3));
    let mut sink = world.sink().await?;
    sink.append(&ours).await?;
    let error = refused(
        sink.append(&theirs).await,
        ErrorKind::Conflict,
        "another chain's events",
    )?;
    let words = error.to_string();
    for word in ["shop:1", ours[0].digest.as_str(), theirs[0].digest.as_str()] {
        ensure!(words.contains(word), "`{word}` is not named: {words}");
    }
    ensure!(
        all(sink.as_mut(), "shop").await? == ours,
        "what was kept was changed"
    );
    Ok(())
}

/// The end of what is sent is new and the chain is whole in itself, but an event that is kept differs.
async fn a_conflict_behind_known_events_is_found(world: &SinkWorld) -> Verdict {
    let ours = chain("shop", 3);
    let theirs = chain_with("shop", 5, |event| {
        if event.sequence >= 3 {
            event.reason = Some("another".into());
        }
    });
    let mut sink = world.sink().await?;
    sink.append(&ours).await?;
    let error = refused(
        sink.append(&theirs).await,
        ErrorKind::Conflict,
        "an edited third event",
    )?;
    ensure!(
        error.to_string().contains("shop:3"),
        "shop:3 is not named: {error}"
    );
    ensure!(
        all(sink.as_mut(), "shop").await? == ours,
        "something was written all the same"
    );
    Ok(())
}

/// Events behind ones that the sink does not have are refused, and nothing of them is written.
async fn a_gap_is_refused(world: &SinkWorld) -> Verdict {
    let events = chain("shop", 6);
    let mut sink = world.sink().await?;
    sink.append(&events[..2]).await?;
    refused(
        sink.append(&events[3..]).await,
        ErrorKind::Conflict,
        "a gap behind the head",
    )?;
    let inside = [events[2].clone(), events[4].clone()];
    refused(
        sink.append(&inside).await,
        ErrorKind::Statement,
        "a gap inside the batch",
    )?;
    ensure!(
        all(sink.as_mut(), "shop").await? == events[..2],
        "something was written"
    );
    Ok(())
}

/// An empty sink takes a chain from its first event on.
async fn a_chain_that_does_not_begin_with_its_first_event_is_refused(world: &SinkWorld) -> Verdict {
    let events = chain("shop", 3);
    let mut sink = world.sink().await?;
    refused(
        sink.append(&events[1..]).await,
        ErrorKind::Conflict,
        "a chain without its beginning",
    )?;
    ensure!(sink.head("shop").await?.is_none(), "something was written");
    Ok(())
}

/// The next event must carry the digest of the one that is kept.
async fn a_fork_is_refused(world: &SinkWorld) -> Verdict {
    let (ours, theirs) = (chain("shop", 2), others(3));
    let mut sink = world.sink().await?;
    sink.append(&ours).await?;
    refused(
        sink.append(&theirs[2..]).await,
        ErrorKind::Conflict,
        "the third event of another chain",
    )?;
    ensure!(all(sink.as_mut(), "shop").await? == ours, "the chain forked");
    Ok(())
}

/// Its text was changed, or its digest.
async fn an_event_that_is_not_its_digests_is_refused(world: &SinkWorld) -> Verdict {
    let mut sink = world.sink().await?;
    let mut text = chain("shop", 1);
    text[0].text = text[0].text.replace("ann", "bob");
    let mut digest = chain("shop", 1);
    digest[0].digest = "0".repeat(64);
    for bad in [text, digest] {
        refused(sink.append(&bad).await, ErrorKind::Statement, "an edited event")?;
    }
    ensure!(sink.head("shop").await?.is_none(), "something was written");
    Ok(())
}

/// A batch is of one chain.
async fn events_of_two_chains_are_refused(world: &SinkWorld) -> Verdict {
    let mixed = [chain("shop", 1).remove(0), chain("till", 1).remove(0)];
    let mut sink = world.sink().await?;
    refused(sink.append(&mixed).await, ErrorKind::Statement, "two chains")?;
    ensure!(sink.head("shop").await?.is_none(), "something was written");
    Ok(())
}
