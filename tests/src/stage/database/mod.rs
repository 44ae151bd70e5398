//! Looking into a database, without dbvc.

mod connection;
mod mssql;
mod mysql;
mod postgres;
mod sqlite;

use std::path::Path;

pub use connection::Open;
pub(super) use mssql::create as create_on_mssql;

/// A database of any kind.
#[derive(Debug, Clone)]
pub enum Database {
    /// The address of one on a server.
    Postgres(String),
    /// The path of a file.
    Sqlite(std::path::PathBuf),
    /// The address of one on a server of MySQL or MariaDB.
    MySql(String),
    /// The address of one on a server of SQL Server.
    MsSql(String),
}

/// dbvc's own tables: their names, or their schema.
const OWN: &str = "version_control";

impl Database {
    /// A SQLite file.
    pub fn file(path: impl AsRef<Path>) -> Self {
        Self::Sqlite(path.as_ref().to_owned())
    }

    /// Runs a script.
    ///
    /// # Panics
    /// Where the database refuses.
    pub fn run(&self, script: &str) {
        let mut open = Open::on(self);
        open.run(script);
        open.close();
    }

    /// The rows of a query whose only column is a text.
    ///
    /// # Panics
    /// Where the database refuses.
    pub fn texts(&self, query: &str) -> Vec<String> {
        let mut open = Open::connect(self, false);
        let texts = open.texts(query);
        open.close();
        texts
    }

    /// Whether there is a table or a view.
    pub fn has_table(&self, name: &str) -> bool {
        let found = match self {
            Self::Postgres(_) => {
                format!("select to_regclass('{name}')::text where to_regclass('{name}') is not null")
            }
            Self::Sqlite(path) if !path.exists() => return false,
            Self::Sqlite(_) => format!("select name from sqlite_master where name = '{name}'"),
            Self::MySql(_) => mysql::find(name),
            Self::MsSql(_) => mssql::find(name),
        };
        !self.texts(&found).is_empty()
    }

    /// Everything that users have in it, schema and rows, as text. With `own`, dbvc's record too.
    pub fn dump(&self, own: bool) -> Vec<String> {
        let mut dump = self.schema(own);
        dump.extend(match self {
            Self::Postgres(_) => self.rows_on_postgres(own),
            Self::Sqlite(path) if !sqlite::is_database(path) => Vec::new(),
            Self::Sqlite(_) => self.rows_on_sqlite(own),
            Self::MySql(_) => {
                let mut open = Open::on(self);
                let rows = self.rows_on_mysql(&mut open, own, &[]);
                open.close();
                rows
            }
            Self::MsSql(_) => {
                let mut open = Open::on(self);
                let rows = self.rows_on_mssql(&mut open, own, &[]);
                open.close();
                rows
            }
        });
        dump
    }

    /// The same without the rows.
    pub fn schema(&self, own: bool) -> Vec<String> {
        match self {
            Self::Sqlite(path) if !sqlite::is_database(path) => Vec::new(),
            _ => self.texts(&self.schema_query(own)),
        }
    }

    /// The query that gives the schema, one text for each part of it.
    pub fn schema_query(&self, own: bool) -> String {
        match self {
            Self::Postgres(_) => postgres::schema(own),
            Self::Sqlite(_) => sqlite::schema(own),
            Self::MySql(_) => mysql::schema(own),
            Self::MsSql(_) => mssql::schema(own),
        }
    }

    /// The full name of one of dbvc's own tables or views.
    pub fn own(&self, table: &str) -> String {
        match self {
            Self::Postgres(_) | Self::MsSql(_) => format!("{OWN}.{table}"),
            Self::Sqlite(_) | Self::MySql(_) => format!("{OWN}_{table}"),
        }
    }

    /// A query in which `@name` stood for one of dbvc's own tables.
    pub fn named(&self, query: &str) -> String {
        let mut words = String::new();
        for (index, part) in query.split('@').enumerate() {
            if index == 0 {
                words.push_str(part);
                continue;
            }
            let end = part
                .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'))
                .unwrap_or(part.len());
            words.push_str(&self.own(&part[..end]));
            words.push_str(&part[end..]);
        }
        words
    }

    /// Does something while a transaction that ran `script` is open; then rolls it back. On a file it is the only writer.
    ///
    /// # Panics
    /// Where the database refuses.
    pub fn holding(&self, script: &str, meanwhile: impl FnOnce()) {
        let begin = match self {
            Self::Sqlite(_) => "begin immediate",
            Self::Postgres(_) | Self::MySql(_) => "begin",
            Self::MsSql(_) => "begin transaction",
        };
        let mut open = Open::on(self);
        open.run(&format!("{begin}; {script}"));
        meanwhile();
        open.run("rollback");
    }

    fn rows_on_sqlite(&self, own: bool) -> Vec<String> {
        let mut dump = Vec::new();
        let tables = self.texts(&format!(
            "select name from sqlite_master where type = 'table' and ({own} or (name not like '{OWN}%' and name <> 'sqlite_sequence')) order by name"
        ));
        for table in tables {
            let columns = self.texts(&format!(
                "select group_concat('quote(\"' || name || '\")', '||'',''||') from pragma_table_info('{table}')"
            ));
            let rows = self.texts(&format!(
                "select {} from \"{table}\" order by 1",
                columns.join("")
            ));
            dump.extend(rows.into_iter().map(|row| format!("{table}: {row}")));
        }
        dump
    }

    fn rows_on_postgres(&self, own: bool) -> Vec<String> {
        let foreign = postgres::foreign(own);
        let mut dump = Vec::new();
        let tables = self.texts(&format!(
            "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace
             where c.relkind in ('r', 'p') and {foreign} order by 1"
        ));
        for table in tables {
            let rows = self.texts(&format!("select row_to_json(t)::text from {table} t order by 1"));
            dump.extend(rows.into_iter().map(|row| format!("{table}: {row}")));
        }
        dump
    }

    /// All rows of a database of SQL Server, but those of the tables in `but`.
    pub fn rows_on_mssql(&self, open: &mut Open, own: bool, but: &[&str]) -> Vec<String> {
        let tables = open.texts(&mssql::tables(own, but));
        let rows = tables.into_iter().map(|table| {
            // A long text comes in several rows.
            let rows = open.texts(&format!(
                "select * from {table} order by 1 for json path, include_null_values"
            ));
            format!("{table}: {}", rows.concat())
        });
        rows.collect()
    }

    /// All rows of a database of MySQL or MariaDB, but those of the tables in `but`.
    pub fn rows_on_mysql(&self, open: &mut Open, own: bool, but: &[&str]) -> Vec<String> {
        let queries = open.texts(&mysql::row_queries(own, but));
        if queries.is_empty() {
            return Vec::new();
        }
        open.texts(&queries.join(";\n"))
    }
}
