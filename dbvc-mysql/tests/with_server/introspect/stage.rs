//! A schema with a bit of everything.

use dbvc_engine::diff::{DiffOptions, Difference, diff};
use dbvc_engine::driver::{Driver as _, Written};
use dbvc_engine::schema::Database;
use dbvc_engine::sql::{Dialect, SegmentKind, split};
use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;

use crate::place::{Place, places, plain};

const SHOP: &str = include_str!("shop.sql");
const SHOP_MARIADB: &str = include_str!("shop_mariadb.sql");
const SHOP_MYSQL: &str = include_str!("shop_mysql.sql");

/// A shop on each server that there is.
pub(crate) async fn shops() -> Vec<Place> {
    let places = places().await;
    for place in &places {
        run(place, &shop(place)).await;
    }
    places
}

/// What the server can do and the other one can do, and what it alone can.
pub(crate) fn shop(place: &Place) -> String {
    let own = if place.server == "mariadb" {
        SHOP_MARIADB
    } else {
        SHOP_MYSQL
    };
    format!("{SHOP}\n{own}")
}

/// Runs a script as `mysql` would.
pub(crate) async fn run(place: &Place, script: &str) {
    if let Err(told) = try_run(place, script).await {
        panic!("{}: {told}", place.server);
    }
}

/// The same; what is wrong with it where a statement fails.
pub(crate) async fn try_run(place: &Place, script: &str) -> Result<(), String> {
    let mut conn = plain(&place.url).await;
    let ran = run_on(&mut conn, script).await;
    conn.disconnect().await.unwrap();
    ran
}

async fn run_on(conn: &mut Conn, script: &str) -> Result<(), String> {
    for placed in split(script, &Dialect::MYSQL) {
        if placed.segment.kind == SegmentKind::Statement {
            let sql = placed.code(script);
            let ran = conn.query_drop(sql).await;
            ran.map_err(|error| format!("{error}\n{sql}"))?;
        }
    }
    Ok(())
}

/// The schema of a place.
pub(crate) async fn read(place: &Place) -> Database {
    let mut session = place.session().await;
    let database = session.introspect().await.unwrap();
    session.close().await.unwrap();
    database
}

pub(crate) fn written(database: &Database) -> Written {
    dbvc_mysql::driver().ddl().unwrap().create(database)
}

/// The difference between two.
pub(crate) fn between(before: &Database, after: &Database) -> Difference {
    diff(before, after, DiffOptions::default())
}
