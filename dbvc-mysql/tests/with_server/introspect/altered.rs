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
async fn arrives(place: &Place, before: &Database, after: &Database) -> Option<String> {
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
async fn made(place: &Place, schema: &Database) -> Place {
    let there = place.beside().await;
    run(&there, &written(schema).sql).await;
    there
}

#[tokio::test]
async fn every_change_is_written_and_so_is_its_undoing() {
    for place in shops().await {
        let mut before = read(&place).await;
        let mut there = made(&place, &before).await;
        let mut wrong = Vec::new();
        for (_, sql, _) in on(&place) {
            run(&place, sql).await;
            let after = read(&place).await;
            for (step, from, to) in [
                ("there", &before, &after),
                ("back", &after, &before),
                ("there again", &before, &after),
            ] {
                if let Some(told) = arrives(&there, from, to).await {
                    wrong.push(format!("=== {step}: {sql}\n{told}"));
                    there.remove().await;
                    there = made(&place, to).await;
                }
            }
            before = after;
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
async fn so_it_is_when_much_changes_at_once() {
    for place in shops().await {
        let shop = read(&place).await;
        let mut changes = on(&place).peekable();
        let there = made(&place, &shop).await;
        let mut before = shop.clone();
        let mut wrong = Vec::new();
        while changes.peek().is_some() {
            for (_, sql, _) in changes.by_ref().take(25) {
                run(&place, sql).await;
            }
            let after = read(&place).await;
            wrong.extend(arrives(&there, &before, &after).await);
            before = after;
        }
        wrong.extend(arrives(&there, &before, &shop).await);
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
