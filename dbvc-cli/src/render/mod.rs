//! What people and scripts see.

mod diagnostics;
mod observer;
mod output;
mod page;
mod table;
mod words;

pub use diagnostics::diagnostics;
pub use observer::Screen;
pub use output::Output;
pub(crate) use output::json;
pub(crate) use page::{Story, page};
pub use table::table;
pub use words::{clean, count, duration, moment};
