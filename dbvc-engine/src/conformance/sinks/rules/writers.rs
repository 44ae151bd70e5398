//! Two processes with the same sink.

use super::sink_rules;
use crate::audit::{AuditSink, Sealed};
use crate::conformance::rule::{Stop, Verdict, ensure};
use crate::conformance::sinks::SinkWorld;
use crate::conformance::sinks::world::{all, chain, chain_with};
use crate::error::{DriverError, ErrorKind};

sink_rules!("writers":
    two_that_ship_the_same_events_write_each_once,
    two_chains_at_once_are_both_whole,
    of_two_different_chains_one_gets_in,
    a_reader_never_sees_a_gap,
);

/// Ships as a run does: from the head on, in batches, trying again after a conflict with another one that ships.
async fn ship(
    mut sink: Box<dyn AuditSink>,
    name: &str,
    events: &[Sealed],
    batch: usize,
) -> Result<u64, DriverError> {
    let mut written = 0;
    let mut tries = 0;
    loop {
        let head = sink.head(name).await?.map_or(0, |head| head.sequence);
        let from = usize::try_from(head).unwrap_or(usize::MAX).min(events.len());
        if from == events.len() {
            return Ok(written);
        }
        let to = (from + batch).min(events.len());
        match sink.append(&events[from..to]).await {
            Ok(done) => written += done.new,
            Err(error) if error.kind.is_retryable() && tries < 20 => tries += 1,
            Err(error) => return Err(error),
        }
    }
}

/// Two runs flush the same outbox at once, in batches that overlap in every way.
async fn two_that_ship_the_same_events_write_each_once(world: &SinkWorld) -> Verdict {
    let events = chain("shop", 120);
    let mut sink = world.sink().await?;
    let (one, two) = (world.again().await?, world.again().await?);
    let (one, two) = tokio::join!(ship(one, "shop", &events, 7), ship(two, "shop", &events, 11));
    let (one, two) = (one?, two?);
    ensure!(
        one + two == 120,
        "{one} and {two} events were told as written, of 120"
    );
    ensure!(
        all(sink.as_mut(), "shop").await? == events,
        "not each of them once, in order"
    );
    Ok(())
}

/// Neither waits for the other for ever, and neither loses an event.
async fn two_chains_at_once_are_both_whole(world: &SinkWorld) -> Verdict {
    let (shop, till) = (chain("shop", 60), chain("till", 60));
    let mut sink = world.sink().await?;
    let (one, two) = (world.again().await?, world.again().await?);
    let (one, two) = tokio::join!(ship(one, "shop", &shop, 9), ship(two, "till", &till, 9));
    ensure!(one? == 60 && two? == 60, "not all were written");
    ensure!(all(sink.as_mut(), "shop").await? == shop, "shop is not whole");
    ensure!(all(sink.as_mut(), "till").await? == till, "till is not whole");
    Ok(())
}

/// Two databases with one id begin at once: one of the chains is kept, whole, and the other is told of a conflict.
async fn of_two_different_chains_one_gets_in(world: &SinkWorld) -> Verdict {
    let ours = chain("shop", 40);
    let theirs = chain_with("shop", 40, |event| event.reason = Some("another".into()));
    let mut sink = world.sink().await?;
    let (mut one, mut two) = (world.again().await?, world.again().await?);
    let (one, two) = tokio::join!(one.append(&ours), two.append(&theirs));
    let found = all(sink.as_mut(), "shop").await?;
    let (won, lost) = match (one, two) {
        (Ok(_), Err(error)) => (&ours, error),
        (Err(error), Ok(_)) => (&theirs, error),
        (one, two) => return Err(Stop::broken(format!("one must get in: {one:?}, {two:?}"))),
    };
    ensure!(
        lost.kind == ErrorKind::Conflict,
        "the other must be told of a conflict: {lost}"
    );
    ensure!(found == *won, "the chain that got in is not the one that is kept");
    Ok(())
}

/// While another one writes, what is read begins with the first event and lacks none up to the last that is seen.
async fn a_reader_never_sees_a_gap(world: &SinkWorld) -> Verdict {
    let events = chain("shop", 150);
    let mut reader = world.sink().await?;
    let mut writer = world.again().await?;
    let write = async {
        for part in events.chunks(15) {
            writer.append(part).await?;
        }
        Ok::<_, DriverError>(())
    };
    let read = async {
        loop {
            let found = reader.read("shop", 0, 1000).await?;
            ensure!(
                found == events[..found.len()],
                "{} events with a gap among them",
                found.len()
            );
            if found.len() == events.len() {
                return Ok(());
            }
        }
    };
    let (written, seen) = tokio::join!(write, read);
    written?;
    seen
}
