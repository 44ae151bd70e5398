//! The history tables.
