//! What there is in a database of MySQL or MariaDB.

use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Opts, OptsBuilder, Row, Value};

use super::OWN;

/// For the one who looks `||` joins texts, as everywhere else, and long lists are not cut.
const SESSION: &str =
    "set session sql_mode = concat(@@sql_mode, ',PIPES_AS_CONCAT'), group_concat_max_len = 1000000";

pub(super) async fn connect(url: &str) -> Conn {
    let url = url.replacen("mariadb:", "mysql:", 1);
    let options = Opts::from_url(&url).expect("an address");
    let builder = OptsBuilder::from_opts(options).prefer_socket(false);
    let mut conn = Conn::new(builder).await.expect("a connection");
    conn.query_drop(SESSION).await.expect("the session is set");
    conn
}

/// The first column of the rows that one query or several give. What stories ask on every database is asked with the
/// only type of texts that a cast has here.
pub(super) async fn texts(conn: &mut Conn, query: &str) -> Vec<String> {
    let query = query
        .replace(" as text)", " as char)")
        .replace(" as varchar(", " as char(");
    let mut result = conn
        .query_iter(&query)
        .await
        .unwrap_or_else(|error| panic!("{error} in\n{query}"));
    let mut texts = Vec::new();
    while !result.is_empty() {
        let rows: Vec<Row> = result
            .collect()
            .await
            .unwrap_or_else(|error| panic!("{error} in\n{query}"));
        texts.extend(rows.into_iter().map(text));
    }
    result.drop_result().await.expect("the answer ends");
    texts
}

fn text(row: Row) -> String {
    match row.unwrap_raw().into_iter().next().flatten() {
        Some(Value::Bytes(bytes)) => String::from_utf8_lossy(&bytes).into_owned(),
        None | Some(Value::NULL) => String::new(),
        Some(other) => other.as_sql(true),
    }
}

/// Finds a table or a view.
pub(super) fn find(name: &str) -> String {
    format!(
        "select table_name from information_schema.tables where table_schema = database() and table_name = '{name}'"
    )
}

/// The queries that give the schema, without the database's name: copies of it look the same.
pub(super) fn schema(own: bool) -> String {
    let of = |schema: &str, name: &str| {
        format!("where {schema} = database() and ({own} or {name} not like '{OWN}%') order by 1")
    };
    let nameless = |text: &str| format!("replace({text}, concat('`', database(), '`.'), '')");
    [
        format!(
            "select concat_ws(' ', lower(table_type), table_name, engine, table_collation)
             from information_schema.tables {}",
            of("table_schema", "table_name")
        ),
        format!(
            "select concat_ws(' ', 'column', table_name, ordinal_position, column_name, column_type, is_nullable,
             coalesce(column_default, '-'), extra, collation_name, column_comment) from information_schema.columns {}",
            of("table_schema", "table_name")
        ),
        format!(
            "select concat_ws(' ', 'index', table_name, index_name, seq_in_index, column_name, non_unique, sub_part,
             index_type) from information_schema.statistics {}",
            of("table_schema", "table_name")
        ),
        format!(
            "select concat_ws(' ', 'key', table_name, constraint_name, column_name, referenced_table_name,
             referenced_column_name) from information_schema.key_column_usage {}",
            of("table_schema", "table_name")
        ),
        "select concat_ws(' ', 'check', constraint_name, check_clause) from information_schema.check_constraints
         where constraint_schema = database() order by 1"
            .to_owned(),
        format!(
            "select concat_ws(' ', 'view', table_name, {}, security_type) from information_schema.views {}",
            nameless("view_definition"),
            of("table_schema", "table_name")
        ),
        format!(
            "select concat_ws(' ', lower(routine_type), routine_name, routine_definition, is_deterministic)
             from information_schema.routines {}",
            of("routine_schema", "routine_name")
        ),
        format!(
            "select concat_ws(' ', 'trigger', trigger_name, action_timing, event_manipulation, event_object_table,
             action_order, {}) from information_schema.triggers {}",
            nameless("action_statement"),
            of("trigger_schema", "trigger_name")
        ),
        format!(
            "select concat_ws(' ', 'event', event_name, interval_value, interval_field, status, event_definition)
             from information_schema.events {}",
            of("event_schema", "event_name")
        ),
    ]
    .join(";\n")
}

/// A query that gives queries: one for each table, for its rows as texts, without the tables named in `but`.
pub(super) fn row_queries(own: bool, but: &[&str]) -> String {
    let but: Vec<String> = but.iter().map(|table| format!(", '{table}'")).collect();
    let but = but.concat();
    format!(
        "select concat('select concat_ws('', '', ''', t.table_name, ':'', ',
           (select group_concat(concat('quote(`', c.column_name, '`)') order by c.ordinal_position)
            from information_schema.columns c
            where c.table_schema = t.table_schema and c.table_name = t.table_name),
           ') from `', t.table_name, '` order by 1')
         from information_schema.tables t
         where t.table_schema = database() and t.table_type = 'BASE TABLE'
           and ({own} or t.table_name not like '{OWN}%') and t.table_name not in (''{but})
         order by t.table_name"
    )
}
