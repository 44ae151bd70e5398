//! SQL as text: what a dialect's lexical rules are, and where statements begin and end.

mod dialect;
mod statement;

pub use dialect::{Bodies, Dialect};
pub use statement::{Statement, Substitution};
