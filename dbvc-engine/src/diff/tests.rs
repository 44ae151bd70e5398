//! What the comparison finds and what it does not.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod leaves;
mod reading;
mod sorting;
