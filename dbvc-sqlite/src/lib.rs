//! dbvc-sqlite
