//! The golden files of the splitter, shown to the servers: each statement is one statement to them, too.

use std::path::Path;

use dbvc_engine::sql::{Dialect, SegmentKind, split};
use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Error};

use crate::place::{places, plain};

/// Files with something that a server does not know or that is wrong on purpose.
const NOT_FOR: &[(&str, &[&str])] = &[
    // Only MariaDB has blocks outside stored programs, and these conditions.
    ("begin_not_atomic", &["mysql"]),
    ("if_exists_in_programs", &["mysql"]),
    ("triggers", &["mysql"]),
    // Only Oracle's enterprise edition has the language.
    ("javascript_routine", &["mariadb", "mysql"]),
    ("delimiter_at_the_end_without_value", &["mariadb", "mysql"]),
    ("unterminated_program", &["mariadb", "mysql"]),
    ("unterminated_string", &["mariadb", "mysql"]),
    // A NUL in a name's place.
    ("nul_and_emoji", &["mysql"]),
];

const SYNTAX: u16 = 1064;

#[tokio::test]
async fn each_golden_statement_is_one_statement_to_the_servers() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dbvc-engine/testdata/split/mysql");
    for place in places().await {
        let mut files = 0;
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            if path.extension().is_none_or(|extension| extension != "sql") || is_left_out(&name, place.server)
            {
                continue;
            }
            let script = std::fs::read_to_string(&path).unwrap();
            let mut conn = plain(&place.url).await;
            conn.query_drop("SET @old = @@sql_mode").await.unwrap();
            for placed in split(&script, &Dialect::MYSQL) {
                if placed.segment.kind == SegmentKind::Statement {
                    shown(
                        &mut conn,
                        placed.code(&script),
                        &format!("{name} on {}", place.server),
                    )
                    .await;
                }
            }
            files += 1;
        }
        assert!(files > 40, "only {files} files");
    }
}

fn is_left_out(name: &str, server: &str) -> bool {
    NOT_FOR
        .iter()
        .any(|(file, servers)| *file == name && servers.contains(&server))
}

/// Preparing takes one statement and parses it whole; that it cannot be prepared, or names what is not there, is found
/// out afterwards.
async fn shown(conn: &mut Conn, sql: &str, place: &str) {
    if sql.starts_with("SET ") {
        conn.query_drop(sql).await.unwrap();
        return;
    }
    match conn.prep(sql).await {
        Ok(statement) => conn.close(statement).await.unwrap(),
        Err(Error::Server(error)) => assert_ne!(error.code, SYNTAX, "{place}: {sql}: {}", error.message),
        Err(error) => panic!("{place}: {sql}: {error}"),
    }
}
