//! What the suites of dbvc share: the servers they run against.

pub mod servers;
