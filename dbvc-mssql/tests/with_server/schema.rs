//! What is read of a real schema: everything, always the same, every change shows, and what is written leads there.

use dbvc_engine::driver::{Driver as _, Identity};
use dbvc_engine::schema::{Database, ObjectKey, ObjectKind};

use super::mutations::MUTATIONS;
use super::stage::{Place, between, way, written};

pub(super) async fn two_databases_made_alike_read_alike_to_the_byte() {
    let (one, other) = (Place::shop().await, Place::empty().await);
    other.run("CREATE TABLE gone (a int); DROP TABLE gone;").await;
    other.remove().await;
    let other = Place::shop().await;
    let (read, again) = (one.read().await, other.read().await);
    assert_eq!(between(&read, &again).to_string(), "No differences.\n");
    assert_eq!(Database::from_json(&read.to_json()).unwrap(), read);
    one.remove().await;
    other.remove().await;
}

pub(super) async fn the_record_is_left_out() {
    let place = Place::shop().await;
    let before = place.read().await;
    let mut session = dbvc_mssql::driver().connect(place.target()).await.unwrap();
    let identity = Identity {
        database: "app".into(),
        environment: "test".into(),
        tool_version: "0".into(),
    };
    session.install(&identity).await.unwrap();
    session.close().await.unwrap();
    assert_eq!(
        between(&before, &place.read().await).to_string(),
        "No differences.\n"
    );
    place.remove().await;
}

pub(super) async fn the_script_makes_an_equal_schema() {
    let place = Place::shop().await;
    let read = place.read().await;
    let script = written(&read);
    assert_eq!(script.left_out, [], "{}", script.sql);
    let copy = Place::with(&read).await;
    let found = between(&read, &copy.read().await);
    assert!(found.is_empty(), "{found}{}", script.sql);
    place.remove().await;
    copy.remove().await;
}

/// What is wrong with a place after the script ran there, if anything is.
async fn arrives(place: &Place, before: &Database, after: &Database) -> Option<String> {
    let written = way(before, after);
    if let Err(told) = place.try_run(&written.sql).await {
        return Some(format!("{told}\n{}", written.sql));
    }
    let mut found = between(&place.read().await, after);
    found
        .changes
        .retain(|change| !written.left_out.iter().any(|(key, _)| *key == change.object));
    (!found.is_empty()).then(|| format!("{found}{}", written.sql))
}

pub(super) async fn every_single_change_shows_and_is_written_and_so_is_its_undoing() {
    assert!(MUTATIONS.len() >= 60);
    let place = Place::shop().await;
    let mut before = place.read().await;
    let mut there = Place::with(&before).await;
    let (mut wrong, mut way) = (Vec::new(), Vec::new());
    for (sql, says) in MUTATIONS {
        place.run(sql).await;
        let after = place.read().await;
        let told = between(&before, &after).to_string();
        if !told.contains(says) {
            wrong.push(format!("{sql}\n  should say {says:?}, and says:\n{told}"));
        }
        if let Some(told) = arrives(&there, &before, &after).await {
            wrong.push(format!("=== there: {sql}\n{told}"));
            there.remove().await;
            there = Place::with(&after).await;
        }
        way.push((sql, std::mem::replace(&mut before, after)));
    }
    for (sql, earlier) in way.into_iter().rev() {
        if let Some(told) = arrives(&there, &before, &earlier).await {
            wrong.push(format!("=== back: {sql}\n{told}"));
            there.remove().await;
            there = Place::with(&earlier).await;
        }
        before = earlier;
    }
    place.remove().await;
    there.remove().await;
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

pub(super) async fn from_nothing_and_to_nothing() {
    let place = Place::shop().await;
    let shop = place.read().await;
    place.remove().await;
    let there = Place::empty().await;
    let nothing = there.read().await;
    assert_eq!(arrives(&there, &nothing, &shop).await, None);
    assert_eq!(arrives(&there, &shop, &nothing).await, None);
    there.remove().await;
}

pub(super) async fn the_time_of_a_change_is_known() {
    let place = Place::shop().await;
    let mut session = dbvc_mssql::driver().connect(place.target()).await.unwrap();
    let plants = ObjectKey::within(ObjectKind::Table, "garden", "plants");
    let touch = ObjectKey::within(ObjectKind::Trigger, "garden", "touch").of("plants");
    let found = session
        .last_changes(&[plants.clone(), touch.clone()])
        .await
        .unwrap();
    assert!(found[&plants].at.is_some() && found[&touch].at.is_some());
    session.close().await.unwrap();
    place.remove().await;
}

pub(super) async fn four_hundred_tables_are_read_at_once() {
    let place = Place::empty().await;
    let table = |number: i32| {
        format!(
            "CREATE TABLE t{number} (id bigint IDENTITY PRIMARY KEY, name nvarchar(40) NOT NULL DEFAULT N'x', size \
             decimal(10, 2) CHECK (size > 0), made datetime2, other bigint, UNIQUE (name), INDEX i (made, name));"
        )
    };
    let script = (0..400).map(table).collect::<Vec<_>>().join("\n");
    place.run(&script).await;
    let database = place.read().await;
    assert_eq!(database.tables().count(), 400);
    place.remove().await;
}
