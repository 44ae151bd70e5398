//! The audit trail's sinks, proved by the kit.

mod cosmos;
mod file;
mod postgres;
mod sqlite;

dbvc_engine::sink_conformance_suite!(
    file::File,
    sqlite::Sqlite,
    postgres::Postgres,
    cosmos::Served,
    cosmos::InMemory,
);
