//! MariaDB, proved by the kit.

#[path = "harness/given.rs"]
mod given;
#[path = "harness/mysql.rs"]
mod mysql;

dbvc_engine::conformance_suite!(mysql::MySqlFamily::<dbvc_tests::servers::MariaDbServer>::new());
