use std::time::Duration;

use dbvc_engine::driver::{
    Action, Actor, AppliedState, End, EntryStatus, ExecutionFilter, Fence, Identity, LockOwner, LockRequest,
    NewExecution, NewSnapshot, Progress, RecordLocation, SnapshotChoice, SnapshotKind,
};
use dbvc_engine::record::RecordSql;
use sqlparser::dialect::MsSqlDialect;
use sqlparser::parser::Parser;
use uuid::Uuid;

use super::*;

fn sql() -> RecordSql {
    RecordSql::new(DIALECT, RecordLocation::default())
}

fn actor() -> Actor {
    Actor {
        user: "o'hara".into(),
        host: "here".into(),
        ci_job: None,
        git_commit: None,
        git_branch: None,
    }
}

fn fence() -> Fence {
    Fence {
        lock: "migrate".into(),
        token: 7,
    }
}

fn execution() -> NewExecution {
    NewExecution {
        run: Uuid::nil(),
        action: Action::Migrate,
        migration: "1.0".into(),
        version: Some("1.0".into()),
        description: "it's 数据".into(),
        kind: "versioned".into(),
        script: "V1.0__it's.sql".into(),
        checksum: "c".into(),
        registration: None,
        statements: 2,
        transactional: true,
        actor: actor(),
        environment: "test".into(),
        reason: None,
        tool_version: "0".into(),
        in_run: None,
    }
}

fn end() -> End {
    End {
        status: EntryStatus::Completed,
        statements_done: 2,
        duration: Some(Duration::from_millis(1500)),
        error: None,
        error_class: None,
        of: None,
        state: Some(AppliedState::Applied),
    }
}

fn request() -> LockRequest {
    LockRequest {
        name: "migrate".into(),
        owner: LockOwner {
            run: Uuid::nil(),
            actor: actor(),
            pid: 1,
            purpose: "migrate".into(),
        },
        ttl: Duration::from_secs(30),
    }
}

fn snapshot() -> NewSnapshot {
    NewSnapshot {
        run: Uuid::nil(),
        kind: SnapshotKind::Run,
        version: Some("1.0".into()),
        checksum: "c".into(),
        content: "{}".into(),
        actor: actor(),
        environment: "test".into(),
        reason: None,
        tool_version: "0".into(),
    }
}

/// Everything that is sent for the record, by what it is for.
fn everything() -> Vec<(&'static str, Vec<String>)> {
    let sql = sql();
    let progress = Progress {
        done: 1,
        digest: "d".into(),
        in_flight: Some("SELECT 'a'".into()),
    };
    let identity = Identity {
        database: "app".into(),
        environment: "test".into(),
        tool_version: "0".into(),
    };
    let filter = |limit| ExecutionFilter {
        migration: Some("1.0".into()),
        limit,
    };
    vec![
        ("install", sql.install(None, &identity)),
        ("survey", sql.survey()),
        ("record", sql.record(&fence(), &execution(), &end())),
        ("start", sql.start(&fence(), &execution(), &progress)),
        ("advance", sql.advance(3, &progress)),
        ("finish", sql.finish(3, &end())),
        (
            "executions",
            vec![sql.executions(&filter(None)), sql.executions(&filter(Some(5)))],
        ),
        ("registration", vec![sql.registration("1.0")]),
        ("keep_snapshot", sql.keep_snapshot(&snapshot())),
        (
            "snapshots",
            vec![sql.snapshots(), sql.snapshot(&SnapshotChoice::Newest)],
        ),
        (
            "lock",
            vec![
                sql.make_fence("migrate"),
                sql.move_fence("migrate"),
                sql.token("migrate"),
                sql.hold(&request(), true, true),
                sql.renew("migrate", Uuid::nil(), Duration::from_secs(30)),
                sql.release("migrate", Uuid::nil()),
                sql.holder_of("migrate"),
            ],
        ),
    ]
}

#[test]
fn the_records_sql_is_what_it_was() {
    let parts: Vec<String> = everything()
        .into_iter()
        .map(|(title, statements)| format!("-- {title}\n{}\nGO\n\n", statements.join(";\n")))
        .collect();
    let text = parts.concat();
    // The chain's name is new with each record.
    let names = r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}";
    insta::with_settings!({filters => vec![(names, "[database id]")]}, {
        insta::assert_snapshot!("record", text.trim_end());
    });
}

/// The texts inside `EXEC(N'…')`, which are batches of their own.
fn inner(sql: &str) -> Option<String> {
    let (_, rest) = sql.split_once("EXEC(N'")?;
    Some(rest.strip_suffix("')")?.replace("''", "'"))
}

/// What the second reader does not know, though the server does.
fn as_it_can_be_read(sql: &str) -> String {
    // It takes `EXEC` only with a procedure's name; what is inside is read on its own.
    match sql.split_once("EXEC(N'") {
        Some((front, _)) => format!("{front}SELECT 1"),
        None => sql.to_owned(),
    }
}

#[test]
fn a_second_reader_of_t_sql_understands_it() {
    let mut texts: Vec<String> = everything()
        .into_iter()
        .flat_map(|(_, statements)| statements)
        .collect();
    let inside: Vec<String> = texts.iter().filter_map(|sql| inner(sql)).collect();
    assert_eq!(inside.len(), 4, "the schema and three views: {inside:?}");
    texts.extend(inside);
    for sql in texts {
        let read = Parser::parse_sql(&MsSqlDialect {}, &as_it_can_be_read(&sql));
        assert!(read.is_ok(), "{read:?}\n{sql}");
    }
}

#[test]
fn keys_fit_into_an_index() {
    // 900 bytes for a clustered one, two for each character (reference, "Maximum capacity specifications").
    let tables = everything().remove(0).1.join("\n");
    for part in tables.split("nvarchar(").skip(1) {
        let Some((length, rest)) = part.split_once(')') else {
            continue;
        };
        let column = rest.split(',').next().unwrap_or_default();
        if column.contains("PRIMARY KEY") {
            let length: u32 = length.parse().expect("a key has a length");
            assert!(length * 2 <= 900, "{length}: {column}");
        }
    }
}

#[test]
fn a_name_of_the_configuration_stays_in_its_brackets() {
    let location = RecordLocation {
        schema: "a]; DROP SCHEMA b; --'".into(),
        ..RecordLocation::default()
    };
    let sql = RecordSql::new(DIALECT, location);
    assert_eq!(sql.table("x"), "[a]]; DROP SCHEMA b; --'].x");
    let identity = Identity {
        database: "d".into(),
        environment: "e".into(),
        tool_version: "0".into(),
    };
    assert_eq!(
        sql.install(None, &identity)[0],
        "IF SCHEMA_ID(N'a]; DROP SCHEMA b; --''') IS NULL EXEC(N'CREATE SCHEMA [a]]; DROP SCHEMA b; --'']')"
    );
}
