//! On the way to a server: TLS, ways of login, and each way in which that fails, against real servers.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod account;
mod address;
mod certificates;
mod limits;
mod logins;
mod mysql_tls;
mod postgres_tls;
mod secured;
mod talk;
mod variables;
