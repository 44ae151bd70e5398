//! Scratch databases: empty, alike, and gone at the end.

use dbvc_engine::driver::Driver as _;

use super::stage::{Place, scratch, server};

async fn schema(target: &dbvc_engine::driver::Target) -> dbvc_engine::schema::Database {
    let mut session = dbvc_mssql::driver().connect(target).await.unwrap();
    session.introspect().await.unwrap()
}

pub(super) async fn it_is_empty_and_like_the_database_beside_it() {
    let place = Place::empty().await;
    place
        .run("ALTER DATABASE CURRENT COLLATE Latin1_General_BIN2")
        .await;
    let scratch = scratch(place.target()).await;
    assert_eq!(schema(scratch.target()).await, place.read().await);
    scratch.remove().await.unwrap();
    place.remove().await;
}

pub(super) async fn whoever_is_in_it_does_not_keep_it() {
    let scratch = scratch(&server()).await;
    let target = scratch.target().clone();
    let inside = dbvc_mssql::driver().connect(&target).await.unwrap();
    scratch.remove().await.unwrap();
    assert!(dbvc_mssql::driver().connect(&target).await.is_err());
    drop(inside);
}
