//! The audit trail while Cosmos DB is away, busy or slow: afterwards every event is there once, in order.

mod command;
mod shop;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use dbvc_engine::audit::{AuditDriver, SinkTarget};
use dbvc_engine::conformance::sinks::{chain, target};
use dbvc_engine::error::ErrorKind;
use dbvc_engine::project::audit::{ChainRequest, LogRequest, flush, log, verify};
use dbvc_tests::cosmos_face::{CosmosFace, Fate, Seen};

use shop::Shop;

const EVENTS: u64 = 500;
/// So many runs make them.
const RUNS: u64 = 5;

fn driver() -> Arc<dyn AuditDriver> {
    dbvc_cosmos::audit_driver()
}

fn sink_of(face: &CosmosFace, retry_for: &str) -> SinkTarget {
    target(
        &face.url(),
        &[("account_key", "dGVzdA=="), ("retry_for", retry_for)],
    )
}

async fn provided(face: &CosmosFace) {
    driver()
        .provision(&sink_of(face, "5s"))
        .await
        .expect("it is made");
}

/// One run's shipping, as dbvc does it.
async fn run(shop: &Shop, target: &SinkTarget) -> Result<(), ErrorKind> {
    let report = flush(&shop.context(target)).await.expect("the database answers");
    let sink = report.sinks.first().expect("a sink");
    match sink.failure_kind {
        Some(kind) => Err(kind),
        None => Ok(()),
    }
}

/// Runs, one after another, until one gets through. How many it took.
async fn runs(shop: &Shop, target: &SinkTarget, most: u32) -> u32 {
    for attempt in 1..=most {
        match run(shop, target).await {
            Ok(()) => return attempt,
            Err(kind) => assert!(
                [ErrorKind::Unreachable, ErrorKind::Resources, ErrorKind::Conflict].contains(&kind),
                "{kind:?}"
            ),
        }
    }
    panic!("not through after {most} runs");
}

/// Something happens and is shipped as far as that goes, several times over; then it must get through.
async fn several_runs(shop: &Shop, target: &SinkTarget) -> u32 {
    let mut attempts = 0;
    for _ in 0..RUNS {
        shop.happens(EVENTS / RUNS).await;
        attempts += 1;
        let _ = run(shop, target).await;
    }
    attempts + runs(shop, target, 30).await
}

/// Every event of the database is in the sink once, in order and as it is, and the chain verifies in both.
async fn all_there(face: &CosmosFace, shop: &Shop) {
    face.heal();
    let target = sink_of(face, "5s");
    let context = shop.context(&target);
    let ours = log(&context, &LogRequest::default()).await.expect("events");
    let head = ours.head.clone().expect("a chain");
    assert_eq!(head.sequence, ours.events.len() as u64);
    let mut sink = driver().open(&target).await.expect("it opens");
    let found = sink.read(&head.database_id, 0, 100_000).await.expect("events");
    assert_eq!(found.len() as u64, head.sequence);
    assert!(found == ours.sealed(), "not in order, or not as they were");
    let again = flush(&context).await.expect("nothing to do");
    assert_eq!(
        (again.sinks[0].shipped, again.sinks[0].waiting),
        (0, 0),
        "{again:?}"
    );
    let request = ChainRequest {
        sinks: context.settings.audit.sinks.clone(),
        ..ChainRequest::default()
    };
    let checked = verify(&context, &request).await.expect("a check");
    assert!(checked.is_sound(), "{checked:?}");
}

