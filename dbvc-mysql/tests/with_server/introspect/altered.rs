//! The way that is written from one schema to another leads there, and back.

use dbvc_engine::driver::{Altered, Driver as _};
use dbvc_engine::schema::Database;

use super::mutations::on;
use super::stage::{between, read, run, shops, try_run, written};
use crate::place::Place;

fn way(before: &Database, after: &Database) -> Altered {
    dbvc_mysql::driver().ddl().unwrap().alter(before, after).unwrap()
}

/// What is wrong with a place after the script ran there, if anything is.
pub(super) async fn arrives(place: &Place, before: &Database, after: &Database) -> Option<String> {
    let written = way(before, after);
    if let Err(told) = try_run(place, &written.sql).await {
        return Some(format!("{told}\n{}", written.sql));
    }
    let mut found = between(&read(place).await, after);
    found
        .changes
        .retain(|change| !written.left_out.iter().any(|(key, _)| *key == change.object));
    (!found.is_empty()).then(|| format!("{found}{}", written.sql))
}

/// Another place with this schema.
pub(super) async fn made(place: &Place, schema: &Database) -> Place {
    let there = place.beside().await;
    run(&there, &written(schema).sql).await;
    there
}

#[tokio::test]
async fn every_single_change_shows_and_is_written_and_so_is_its_undoing() {
    for place in shops().await {
        assert!(on(&place).count() >= 100);
        let mut before = read(&place).await;
        let mut there = made(&place, &before).await;
        let mut wrong = Vec::new();
        let mut way = Vec::new();
        for (_, sql, says) in on(&place) {
            run(&place, sql).await;
            let after = read(&place).await;
            let found = between(&before, &after);
            let told = found.to_string();
            // A new name is one that goes and one that comes; who runs after a trigger is told of the next.
            let several = says.contains(" to ") || says.contains("follows");
            let most = if several { 2 } else { 1 };
            if found.is_empty() || found.changes.len() > most || !told.contains(says) {
                wrong.push(format!("{sql}\n  should say {says:?}, and says:\n{told}"));
            }
            if let Some(told) = arrives(&there, &before, &after).await {
                wrong.push(format!("=== there: {sql}\n{told}"));
                there.remove().await;
                there = made(&place, &after).await;
            }
            way.push((sql, std::mem::replace(&mut before, after)));
        }
        for (sql, earlier) in way.into_iter().rev() {
            if let Some(told) = arrives(&there, &before, &earlier).await {
                wrong.push(format!("=== back: {sql}\n{told}"));
                there.remove().await;
                there = made(&place, &earlier).await;
            }
            before = earlier;
        }
        assert!(
            wrong.is_empty(),
            "{}: {}\n{}",
            place.server,
            wrong.len(),
            wrong.join("\n")
        );
    }
}

#[tokio::test]
async fn much_is_changed_at_once() {
    for place in shops().await {
        let shop = read(&place).await;
        let there = made(&place, &shop).await;
        for (_, sql, _) in on(&place) {
            run(&place, sql).await;
        }
        let after = read(&place).await;
        let copy = made(&place, &after).await;
        let found = between(&after, &read(&copy).await);
        assert!(found.is_empty(), "{}: {found}", place.server);
        for (from, to) in [(&shop, &after), (&after, &shop)] {
            if let Some(told) = arrives(&there, from, to).await {
                panic!("{}: {told}", place.server);
            }
        }
    }
}

#[tokio::test]
async fn from_nothing_and_to_nothing() {
    for place in shops().await {
        let shop = read(&place).await;
        let there = place.beside().await;
        let nothing = read(&there).await;
        assert_eq!(arrives(&there, &nothing, &shop).await, None);
        let written = way(&shop, &nothing);
        assert!(
            written
                .losses
                .iter()
                .any(|loss| loss == "table pots with its rows"),
            "{:?}",
            written.losses
        );
        assert_eq!(arrives(&there, &shop, &nothing).await, None);
    }
}
