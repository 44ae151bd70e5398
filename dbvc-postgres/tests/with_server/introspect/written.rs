//! The script that is written makes an equal schema.

use dbvc_engine::driver::Driver as _;

use super::mutations::MUTATIONS;
use super::stage::{between, read, shop};
use crate::place::Place;

/// What dbvc does not write, and says so.
const LEFT_OUT: &[&str] = &[
    "default privileges dbvc for tables in spare",
    "text search configuration public.botany",
];

async fn missing(place: &Place) -> String {
    let before = read(place).await;
    let written = dbvc_postgres::driver().ddl().unwrap().create(&before);
    let copy = Place::new().await.unwrap();
    copy.run(&written.sql).await;
    let mut found = between(&before, &read(&copy).await);
    copy.remove().await;
    found
        .changes
        .retain(|change| !written.left_out.iter().any(|(key, _)| *key == change.object));
    found.to_string()
}

#[tokio::test]
async fn the_script_makes_an_equal_schema_but_for_what_it_says() {
    let Some(place) = shop().await else { return };
    let written = dbvc_postgres::driver().ddl().unwrap().create(&read(&place).await);
    let left: Vec<String> = written.left_out.iter().map(|(key, _)| key.to_string()).collect();
    assert_eq!(left, LEFT_OUT, "{}", written.sql);
    assert_eq!(missing(&place).await, "No differences.\n", "{}", written.sql);
}

#[tokio::test]
async fn so_it_does_when_everything_was_changed() {
    let Some(place) = shop().await else { return };
    let mut wrong = Vec::new();
    // Many at a time: each is run where it can be run.
    for changes in MUTATIONS.chunks(MUTATIONS.len() / 12) {
        let copy = place.copy().await;
        for (sql, ..) in changes {
            let _ = copy.try_run(sql).await;
        }
        let told = missing(&copy).await;
        copy.remove().await;
        if told != "No differences.\n" {
            wrong.push(told);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
