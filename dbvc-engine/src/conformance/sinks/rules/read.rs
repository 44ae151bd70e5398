//! Reading, in pages.

use super::sink_rules;
use crate::audit::{AuditAction, KnownChain};
use crate::conformance::rule::{Verdict, ensure};
use crate::conformance::sinks::SinkWorld;
use crate::conformance::sinks::world::{chain, chain_with};

sink_rules!("read":
    pages_join_to_the_whole,
    a_page_is_as_long_as_asked_for,
    behind_the_end_is_nothing,
    places_are_ordered_as_numbers,
    chains_are_listed_with_what_their_first_events_tell,
    what_was_appended_has_no_remarks,
);

/// Reading on behind the last event of each page gives each event once, whatever the length of a page.
async fn pages_join_to_the_whole(world: &SinkWorld) -> Verdict {
    let events = chain("shop", 23);
    let mut sink = world.sink().await?;
    sink.append(&events).await?;
    for page in [1, 7, 23, 24] {
        let mut found = Vec::new();
        loop {
            let more = sink.read("shop", found.len() as u64, page).await?;
            if more.is_empty() {
                break;
            }
            found.extend(more);
        }
        ensure!(found == events, "pages of {page} give {} events", found.len());
    }
    Ok(())
}

/// Exactly `limit` events where there are as many, also where that is more than a server gives at once.
async fn a_page_is_as_long_as_asked_for(world: &SinkWorld) -> Verdict {
    let events = chain("shop", 350);
    let mut sink = world.sink().await?;
    sink.append(&events).await?;
    for (after, limit, expected) in [(0, 0, 0), (0, 1, 1), (10, 320, 320), (10, 1000, 340)] {
        let found = sink.read("shop", after, limit).await?;
        let from = usize::try_from(after).unwrap_or(usize::MAX);
        ensure!(
            found == events[from..from + expected],
            "{limit} events after {after} are {} events",
            found.len()
        );
    }
    Ok(())
}

/// No events, and no error.
async fn behind_the_end_is_nothing(world: &SinkWorld) -> Verdict {
    let mut sink = world.sink().await?;
    sink.append(&chain("shop", 2)).await?;
    for after in [2, 3, 1 << 40] {
        let found = sink.read("shop", after, 10).await?;
        ensure!(found.is_empty(), "after {after}: {found:?}");
    }
    Ok(())
}

/// 10 comes after 9, not after 1.
async fn places_are_ordered_as_numbers(world: &SinkWorld) -> Verdict {
    let events = chain("shop", 101);
    let mut sink = world.sink().await?;
    sink.append(&events).await?;
    ensure!(
        sink.read("shop", 8, 3).await? == events[8..11],
        "9, 10, 11 in another order"
    );
    ensure!(
        sink.read("shop", 98, 3).await? == events[98..101],
        "99, 100, 101 in another order"
    );
    let head = sink.head("shop").await?.map(|head| head.sequence);
    ensure!(head == Some(101), "the head is {head:?}");
    Ok(())
}

/// Each chain once, by its name, also where one has many events and the sink was opened again.
async fn chains_are_listed_with_what_their_first_events_tell(world: &SinkWorld) -> Verdict {
    let mut sink = world.sink().await?;
    let none = sink.chains().await?;
    ensure!(none.is_empty(), "an empty sink has {none:?}");
    let begun = chain_with("shop", 120, |event| {
        if event.sequence == 1 {
            event.action = AuditAction::ChainStarted;
            event.details.insert("database".into(), "orders".into());
        }
    });
    sink.append(&begun).await?;
    sink.append(&chain("depot", 3)).await?;
    sink.append(&chain("Shop", 1)).await?;
    let mut wanted = [("Shop", ""), ("depot", ""), ("shop", "orders")].map(|(id, database)| KnownChain {
        database_id: id.into(),
        database: database.into(),
        environment: "production".into(),
    });
    wanted.sort_by(|a, b| a.database_id.cmp(&b.database_id));
    let mut again = world.again().await?;
    for found in [sink.chains().await?, again.chains().await?] {
        ensure!(found == wanted, "{found:?}");
    }
    Ok(())
}

/// What a sink keeps beside an event says the same as the event.
async fn what_was_appended_has_no_remarks(world: &SinkWorld) -> Verdict {
    let mut sink = world.sink().await?;
    let events = chain_with("shop #1/ä", 12, |event| {
        if event.sequence == 5 {
            event.migration = None;
            event.reason = Some("it's \"so\"".into());
        }
    });
    sink.append(&events).await?;
    let found = sink.read("shop #1/ä", 0, 100).await?;
    ensure!(found == events, "{found:?}");
    let remarks = sink.remarks();
    ensure!(remarks.is_empty(), "{remarks:?}");
    Ok(())
}
