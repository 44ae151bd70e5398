//! The worst days: killed processes, lost connections, full disks, rivals. Whatever happens, nothing is lost and nothing
//! is done twice; the next run goes on, or says what it cannot know.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

mod crash;
mod faults;
mod kill;
mod locks;
