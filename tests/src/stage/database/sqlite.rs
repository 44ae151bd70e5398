//! What there is in a SQLite file.

use std::path::Path;

use super::OWN;

/// Whether a file is a SQLite database with something in it: an empty file is one without, and others are none.
pub(super) fn is_database(path: &Path) -> bool {
    std::fs::read(path).is_ok_and(|content| content.starts_with(b"SQLite format 3\0"))
}

/// The query that gives the schema.
pub(super) fn schema(own: bool) -> String {
    format!(
        "select type || ' ' || name || ' ' || coalesce(sql, '') from sqlite_master
         where {own} or (tbl_name not like '{OWN}%' and tbl_name <> 'sqlite_sequence') order by type, name"
    )
}