/// Every third request for items fails so.
fn every_third(fate: Fate) -> impl FnMut(&Seen) -> Fate + Send + 'static {
    let mut count = 0;
    move |seen| {
        count += u32::from(seen.is_for_items);
        if seen.is_for_items && count % 3 == 0 {
            fate
        } else {
            Fate::Answer
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_service_gets_every_event_once() {
    for fate in [
        Fate::Refuse(429, Some(3)),
        Fate::Refuse(449, None),
        Fate::Refuse(500, None),
        Fate::Refuse(503, None),
        Fate::Refuse(408, None),
    ] {
        let (face, shop) = (CosmosFace::new(), Shop::new().await);
        provided(&face).await;
        face.fail(every_third(fate));
        let attempts = several_runs(&shop, &sink_of(&face, "10s")).await;
        println!(
            "{fate:?}: {attempts} runs, {:?} requests and batches",
            face.requests()
        );
        all_there(&face, &shop).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_got_lost_writes_nothing_twice() {
    for status in [408, 500, 503] {
        let (face, shop) = (CosmosFace::new(), Shop::new().await);
        provided(&face).await;
        face.fail(every_third(Fate::Lose(status)));
        let attempts = several_runs(&shop, &sink_of(&face, "10s")).await;
        println!("{status} instead of the answer: {attempts} runs");
        all_there(&face, &shop).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_that_find_the_service_away_lose_nothing() {
    let (face, shop) = (CosmosFace::new(), Shop::new().await);
    provided(&face).await;
    let target = sink_of(&face, "1s");
    for status in [429, 503, 500] {
        shop.happens(100).await;
        run(&shop, &target).await.expect("a run before");
        face.fail(move |seen| {
            if seen.is_for_items {
                Fate::Refuse(status, None)
            } else {
                Fate::Answer
            }
        });
        shop.happens(66).await;
        let begun = Instant::now();
        let kind = run(&shop, &target).await.expect_err("a run meanwhile");
        assert_eq!(kind, ErrorKind::Resources);
        assert!(
            begun.elapsed() < Duration::from_secs(12),
            "it tried for {:?}",
            begun.elapsed()
        );
        face.heal();
    }
    assert_eq!(runs(&shop, &target, 1).await, 1);
    all_there(&face, &shop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_service_asks_to_wait_is_waited() {
    let (face, shop) = (CosmosFace::new(), Shop::new().await);
    provided(&face).await;
    let refused = Arc::new(AtomicU64::new(0));
    let count = refused.clone();
    face.fail(move |seen| {
        if seen.is_batch && count.load(Ordering::SeqCst) < 3 {
            count.fetch_add(1, Ordering::SeqCst);
            Fate::Refuse(429, Some(250))
        } else {
            Fate::Answer
        }
    });
    let begun = Instant::now();
    assert_eq!(runs(&shop, &sink_of(&face, "10s"), 1).await, 1);
    assert!(
        begun.elapsed() >= Duration::from_millis(750),
        "only {:?}",
        begun.elapsed()
    );
    assert_eq!(
        face.requests().1,
        5,
        "three refused batches, the list of chains, and the events"
    );
    all_there(&face, &shop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_service_is_waited_for() {
    let (face, shop) = (CosmosFace::new(), Shop::new().await);
    provided(&face).await;
    shop.happens(EVENTS).await;
    face.fail(|_| Fate::Slow(Duration::from_millis(150)));
    assert_eq!(runs(&shop, &sink_of(&face, "10s"), 1).await, 1);
    all_there(&face, &shop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_never_answered_is_given_up() {
    let (face, shop) = (CosmosFace::new(), Shop::new().await);
    provided(&face).await;
    shop.happens(80).await;
    let mut hushed = 0;
    face.fail(move |seen| {
        if seen.is_batch && hushed < 2 {
            hushed += 1;
            Fate::Hush
        } else {
            Fate::Answer
        }
    });
    let begun = Instant::now();
    let attempts = runs(&shop, &sink_of(&face, "30s"), 3).await;
    println!(
        "two requests without an answer: {attempts} runs, {:?}",
        begun.elapsed()
    );
    all_there(&face, &shop).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_killed_and_comes_back_has_every_event_once() {
    let (mut face, shop) = (CosmosFace::new(), Arc::new(Shop::new().await));
    provided(&face).await;
    let target = sink_of(&face, "1s");
    let mut random = fastrand::Rng::with_seed(7);
    let mut attempts = 0;
    for _ in 0..6 {
        shop.happens(EVENTS / 6 + 1).await;
        let going = tokio::spawn({
            let (shop, target) = (shop.clone(), target.clone());
            async move { run(&shop, &target).await }
        });
        tokio::time::sleep(Duration::from_millis(random.u64(5..120))).await;
        face.kill();
        attempts += 1;
        if let Err(kind) = going.await.expect("no panic") {
            let kinds = [ErrorKind::Unreachable, ErrorKind::Resources];
            assert!(kinds.contains(&kind), "{kind:?}");
        }
        face.start();
    }
    attempts += runs(&shop, &target, 3).await;
    println!("killed six times: {attempts} runs");
    all_there(&face, &shop).await;
}

/// A page of an answer may come late as often as it likes, as long as each comes within the time for one call.
#[tokio::test(flavor = "multi_thread")]
async fn each_page_of_a_long_answer_has_all_the_time_of_a_call() {
    let events = chain("shop", 1_500);
    let face = CosmosFace::new();
    provided(&face).await;
    let mut sink = driver().open(&sink_of(&face, "3s")).await.expect("it opens");
    sink.append(&events).await.expect("appended");
    let mut last: Option<Instant> = None;
    face.fail(move |seen| {
        let begun = *last.get_or_insert_with(Instant::now);
        if !seen.is_for_items || begun.elapsed() >= Duration::from_millis(1_700) {
            last = None;
            Fate::Answer
        } else {
            Fate::Refuse(429, Some(300))
        }
    });
    let begun = Instant::now();
    let found = sink.read("shop", 0, 10_000).await.expect("all pages");
    assert_eq!(found.len(), events.len());
    assert!(
        begun.elapsed() > Duration::from_secs(4),
        "only {:?}",
        begun.elapsed()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_events_take_a_hundred_batches() {
    let events = chain("shop", 10_000);
    let face = CosmosFace::new();
    provided(&face).await;
    let before = face.requests();
    let begun = Instant::now();
    let mut sink = driver().open(&sink_of(&face, "60s")).await.expect("it opens");
    for part in events.chunks(500) {
        sink.append(part).await.expect("appended");
    }
    let (requests, batches) = (face.requests().0 - before.0, face.requests().1 - before.1);
    println!(
        "10,000 events: {requests} requests, {batches} of them batches, {:?}",
        begun.elapsed()
    );
    assert_eq!(batches, 101, "with the one that lists the chain");
    assert!(requests <= 120, "{requests} requests");
    let found = sink.read("shop", 0, 100_000).await.expect("events");
    assert!(found == events, "not in order, or not as they were");
}
