//! Looking into the database through a connection that stays open: a login takes longer than all else that is asked.

use std::cell::RefCell;

use dbvc_tests::stage::Database;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _};

/// Looks into a database.
pub(super) struct Eye {
    database: Database,
    open: Option<RefCell<Open>>,
}

struct Open {
    runtime: tokio::runtime::Runtime,
    connection: PgConnection,
}

impl Eye {
    /// Connects where that takes long.
    pub(super) fn on(database: &Database) -> Self {
        let open = match database {
            Database::Sqlite(_) => None,
            Database::Postgres(url) => {
                let mut builder = tokio::runtime::Builder::new_current_thread();
                let runtime = builder.enable_all().build().expect("a runtime");
                let connection = runtime
                    .block_on(PgConnection::connect(url))
                    .expect("a connection");
                Some(RefCell::new(Open { runtime, connection }))
            }
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
        let Some(open) = &self.open else {
            return self.database.texts(query);
        };
        let Open { runtime, connection } = &mut *open.borrow_mut();
        let query = AssertSqlSafe(query.to_owned());
        let rows = runtime
            .block_on(connection.fetch_all(sqlx::raw_sql(query)))
            .expect("the query runs");
        let text = |row: &sqlx::postgres::PgRow| row.get::<Option<String>, _>(0).unwrap_or_default();
        rows.iter().map(text).collect()
    }
}

impl std::fmt::Debug for Eye {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_tuple("Eye").field(&self.database).finish()
    }
}
