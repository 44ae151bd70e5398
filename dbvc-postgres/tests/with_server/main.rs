//! What the adapter does against a real server: `DBVC_TEST_POSTGRES_URL` names one on which databases may be made.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod apply;
mod cancel;
mod connect;
mod introspect;
mod lock;
mod notices;
mod place;
mod proxy;
mod record;
mod resolve;
mod script;
mod sink;
mod trail;
mod turn;
