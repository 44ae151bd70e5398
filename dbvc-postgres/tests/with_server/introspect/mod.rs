//! What is read of a real schema: everything, always the same, and every change shows.

mod altered;
mod generated;
mod mutations;
mod read;
mod stage;
mod written;
