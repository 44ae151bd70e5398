//! Looking into a database, without dbvc.

use std::path::Path;

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, Row as _, SqliteConnection};

/// A database of either kind.
#[derive(Debug, Clone)]
pub enum Database {
    /// The address of one on a server.
    Postgres(String),
    /// The path of a file.
    Sqlite(std::path::PathBuf),
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
        let script = AssertSqlSafe(script.to_owned());
        wait(async {
            match self {
                Self::Postgres(url) => {
                    let mut connection = PgConnection::connect(url).await.expect("a connection");
                    connection
                        .execute(sqlx::raw_sql(script))
                        .await
                        .expect("the script runs");
                    connection.close().await.expect("it closes");
                }
                Self::Sqlite(path) => {
                    let mut connection = open(path, true).await;
                    connection
                        .execute(sqlx::raw_sql(script))
                        .await
                        .expect("the script runs");
                    connection.close().await.expect("it closes");
                }
            }
        });
    }

    /// The rows of a query whose only column is a text.
    ///
    /// # Panics
    /// Where the database refuses.
    pub fn texts(&self, query: &str) -> Vec<String> {
        let query = AssertSqlSafe(query.to_owned());
        wait(async {
            match self {
                Self::Postgres(url) => {
                    let mut connection = PgConnection::connect(url).await.expect("a connection");
                    let rows = connection
                        .fetch_all(sqlx::raw_sql(query))
                        .await
                        .expect("the query runs");
                    connection.close().await.expect("it closes");
                    rows.iter()
                        .map(|row| {
                            row.try_get::<Option<String>, _>(0)
                                .expect("a text")
                                .unwrap_or_default()
                        })
                        .collect()
                }
                Self::Sqlite(path) => {
                    let mut connection = open(path, false).await;
                    let rows = connection
                        .fetch_all(sqlx::raw_sql(query))
                        .await
                        .expect("the query runs");
                    connection.close().await.expect("it closes");
                    rows.iter()
                        .map(|row| {
                            row.try_get::<Option<String>, _>(0)
                                .expect("a text")
                                .unwrap_or_default()
                        })
                        .collect()
                }
            }
        })
    }

    /// Whether there is a table or a view.
    pub fn has_table(&self, name: &str) -> bool {
        let found = match self {
            Self::Postgres(_) => {
                format!("select to_regclass('{name}')::text where to_regclass('{name}') is not null")
            }
            Self::Sqlite(path) if !path.exists() => return false,
            Self::Sqlite(_) => format!("select name from sqlite_master where name = '{name}'"),
        };
        !self.texts(&found).is_empty()
    }

    /// Everything that users have in it, schema and rows, as text. With `own`, dbvc's record too.
    pub fn dump(&self, own: bool) -> Vec<String> {
        let mut dump = self.schema(own);
        dump.extend(match self {
            Self::Postgres(_) => self.rows_on_postgres(own),
            Self::Sqlite(path) if !is_database(path) => Vec::new(),
            Self::Sqlite(_) => self.rows_on_sqlite(own),
        });
        dump
    }

    /// The same without the rows.
    pub fn schema(&self, own: bool) -> Vec<String> {
        match self {
            Self::Sqlite(path) if !is_database(path) => Vec::new(),
            _ => self.texts(&self.schema_query(own)),
        }
    }

    /// The query that gives the schema, one text for each part of it.
    pub fn schema_query(&self, own: bool) -> String {
        match self {
            Self::Postgres(_) => schema_on_postgres(own),
            Self::Sqlite(_) => format!(
                "select type || ' ' || name || ' ' || coalesce(sql, '') from sqlite_master
                 where {own} or (tbl_name not like '{OWN}%' and tbl_name <> 'sqlite_sequence') order by type, name"
            ),
        }
    }

    /// The full name of one of dbvc's own tables or views.
    pub fn own(&self, table: &str) -> String {
        match self {
            Self::Postgres(_) => format!("{OWN}.{table}"),
            Self::Sqlite(_) => format!("{OWN}_{table}"),
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
        let runtime = runtime();
        match self {
            Self::Postgres(url) => {
                let script = AssertSqlSafe(format!("begin; {script}"));
                let mut connection = runtime
                    .block_on(PgConnection::connect(url))
                    .expect("a connection");
                runtime
                    .block_on(connection.execute(sqlx::raw_sql(script)))
                    .expect("the script runs");
                meanwhile();
                runtime
                    .block_on(connection.execute("rollback"))
                    .expect("it rolls back");
            }
            Self::Sqlite(path) => {
                let script = AssertSqlSafe(format!("begin immediate; {script}"));
                let mut connection = runtime.block_on(open(path, true));
                runtime
                    .block_on(connection.execute(sqlx::raw_sql(script)))
                    .expect("the script runs");
                meanwhile();
                runtime
                    .block_on(connection.execute("rollback"))
                    .expect("it rolls back");
            }
        }
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
        let foreign = foreign(own);
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
}

fn schema_on_postgres(own: bool) -> String {
    let foreign = foreign(own);
    format!(
        "select line from (
           select 'schema ' || n.nspname as line from pg_namespace n where {foreign}
           union all select 'relation ' || c.relkind::text || ' ' || c.oid::regclass::text from pg_class c
             join pg_namespace n on n.oid = c.relnamespace where {foreign}
           union all select 'column ' || c.oid::regclass::text || '.' || a.attname || ' '
               || format_type(a.atttypid, a.atttypmod) || ' ' || a.attnotnull || ' '
               || coalesce(pg_get_expr(d.adbin, d.adrelid), '') from pg_attribute a
             join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
             left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
             where a.attnum > 0 and not a.attisdropped and {foreign}
           union all select 'index ' || i.indexrelid::regclass::text || ' ' || i.indisvalid || ' '
               || pg_get_indexdef(i.indexrelid) from pg_index i join pg_class c on c.oid = i.indexrelid
             join pg_namespace n on n.oid = c.relnamespace where {foreign}
           union all select 'constraint ' || o.conname || ' ' || pg_get_constraintdef(o.oid) from pg_constraint o
             join pg_namespace n on n.oid = o.connamespace where {foreign}
           union all select 'view ' || c.oid::regclass::text || ' ' || pg_get_viewdef(c.oid) from pg_class c
             join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('v', 'm') and {foreign}
           union all select pg_get_functiondef(p.oid) from pg_proc p
             join pg_namespace n on n.oid = p.pronamespace where p.prokind <> 'a' and {foreign}
           union all select pg_get_triggerdef(t.oid) from pg_trigger t join pg_class c on c.oid = t.tgrelid
             join pg_namespace n on n.oid = c.relnamespace where not t.tgisinternal and {foreign}
           union all select 'type ' || t.typname || ' ' || t.typtype::text from pg_type t
             join pg_namespace n on n.oid = t.typnamespace where t.typtype in ('e', 'd') and {foreign}
         ) as everything order by line"
    )
}

/// What a query on PostgreSQL's catalogue, with a namespace `n`, is limited to.
fn foreign(own: bool) -> String {
    format!(
        "n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema' and ({own} or n.nspname <> '{OWN}')"
    )
}

/// Whether a file is a SQLite database with something in it: an empty file is one without, and others are none.
fn is_database(path: &Path) -> bool {
    std::fs::read(path).is_ok_and(|content| content.starts_with(b"SQLite format 3\0"))
}

async fn open(path: &Path, create: bool) -> SqliteConnection {
    let options = sqlx::sqlite::SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(create);
    SqliteConnection::connect_with(&options)
        .await
        .expect("a database file")
}

fn wait<T>(work: impl Future<Output = T>) -> T {
    runtime().block_on(work)
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime")
}
