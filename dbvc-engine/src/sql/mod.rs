//! SQL as text: what a dialect's lexical rules are, and where statements begin and end.

mod batch;
mod dialect;
mod statement;

pub use batch::{Batch, ScriptError};
pub use dialect::{Bodies, Dialect};
pub use statement::{Statement, Substitution};
