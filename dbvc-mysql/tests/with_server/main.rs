//! What the adapter does against real servers: `DBVC_TEST_MARIADB_URL` and `DBVC_TEST_MYSQL_URL` name those on which
//! databases may be made.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod connect;
mod golden;
mod introspect;
mod leftovers;
mod place;
mod scratch;
mod step;
mod trail;
