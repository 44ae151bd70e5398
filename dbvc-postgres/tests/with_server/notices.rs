//! The server's notices.

use dbvc_engine::driver::{Limits, NoticeLevel};
use tracing_subscriber::layer::SubscriberExt;

use crate::place::Place;
use crate::script::{Ears, apply_with, statement, well};

#[tokio::test]
async fn notices_are_heard_in_order_and_ours_are_not() {
    let Some(place) = Place::new().await else { return };
    let subscriber = tracing_subscriber::registry().with(dbvc_postgres::notices());
    // For all threads, as a program does: where other threads have none, the library may take an event for one that nobody wants.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let (_keeper, lease) = place.locked().await;
    let mut runner = place.session().await;
    let mut ears = Ears::default();
    let text = "do $$ begin raise notice 'one'; raise warning 'two'; raise info 'three'; end $$; drop table if exists x";
    well(
        &apply_with(
            &mut *runner,
            &lease.fence,
            "1",
            text,
            &Limits::default(),
            &mut ears,
        )
        .await,
    );
    let heard: Vec<_> = ears
        .notices
        .iter()
        .map(|one| (one.level, one.message.as_str()))
        .collect();
    assert_eq!(
        heard,
        [
            (NoticeLevel::Info, "one"),
            (NoticeLevel::Warning, "two"),
            (NoticeLevel::Info, "three"),
            (NoticeLevel::Info, "table \"x\" does not exist, skipping"),
        ]
    );
    let mut ears = Ears::default();
    well(
        &runner
            .execute(
                &[statement("drop table if exists y")],
                &Limits::default(),
                &mut ears,
            )
            .await,
    );
    assert_eq!(ears.notices.len(), 1);
}
