//! What MariaDB's and MySQL's servers for tests have in common.

mod address;
mod client;
mod daemon;

pub(super) use client::{create_database, run};
pub(super) use daemon::{Daemon, Plan};
