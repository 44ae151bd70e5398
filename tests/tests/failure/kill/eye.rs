//! Looking into the database through a connection that stays open: a login takes longer than all else that is asked.

use std::cell::RefCell;

use dbvc_tests::stage::{Database, Open};

/// Looks into a database.
#[derive(Debug)]
pub(super) struct Eye {
    database: Database,
    open: Option<RefCell<Open>>,
}

impl Eye {
    /// Connects where that takes long.
    pub(super) fn on(database: &Database) -> Self {
        let open = match database {
            // Files are copied and replaced under it.
            Database::Sqlite(_) => None,
            _ => Some(RefCell::new(Open::on(database))),
        };
        Self {
            database: database.clone(),
            open,
        }
    }

    /// The same of one of dbvc's own tables, each written `@name`.
    pub(super) fn record(&self, query: &str) -> Vec<String> {
        self.texts(&self.database.named(query))
    }

    /// The schema without dbvc's own tables, one text for each part of it.
    pub(super) fn schema(&self) -> Vec<String> {
        self.texts(&self.database.schema_query(false))
    }

    /// The rows of a query whose only column is a text.
    pub(super) fn texts(&self, query: &str) -> Vec<String> {
        match &self.open {
            Some(open) => open.borrow_mut().texts(query),
            None => self.database.texts(query),
        }
    }

    /// All rows of a database of SQL Server, but the tallies.
    pub(super) fn rows_on_mssql(&self) -> Vec<String> {
        let mut open = self.open.as_ref().expect("it is on a server").borrow_mut();
        self.database.rows_on_mssql(&mut open, false, &["tally"])
    }

    /// All rows of a database of MySQL or MariaDB, but the tallies.
    pub(super) fn rows_on_mysql(&self) -> Vec<String> {
        let mut open = self.open.as_ref().expect("it is on a server").borrow_mut();
        self.database.rows_on_mysql(&mut open, false, &["tally"])
    }
}
