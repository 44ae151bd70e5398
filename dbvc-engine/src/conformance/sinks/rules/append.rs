//! Appending: order, idempotence, and nothing changed on the way.

use super::sink_rules;
use crate::audit::Appended;
use crate::conformance::rule::{Verdict, ensure};
use crate::conformance::sinks::SinkWorld;
use crate::conformance::sinks::world::{all, chain, chain_with};

sink_rules!("append":
    events_come_back_in_order_as_they_were,
    the_head_is_the_newest_event,
    what_is_there_already_counts_as_known,
    only_the_rest_of_an_overlap_is_written,
    nothing_to_append_is_no_error,
    a_thousand_events_at_once_are_kept,
    big_events_are_kept,
    every_character_survives,
    a_signature_is_kept,
    chains_do_not_mix,
);

fn appended(new: u64, known: u64) -> Appended {
    Appended { new, known }
}

/// Text, digest and order are what was appended, in one call or in several.
async fn events_come_back_in_order_as_they_were(world: &SinkWorld) -> Verdict {
    let events = chain("shop", 12);
    let mut sink = world.sink().await?;
    for part in [&events[..1], &events[1..4], &events[4..]] {
        let done = sink.append(part).await?;
        ensure!(done == appended(part.len() as u64, 0), "{done:?}");
    }
    let found = sink.read("shop", 0, 100).await?;
    ensure!(found == events, "appended {events:?}, and read {found:?}");
    Ok(())
}

/// Its place and its digest.
async fn the_head_is_the_newest_event(world: &SinkWorld) -> Verdict {
    let events = chain("shop", 11);
    let mut sink = world.sink().await?;
    for end in [1, 2, 11] {
        sink.append(&events[..end]).await?;
        let head = sink.head("shop").await?;
        ensure!(
            head.as_ref().is_some_and(|head| {
                (head.database_id.as_str(), head.sequence, &head.digest)
                    == ("shop", end as u64, &events[end - 1].digest)
            }),
            "after {end} events the head is {head:?}"
        );
    }
    Ok(())
}

/// The same events again change nothing, wherever they begin.
async fn what_is_there_already_counts_as_known(world: &SinkWorld) -> Verdict {
    let events = chain("shop", 6);
    let mut sink = world.sink().await?;
    sink.append(&events).await?;
    for part in [&events[..], &events[2..4], &events[5..]] {
        let done = sink.append(part).await?;
        ensure!(done == appended(0, part.len() as u64), "{done:?}");
    }
    let mut again = world.again().await?;
    let done = again.append(&events).await?;
    ensure!(done == appended(0, 6), "another process: {done:?}");
    ensure!(all(sink.as_mut(), "shop").await? == events, "something changed");
    Ok(())
}

/// A run that was killed between two batches sends some of them again.
async fn only_the_rest_of_an_overlap_is_written(world: &SinkWorld) -> Verdict {
    let events = chain("shop", 9);
    let mut sink = world.sink().await?;
    sink.append(&events[..5]).await?;
    let done = world.again().await?.append(&events[3..]).await?;
    ensure!(done == appended(4, 2), "{done:?}");
    ensure!(
        all(sink.as_mut(), "shop").await? == events,
        "not each of them once"
    );
    Ok(())
}

/// An empty batch does nothing.
async fn nothing_to_append_is_no_error(world: &SinkWorld) -> Verdict {
    let mut sink = world.sink().await?;
    let done = sink.append(&[]).await?;
    ensure!(done == appended(0, 0), "{done:?}");
    Ok(())
}

/// More than fit into one message of any sink.
async fn a_thousand_events_at_once_are_kept(world: &SinkWorld) -> Verdict {
    let events = chain("shop", 1000);
    let mut sink = world.sink().await?;
    let done = sink.append(&events).await?;
    ensure!(done == appended(1000, 0), "{done:?}");
    let found = all(sink.as_mut(), "shop").await?;
    ensure!(found == events, "{} of 1000 came back as they were", found.len());
    Ok(())
}

/// Events of 150 KiB, more of them together than any message may hold.
async fn big_events_are_kept(world: &SinkWorld) -> Verdict {
    let events = chain_with("shop", 12, |event| {
        event.reason = Some("because ".repeat(150 * 128));
    });
    let mut sink = world.sink().await?;
    let done = sink.append(&events).await?;
    ensure!(done == appended(12, 0), "{done:?}");
    ensure!(
        all(sink.as_mut(), "shop").await? == events,
        "they came back changed"
    );
    Ok(())
}

/// Letters of all planes, quotes, backslashes, line ends, control characters and what looks like an escape.
async fn every_character_survives(world: &SinkWorld) -> Verdict {
    const WORDS: &[&str] = &[
        "äöü 数据库 🦀 e\u{301} \u{202e}rtl",
        "'; DROP TABLE audit; --",
        "\"quoted\" \\back\\slash\\ \\u0041 %41 {{x}} $1 :name",
        "line\nline\r\nline\u{2028}line\ttab",
        "\u{0} \u{1} \u{7f} \u{feff} \u{ffff} \u{10ffff}",
        " leading and trailing ",
        "",
    ];
    let mut words = WORDS.iter().cycle();
    let events = chain_with("shöp 1", WORDS.len() as u64, |event| {
        let next = words.next().copied().unwrap_or_default();
        event.reason = Some(next.to_owned());
        event.details.insert(next.to_owned(), next.to_owned());
    });
    let mut sink = world.sink().await?;
    sink.append(&events).await?;
    let found = sink.read("shöp 1", 0, 100).await?;
    ensure!(found == events, "appended {events:?}, and read {found:?}");
    Ok(())
}

/// Beside the digest; an event without one has none.
async fn a_signature_is_kept(world: &SinkWorld) -> Verdict {
    let mut events = chain("shop", 2);
    events[1].signature = Some("c2lnbmF0dXJlK3NpZ25hdHVyZS8=".into());
    let mut sink = world.sink().await?;
    sink.append(&events).await?;
    ensure!(
        sink.read("shop", 0, 10).await? == events,
        "the signature got lost"
    );
    Ok(())
}

/// One sink serves many databases.
async fn chains_do_not_mix(world: &SinkWorld) -> Verdict {
    let (shop, till, like) = (chain("shop", 4), chain("till", 2), chain("sho%", 1));
    let mut sink = world.sink().await?;
    for part in [&shop[..2], &till[..], &like[..], &shop[2..]] {
        sink.append(part).await?;
    }
    for (name, events) in [("shop", &shop), ("till", &till), ("sho%", &like)] {
        let found = sink.read(name, 0, 10).await?;
        ensure!(found == *events, "{name} has {found:?}");
        let head = sink.head(name).await?.map_or(0, |head| head.sequence);
        ensure!(head == events.len() as u64, "{name} ends with {head}");
    }
    Ok(())
}
