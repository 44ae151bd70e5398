//! dbvc-cli
