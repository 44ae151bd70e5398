//! Rows of the catalogue by the names of their columns.

use std::collections::BTreeMap;

use dbvc_engine::driver::Rows;

/// One row. What a column of another version of the server would hold is not there, as if it were NULL.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    columns: &'a [String],
    cells: &'a [Option<String>],
}

/// The rows of one answer.
pub(super) fn rows(answer: &Rows) -> impl Iterator<Item = Row<'_>> {
    answer.cells.iter().map(|cells| Row {
        columns: &answer.columns,
        cells,
    })
}

impl<'a> Row<'a> {
    /// The cell, none where it is NULL.
    pub(super) fn text(self, column: &str) -> Option<&'a str> {
        let at = self.columns.iter().position(|name| name == column)?;
        self.cells.get(at)?.as_deref()
    }

    /// The cell, empty where it is NULL.
    pub(super) fn word(self, column: &str) -> &'a str {
        self.text(column).unwrap_or_default()
    }

    pub(super) fn owned(self, column: &str) -> Option<String> {
        self.text(column).map(ToOwned::to_owned)
    }

    /// Whether a `bit` is set.
    pub(super) fn flag(self, column: &str) -> bool {
        matches!(self.text(column), Some("1" | "true"))
    }

    /// Whether a `bit` is there and not set.
    pub(super) fn is_off(self, column: &str) -> bool {
        matches!(self.text(column), Some("0" | "false"))
    }

    pub(super) fn number(self, column: &str) -> Option<i64> {
        self.text(column)?.trim().parse().ok()
    }

    /// A number of the server's for a thing. None is below zero but those of the server's own things.
    pub(super) fn id(self, column: &str) -> i64 {
        self.number(column).unwrap_or(-1)
    }
}

/// What only SQL Server knows.
pub(super) type Options = BTreeMap<String, String>;

/// Sets an option if there is something to say.
pub(super) fn option(options: &mut Options, name: &str, value: Option<impl Into<String>>) {
    if let Some(value) = value {
        options.insert(format!("mssql.{name}"), value.into());
    }
}

/// Sets an option to `value` if `said`.
pub(super) fn option_if(options: &mut Options, said: bool, name: &str, value: &str) {
    option(options, name, said.then_some(value));
}

/// A word of the catalogue's (`SET_NULL`) as people write it.
pub(super) fn lower(word: &str) -> String {
    word.to_lowercase().replace('_', " ")
}
