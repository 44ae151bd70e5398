//! Sessions that do less than they could.

mod read_only;

pub use read_only::ReadOnly;
