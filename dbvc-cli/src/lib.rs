//! dbvc
pub mod config;
