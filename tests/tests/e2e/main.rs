//! dbvc as its users meet it: the real binary, real folders, real databases.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod bad_inputs;
mod filters;
mod stories;
