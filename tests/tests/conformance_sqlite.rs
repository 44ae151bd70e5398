//! SQLite, proved by the kit.

#[path = "harness/sqlite.rs"]
mod sqlite;

dbvc_engine::conformance_suite!(sqlite::Sqlite);
