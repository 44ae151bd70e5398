//! The record in the target, as SQL: written once for every database that speaks SQL.
//!
//! An adapter describes its dialect ([`RecordDialect`]) and runs text ([`SqlRecord`]); it gets
//! [`crate::driver::HistoryStore`] for that. Values are quoted literals and not parameters, because an adapter may put
//! a whole migration with its history entry into one message.

mod cells;
mod chain;
mod dialect;
mod events;
mod layout;
mod lock;
mod missing;
mod pieces;
mod read;
mod restart;
mod snapshot;
mod store;
mod tables;
mod trail;
mod upsert;
mod view;
mod write;

#[cfg(test)]
mod tests;

pub(crate) use trail::NO_UNDO;

pub use dialect::{Chaining, RecordDialect, RecordGrammar, quote_standard};
pub use missing::Missing;
pub use store::SqlRecord;
pub use upsert::Upsert;

use crate::driver::RecordLocation;

/// The record's SQL for one dialect at one place.
#[derive(Debug, Clone)]
pub struct RecordSql {
    dialect: RecordDialect,
    location: RecordLocation,
}

impl RecordSql {
    /// SQL for the record at `location`.
    pub fn new(dialect: RecordDialect, location: RecordLocation) -> Self {
        Self { dialect, location }
    }

    /// Where the record is.
    pub fn location(&self) -> &RecordLocation {
        &self.location
    }

    /// A table's or view's name, as SQL has it.
    pub fn table(&self, name: &str) -> String {
        if self.dialect.schemas {
            return format!("{}.{name}", self.schema());
        }
        let local = self.local(name);
        if self.dialect.grammar.qualified {
            format!("{}.{local}", self.schema())
        } else {
            local
        }
    }

    /// The name with its prefix and nothing else.
    fn local(&self, name: &str) -> String {
        self.quoted(&format!("{}{name}", self.location.prefix))
    }

    /// The schema's name, quoted.
    pub fn schema(&self) -> String {
        self.quoted(&self.location.schema)
    }

    fn quoted(&self, name: &str) -> String {
        let (open, close) = self.dialect.grammar.quote;
        let doubled = name.replace(close, &format!("{close}{close}"));
        format!("{open}{doubled}{close}")
    }

    /// A row that is written whether it is there or not.
    fn upsert(&self, row: &Upsert<'_>) -> String {
        (self.dialect.grammar.upsert)(row)
    }

    /// A text as a literal.
    pub fn text(&self, text: &str) -> String {
        (self.dialect.literal)(text)
    }

    fn optional(&self, text: Option<&str>) -> String {
        text.map_or_else(|| "NULL".to_owned(), |text| self.text(text))
    }
}
