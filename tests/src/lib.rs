//! What the suites of dbvc share: the servers they run against, and the binary as its users meet it.

mod binary;
#[cfg(feature = "cosmos")]
pub mod cosmos_face;
mod project_folder;
pub mod proxy;
pub mod servers;
#[cfg(feature = "stage")]
pub mod stage;

pub use binary::{Invocation, Ran, SECRET, binary, signal, wait_for};
pub use project_folder::{Listing, ProjectFolder, list};
