//! The audit trail while Cosmos DB is away, busy or slow: afterwards every event is there once, in order.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use dbvc_engine::audit::{Appended, AuditDriver, Sealed, SinkTarget};
use dbvc_engine::conformance::sinks::{chain, target};
use dbvc_engine::error::{DriverError, ErrorKind};
use dbvc_tests::cosmos_face::{CosmosFace, Fate, Seen};

const EVENTS: u64 = 500;
/// What runs ship at once; fewer than in a batch, so that there is much to go wrong.
const AT_ONCE: usize = 40;

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

/// One run: ships from where the sink has got to.
async fn run(target: &SinkTarget, events: &[Sealed]) -> Result<(), DriverError> {
    let mut sink = driver().open(target).await?;
    let head = sink.head("shop").await?.map_or(0, |head| head.sequence);
    let from = usize::try_from(head).expect("a few events");
    for part in events[from..].chunks(AT_ONCE) {
        sink.append(part).await?;
    }
    Ok(())
}

/// Runs, one after another, until one gets through. How many it took.
async fn runs(target: &SinkTarget, events: &[Sealed], most: u32) -> u32 {
    for attempt in 1..=most {
        match run(target, events).await {
            Ok(()) => return attempt,
            Err(error) => assert!(
                [ErrorKind::Unreachable, ErrorKind::Resources, ErrorKind::Conflict].contains(&error.kind),
                "{error:?}"
            ),
        }
    }
    panic!("not through after {most} runs");
}

async fn all_there(face: &CosmosFace, events: &[Sealed]) {
    face.heal();
    let mut sink = driver().open(&sink_of(face, "5s")).await.expect("it opens");
    let found = sink.read("shop", 0, 100_000).await.expect("events");
    assert_eq!(found.len(), events.len());
    assert!(found == events, "not in order, or not as they were");
    let done = sink.append(events).await.expect("nothing to do");
    assert_eq!(
        done,
        Appended {
            new: 0,
            known: events.len() as u64
        }
    );
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
    let events = chain("shop", EVENTS);
    for fate in [
        Fate::Refuse(429, Some(3)),
        Fate::Refuse(449, None),
        Fate::Refuse(500, None),
        Fate::Refuse(503, None),
        Fate::Refuse(408, None),
    ] {
        let face = CosmosFace::new();
        provided(&face).await;
        face.fail(every_third(fate));
        let attempts = runs(&sink_of(&face, "10s"), &events, 30).await;
        println!(
            "{fate:?}: {attempts} runs, {:?} requests and batches",
            face.requests()
        );
        all_there(&face, &events).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_got_lost_writes_nothing_twice() {
    let events = chain("shop", EVENTS);
    for status in [408, 500, 503] {
        let face = CosmosFace::new();
        provided(&face).await;
        face.fail(every_third(Fate::Lose(status)));
        let attempts = runs(&sink_of(&face, "10s"), &events, 30).await;
        println!("{status} instead of the answer: {attempts} runs");
        all_there(&face, &events).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_that_find_the_service_away_lose_nothing() {
    let events = chain("shop", EVENTS);
    let face = CosmosFace::new();
    provided(&face).await;
    let target = sink_of(&face, "1s");
    for (part, status) in [(100, 429), (200, 503), (300, 500)] {
        run(&target, &events[..part]).await.expect("a run before");
        face.fail(move |seen| {
            if seen.is_for_items {
                Fate::Refuse(status, None)
            } else {
                Fate::Answer
            }
        });
        let begun = Instant::now();
        let error = run(&target, &events[..part + 50])
            .await
            .expect_err("a run meanwhile");
        assert_eq!(error.kind, ErrorKind::Resources, "{error:?}");
        assert!(
            begun.elapsed() < Duration::from_secs(12),
            "it tried for {:?}",
            begun.elapsed()
        );
        face.heal();
    }
    assert_eq!(runs(&target, &events, 1).await, 1);
    all_there(&face, &events).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_service_asks_to_wait_is_waited() {
    let events = chain("shop", 10);
    let face = CosmosFace::new();
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
    assert_eq!(runs(&sink_of(&face, "10s"), &events, 1).await, 1);
    assert!(
        begun.elapsed() >= Duration::from_millis(750),
        "only {:?}",
        begun.elapsed()
    );
    assert_eq!(face.requests().1, 4, "three refused batches and one more");
    all_there(&face, &events).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_service_is_waited_for() {
    let events = chain("shop", EVENTS);
    let face = CosmosFace::new();
    provided(&face).await;
    face.fail(|_| Fate::Slow(Duration::from_millis(150)));
    assert_eq!(runs(&sink_of(&face, "10s"), &events, 1).await, 1);
    all_there(&face, &events).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_never_answered_is_given_up() {
    let events = chain("shop", 80);
    let face = CosmosFace::new();
    provided(&face).await;
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
    let attempts = runs(&sink_of(&face, "30s"), &events, 3).await;
    println!(
        "two requests without an answer: {attempts} runs, {:?}",
        begun.elapsed()
    );
    all_there(&face, &events).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_killed_and_comes_back_has_every_event_once() {
    let events = chain("shop", EVENTS);
    let mut face = CosmosFace::new();
    provided(&face).await;
    let target = sink_of(&face, "1s");
    let mut random = fastrand::Rng::with_seed(7);
    let mut attempts = 0;
    for _ in 0..6 {
        let going = tokio::spawn({
            let (target, events) = (target.clone(), events.clone());
            async move { run(&target, &events).await }
        });
        tokio::time::sleep(Duration::from_millis(random.u64(5..120))).await;
        face.kill();
        attempts += 1;
        if let Err(error) = going.await.expect("no panic") {
            let kinds = [ErrorKind::Unreachable, ErrorKind::Resources];
            assert!(kinds.contains(&error.kind), "{error:?}");
        }
        face.start();
    }
    attempts += runs(&target, &events, 3).await;
    println!("killed six times: {attempts} runs");
    all_there(&face, &events).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_events_take_a_hundred_batches() {
    let events = chain("shop", 10_000);
    let face = CosmosFace::new();
    provided(&face).await;
    let before = face.requests();
    let begun = Instant::now();
    let mut sink = driver().open(&sink_of(&face, "5s")).await.expect("it opens");
    for part in events.chunks(500) {
        sink.append(part).await.expect("appended");
    }
    let (requests, batches) = (face.requests().0 - before.0, face.requests().1 - before.1);
    println!(
        "10,000 events: {requests} requests, {batches} of them batches, {:?}",
        begun.elapsed()
    );
    assert_eq!(batches, 100);
    assert!(requests <= 120, "{requests} requests");
    all_there(&face, &events).await;
}
