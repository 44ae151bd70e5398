//! A schema with a bit of everything.

use dbvc_engine::diff::{DiffOptions, Difference, diff};
use dbvc_engine::schema::Database;

use crate::place::{Place, driver};

/// Everything that PostgreSQL 15 has and that needs nothing installed.
pub(crate) const SHOP: &str = include_str!("shop.sql");

/// A database with the shop in it.
pub(crate) async fn shop() -> Option<Place> {
    let place = Place::new().await?;
    place.run(SHOP).await;
    Some(place)
}

/// The schema of a place.
pub(crate) async fn read(place: &Place) -> Database {
    let mut session = driver().connect(&place.target()).await.unwrap();
    let database = session.introspect().await.unwrap();
    session.close().await.unwrap();
    database
}

/// The difference between two.
pub(crate) fn between(before: &Database, after: &Database) -> Difference {
    diff(before, after, DiffOptions::default())
}
