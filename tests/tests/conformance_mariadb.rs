//! MariaDB, proved by the kit.

#[path = "harness/mysql.rs"]
mod mysql;

dbvc_engine::conformance_suite!(mysql::MySqlFamily::<dbvc_tests::servers::MariaDbServer>::new());
