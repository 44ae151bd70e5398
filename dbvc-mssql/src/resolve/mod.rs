//! Finding out what became of a broken-off statement.
