//! What there is in a database of SQL Server.

use percent_encoding::percent_decode_str;
use tiberius::{AuthMethod, ColumnData, Config, EncryptionLevel, Row};
use tokio::net::TcpStream;
use tokio_util::compat::{Compat, TokioAsyncWriteCompatExt as _};
use url::Url;

use super::super::tsql;
use super::OWN;
use crate::servers::one_at_a_time;

/// Nobody waits longer for another's lock: the server's own way is to wait without end.
const LOCK_TIMEOUT: &str = "SET LOCK_TIMEOUT 20000";

pub(super) type Client = tiberius::Client<Compat<TcpStream>>;

/// Connects as the address says. A test's server is on a network that is trusted.
pub(super) async fn connect(url: &str) -> Client {
    let url = Url::parse(url).expect("an address");
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let mut config = Config::new();
    config.host(url.host_str().expect("a host"));
    config.port(url.port().unwrap_or(1433));
    config.database(decoded(url.path().trim_start_matches('/')));
    let password = decoded(url.password().unwrap_or_default());
    config.authentication(AuthMethod::sql_server(decoded(url.username()), password));
    config.trust_cert();
    if url
        .query_pairs()
        .any(|(key, value)| key == "encrypt" && value == "none")
    {
        config.encryption(EncryptionLevel::NotSupported);
    }
    let stream = TcpStream::connect(config.get_addr()).await.expect("a connection");
    stream.set_nodelay(true).expect("a socket");
    let connected = Box::pin(Client::connect(config, stream.compat_write())).await;
    let mut client = connected.unwrap_or_else(|error| panic!("no login: {error}"));
    send(&mut client, LOCK_TIMEOUT)
        .await
        .expect("a session's setting");
    client
}

/// Makes a database beside the maintenance database, and gives its address.
pub(crate) fn create(maintenance: &str, name: &str) -> String {
    // A text without `N` before it is in the database's own characters, so they must be all that there are.
    let sql = format!("CREATE DATABASE [{name}] COLLATE Latin1_General_100_CI_AS_SC_UTF8");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let make = || {
        runtime.block_on(async {
            let mut client = Box::pin(connect(maintenance)).await;
            send(&mut client, &sql).await.map_err(|error| error.to_string())
        })
    };
    one_at_a_time(make).unwrap_or_else(|told| panic!("{told} in\n{sql}"));
    let mut url = Url::parse(maintenance).expect("an address");
    url.set_path(&format!("/{name}"));
    url.to_string()
}

/// Runs a script batch by batch.
pub(super) async fn run(client: &mut Client, script: &str) {
    for batch in tsql::batches(&tsql::script(script)) {
        let told = send(client, &batch).await;
        told.unwrap_or_else(|error| panic!("{error} in\n{batch}"));
    }
}

async fn send(client: &mut Client, batch: &str) -> tiberius::Result<()> {
    client.simple_query(batch).await?.into_results().await.map(drop)
}

/// The first column of the rows.
pub(super) async fn texts(client: &mut Client, query: &str) -> Vec<String> {
    let query = tsql::statement(query);
    let rows = match client.simple_query(&query).await {
        Ok(stream) => stream.into_results().await,
        Err(error) => Err(error),
    };
    let rows = rows.unwrap_or_else(|error| panic!("{error} in\n{query}"));
    rows.into_iter().flatten().map(text).collect()
}

fn text(row: Row) -> String {
    match row.into_iter().next() {
        Some(ColumnData::String(text)) => text.unwrap_or_default().into_owned(),
        Some(ColumnData::U8(number)) => number.map(|number| number.to_string()).unwrap_or_default(),
        Some(ColumnData::I16(number)) => number.map(|number| number.to_string()).unwrap_or_default(),
        Some(ColumnData::I32(number)) => number.map(|number| number.to_string()).unwrap_or_default(),
        Some(ColumnData::I64(number)) => number.map(|number| number.to_string()).unwrap_or_default(),
        Some(ColumnData::Bit(bit)) => bit.map(|bit| u8::from(bit).to_string()).unwrap_or_default(),
        Some(other) => panic!("the first column is no text: {other:?}"),
        None => String::new(),
    }
}

/// Finds a table or a view.
pub(super) fn find(name: &str) -> String {
    format!("select 'x' where object_id('{name}') is not null")
}

/// What a query on the catalogue, with a schema `s`, is limited to.
fn foreign(own: bool) -> String {
    let own = if own { "1 = 1" } else { "1 = 0" };
    format!("({own} or s.name <> '{OWN}')")
}

/// The query that gives the schema. Names that the server makes up are left out: each has a number in it.
pub(super) fn schema(own: bool) -> String {
    let foreign = foreign(own);
    let of_tables = format!(
        "join sys.tables t on t.object_id = x.object_id join sys.schemas s on s.schema_id = t.schema_id where {foreign}"
    );
    let of_parents = of_tables.replace("x.object_id", "x.parent_object_id");
    format!(
        "select line from (
           select concat('object ', s.name, '.', o.name, ' ', o.type) as line from sys.objects o
             join sys.schemas s on s.schema_id = o.schema_id
             where o.is_ms_shipped = 0 and o.type in ('U', 'V', 'P', 'FN', 'IF', 'TF', 'TR', 'SN') and {foreign}
           union all select concat('column ', s.name, '.', t.name, '.', x.name, ' ', type_name(x.user_type_id), ' ',
               x.max_length, ' ', x.is_nullable, ' ', x.is_identity) from sys.columns x {of_tables}
           union all select concat('index on ', s.name, '.', t.name, ' ', i.type_desc, ' ', i.is_unique, ' ',
               i.is_primary_key, ' ', case when i.is_primary_key = 0 and i.is_unique_constraint = 0 then i.name end, ' ',
               x.key_ordinal, ' ', c.name) from sys.index_columns x
             join sys.indexes i on i.object_id = x.object_id and i.index_id = x.index_id
             join sys.columns c on c.object_id = x.object_id and c.column_id = x.column_id {of_tables}
           union all select concat('reference ', s.name, '.', t.name, ' ', object_name(x.referenced_object_id), ' ',
               x.delete_referential_action_desc) from sys.foreign_keys x {of_parents}
           union all select concat('check ', s.name, '.', t.name, ' ', x.definition)
             from sys.check_constraints x {of_parents}
           union all select concat('default ', s.name, '.', t.name, ' ', x.definition)
             from sys.default_constraints x {of_parents}
           union all select concat('module ', m.definition) from sys.sql_modules m
             join sys.objects o on o.object_id = m.object_id join sys.schemas s on s.schema_id = o.schema_id
             where o.is_ms_shipped = 0 and {foreign}
         ) as everything order by line"
    )
}

/// A query that gives the tables, but those named in `but`.
pub(super) fn tables(own: bool, but: &[&str]) -> String {
    let but: Vec<String> = but.iter().map(|table| format!(", '{table}'")).collect();
    format!(
        "select concat('[', s.name, '].[', t.name, ']') as line from sys.tables t
         join sys.schemas s on s.schema_id = t.schema_id
         where {} and t.name not in (''{}) order by line",
        foreign(own),
        but.concat()
    )
}
