//! What somebody with the owner's rights did to the sink's tables.

use std::collections::BTreeMap;

use dbvc_engine::audit::{ChainCheck, Finding, SinkTarget};
use dbvc_engine::conformance::sinks::chain;
use dbvc_engine::driver::Secret;

use crate::place::Place;

fn target(place: &Place) -> SinkTarget {
    SinkTarget {
        name: "archive".to_owned(),
        url: Secret::new(&place.url),
        options: BTreeMap::new(),
    }
}

/// What a check of this sink finds.
async fn found(place: &Place) -> Vec<Finding> {
    let mut sink = dbvc_postgres::audit_driver().open(&target(place)).await.unwrap();
    let head = sink.head("shop").await.unwrap();
    let mut check = ChainCheck::new("archive", Some("shop"), None);
    for sealed in sink.read("shop", 0, 100).await.unwrap() {
        check.event(None, &sealed);
    }
    let mut found = check.end(head.as_ref()).findings;
    found.extend(sink.remarks());
    sink.close().await.unwrap();
    found
}

#[tokio::test]
async fn every_edited_column_of_an_event_shows() {
    let Some(place) = Place::new().await else { return };
    let mut sink = dbvc_postgres::audit_driver().open(&target(&place)).await.unwrap();
    sink.append(&chain("shop", 4)).await.unwrap();
    sink.close().await.unwrap();
    place
        .run("drop trigger only_added_to on dbvc_audit.events; create table kept as table dbvc_audit.events")
        .await;
    assert_eq!(found(&place).await, []);
    for at in 1..=3 {
        for change in [
            "update dbvc_audit.events set event = replace(event, 'ann', 'bob') where sequence = #",
            "update dbvc_audit.events set digest = repeat('0', 64) where sequence = #",
            "update dbvc_audit.events set sequence = 400 where sequence = #",
            "update dbvc_audit.events set database_id = 'till' where sequence = #",
            "delete from dbvc_audit.events where sequence = #",
            "update dbvc_audit.events set sequence = -sequence where sequence in (#, # + 1); \
             update dbvc_audit.events set sequence = case -sequence when # then # + 1 else # end where sequence < 0",
        ] {
            let change = change.replace('#', &at.to_string());
            place.run(&change).await;
            assert_ne!(found(&place).await, [], "{change}");
            place
                .run("delete from dbvc_audit.events; insert into dbvc_audit.events select * from kept")
                .await;
        }
    }
    assert_eq!(found(&place).await, []);
    place.remove().await;
}
