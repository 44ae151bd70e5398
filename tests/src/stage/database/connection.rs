//! One connection to a database of any kind.

use mysql_async::prelude::Queryable as _;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _, SqliteConnection};

use super::{Database, mssql, mysql};

/// A connection that stays open: a login takes longer than most of what is asked.
pub struct Open {
    runtime: tokio::runtime::Runtime,
    connection: Connection,
}

enum Connection {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
    MySql(mysql_async::Conn),
    MsSql(Box<mssql::Client>),
}

impl Open {
    /// Connects; a file is made where there is none.
    ///
    /// # Panics
    /// Where the database cannot be reached.
    pub fn on(database: &Database) -> Self {
        Self::connect(database, true)
    }

    pub(super) fn connect(database: &Database, create: bool) -> Self {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        let runtime = builder.enable_all().build().expect("a runtime");
        let connection = runtime.block_on(Connection::open(database, create));
        Self { runtime, connection }
    }

    /// Runs a script.
    ///
    /// # Panics
    /// Where the database refuses.
    pub fn run(&mut self, script: &str) {
        self.runtime.block_on(self.connection.run(script));
    }

    /// The rows of a query whose only column is a text. On MySQL it may be several queries, whose rows are put together.
    ///
    /// # Panics
    /// Where the database refuses.
    pub fn texts(&mut self, query: &str) -> Vec<String> {
        self.runtime.block_on(self.connection.texts(query))
    }

    /// Says goodbye, so that the server knows.
    ///
    /// # Panics
    /// Where the connection broke.
    pub fn close(self) {
        self.runtime.block_on(self.connection.close());
    }
}

impl Connection {
    async fn open(database: &Database, create: bool) -> Self {
        match database {
            Database::Postgres(url) => {
                Self::Postgres(PgConnection::connect(url).await.expect("a connection"))
            }
            Database::Sqlite(path) => {
                let options = sqlx::sqlite::SqliteConnectOptions::new()
                    .filename(path)
                    .create_if_missing(create);
                let connection = SqliteConnection::connect_with(&options).await;
                Self::Sqlite(connection.expect("a database file"))
            }
            Database::MySql(url) => Self::MySql(mysql::connect(url).await),
            Database::MsSql(url) => Self::MsSql(Box::new(Box::pin(mssql::connect(url)).await)),
        }
    }

    async fn run(&mut self, script: &str) {
        let safe = AssertSqlSafe(script.to_owned());
        let failed = match self {
            Self::Postgres(connection) => connection.execute(sqlx::raw_sql(safe)).await.err(),
            Self::Sqlite(connection) => connection.execute(sqlx::raw_sql(safe)).await.err(),
            Self::MySql(conn) => return conn.query_drop(script).await.expect("the script runs"),
            Self::MsSql(client) => return mssql::run(client, script).await,
        };
        assert!(failed.is_none(), "{failed:?} of\n{script}");
    }

    async fn texts(&mut self, query: &str) -> Vec<String> {
        let safe = sqlx::raw_sql(AssertSqlSafe(query.to_owned()));
        let text = "a text";
        match self {
            Self::Postgres(connection) => {
                let rows = connection.fetch_all(safe).await.expect("the query runs");
                let texts = rows.iter().map(|row| row.try_get::<Option<String>, _>(0));
                texts.map(|one| one.expect(text).unwrap_or_default()).collect()
            }
            Self::Sqlite(connection) => {
                let rows = connection.fetch_all(safe).await.expect("the query runs");
                let texts = rows.iter().map(|row| row.try_get::<Option<String>, _>(0));
                texts.map(|one| one.expect(text).unwrap_or_default()).collect()
            }
            Self::MySql(conn) => mysql::texts(conn, query).await,
            Self::MsSql(client) => mssql::texts(client, query).await,
        }
    }

    async fn close(self) {
        match self {
            Self::Postgres(connection) => connection.close().await.expect("it closes"),
            Self::Sqlite(connection) => connection.close().await.expect("it closes"),
            Self::MySql(conn) => conn.disconnect().await.expect("it closes"),
            Self::MsSql(client) => client.close().await.expect("it closes"),
        }
    }
}

impl std::fmt::Debug for Open {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Open").finish_non_exhaustive()
    }
}
