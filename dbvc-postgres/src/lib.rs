//! dbvc-postgres
