//! Whether a column counts up.

use crate::schema::{Column, Object, Table, TypeFamily};

/// Who gives a column its next number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Counting {
    /// The database, as somebody asked for.
    Asked,
    /// The database, whether somebody asked for that or not.
    ByItself,
    /// Whoever writes the row.
    Never,
}

impl Counting {
    /// Whether the two can mean the same.
    pub(super) fn fits(self, other: Self) -> bool {
        self == other || self == Self::ByItself || other == Self::ByItself
    }
}

/// A table with what its system says of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told<'a> {
    pub(super) dialect: &'a str,
    pub(super) object: &'a Object,
    pub(super) table: &'a Table,
}

impl Told<'_> {
    /// In SQLite a column of the type `INTEGER` that is the whole primary key is the row's own number, and gets the next
    /// one where none is given, unless the table has no such numbers or the key runs downwards (`sqlite.org/autoinc.html`
    /// and `lang_createtable.html`, "ROWIDs and the INTEGER PRIMARY KEY").
    pub(super) fn counting(&self, name: &str, column: &Column) -> Counting {
        let default = column.default.as_deref();
        if column.identity.is_some() || default.is_some_and(|text| text.starts_with("nextval(")) {
            return Counting::Asked;
        }
        if self.dialect != "sqlite" || !is_counted_key(self.table, name) {
            return Counting::Never;
        }
        let key = self.table.keys.values().find(|key| key.primary);
        if key.is_some_and(|key| key.options.contains_key("sqlite.autoincrement")) {
            return Counting::Asked;
        }
        let is_row_number = column.data_type.raw.eq_ignore_ascii_case("integer")
            && !self.object.options.contains_key("sqlite.without_rowid")
            && !key.is_some_and(|key| key.options.contains_key("sqlite.in_column"));
        if is_row_number {
            Counting::ByItself
        } else {
            Counting::Never
        }
    }
}

/// Whether a column of whole numbers is the whole primary key.
pub(super) fn is_counted_key(table: &Table, column: &str) -> bool {
    let is_meant = |name: &str| name.eq_ignore_ascii_case(column);
    let integer = table
        .columns
        .iter()
        .any(|(name, it)| is_meant(name) && it.data_type.family == TypeFamily::Integer);
    integer
        && table.keys.values().filter(|key| key.primary).any(|key| {
            let mut parts = key.parts.iter();
            let first = parts.next().and_then(|part| part.column.as_deref());
            first.is_some_and(is_meant) && parts.next().is_none()
        })
}
