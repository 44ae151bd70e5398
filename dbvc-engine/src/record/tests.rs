use std::time::Duration;

use proptest::prelude::*;
use uuid::Uuid;

use super::{RecordDialect, RecordGrammar, RecordSql, quote_standard};
use crate::driver::{
    Action, Actor, AppliedState, End, EntryStatus, ExecutionFilter, Fence, Identity, LAYOUT, NewExecution,
    Progress, RecordLocation, Rows,
};
use crate::error::ErrorKind;

/// The plainest dialect there is, so that the golden texts show what the record adds and not what a dialect does.
pub(super) const PLAIN: RecordDialect = RecordDialect {
    schemas: false,
    literal: quote_standard,
    now: "now()",
    begun: "begun()",
    iso: |time| format!("iso({time})"),
    moved: |time, millis| format!("moved({time}, {millis})"),
    millis: |from, to| format!("millis({from}, {to})"),
    session: "session()",
    login: Some("login()"),
    alive: |_, lock| format!("alive({lock})"),
    rank_type: "rank",
    time_type: "time",
    sha256: Some(|text| format!("sha256({text})")),
    json: |text| format!("json({text})"),
    grammar: RecordGrammar::STANDARD,
};

fn sql() -> RecordSql {
    RecordSql::new(PLAIN, RecordLocation::default())
}

fn in_schema(schema: &str) -> RecordSql {
    let dialect = RecordDialect {
        schemas: true,
        ..PLAIN
    };
    let location = RecordLocation {
        schema: schema.into(),
        ..RecordLocation::default()
    };
    RecordSql::new(dialect, location)
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
        description: "it's".into(),
        kind: "versioned".into(),
        script: "V1.0__it's.sql".into(),
        checksum: "c".into(),
        registration: None,
        statements: 2,
        transactional: true,
        actor: Actor {
            user: "ann".into(),
            host: "here".into(),
            ci_job: None,
            git_commit: None,
            git_branch: None,
        },
        environment: "test".into(),
        reason: None,
        tool_version: "0".into(),
        in_run: None,
    }
}

fn end(state: Option<AppliedState>) -> End {
    End {
        status: EntryStatus::Completed,
        statements_done: 2,
        duration: None,
        error: None,
        state,
        error_class: None,
        of: None,
    }
}

fn rows(cells: &[&[Option<&str>]]) -> Vec<Rows> {
    let cells = cells
        .iter()
        .map(|row| row.iter().map(|cell| cell.map(ToOwned::to_owned)).collect());
    vec![Rows {
        columns: Vec::new(),
        cells: cells.collect(),
    }]
}

#[test]
fn a_survey_reads_no_scripts() {
    insta::assert_snapshot!(sql().survey().join(";\n"), @r#"
    SELECT 'layout', max(layout) FROM "version_control_db_inventory";
    SELECT 'lock', l.run_id, l.owner_user, l.owner_host, l.ci_job, l.owner_pid, l.purpose, f.token, iso(l.acquired_at), iso(l.expires_at), CASE WHEN l.expires_at <= now() THEN 1 ELSE 0 END, alive(l) FROM "version_control_migration_locks" l JOIN "version_control_migration_fences" f ON f.lock_name = l.lock_name;
    SELECT 'snapshot', max(snapshot_id) FROM "version_control_schema_snapshots" WHERE NOT EXISTS (SELECT 1 FROM "version_control_migration_registry" WHERE migration_id = '') AND NOT EXISTS (SELECT 1 FROM "version_control_migration_execution_history" WHERE execution_id < 0);
    SELECT 'applied', migration_id, version, description, kind, script, checksum, status, action, execution_id, iso(applied_at), applied_by, duration_ms, statements_done, progress_digest, in_flight, session_id FROM "version_control_migration_applied_status" ORDER BY execution_id;
    SELECT 'trail', count(*) FROM "version_control_audit_heads" WHERE chain = 'this' AND NOT EXISTS (SELECT 1 FROM "version_control_audit_events" WHERE sequence < 0)
    "#);
}

#[test]
fn an_entry_of_its_own_is_dated_by_the_server() {
    insta::assert_snapshot!(sql().record(&fence(), &execution(), &end(None)).join(";\n"), @r#"
    INSERT INTO "version_control_migration_registry" (migration_id, version, description, kind, script, checksum, up_script, down_script, registered_at, registered_by) VALUES ('1.0', '1.0', 'it''s', 'versioned', 'V1.0__it''s.sql', 'c', NULL, NULL, now(), login()) ON CONFLICT (migration_id) DO UPDATE SET description = excluded.description, kind = excluded.kind, script = excluded.script, checksum = excluded.checksum;
    INSERT INTO "version_control_migration_execution_history" (run_id, migration_id, version, description, kind, script, action, status, checksum, started_at, finished_at, duration_ms, statements, statements_done, transactional, db_login, executed_by, host, ci_job, environment_name, reason, error_message, tool_version, session_id, fence) VALUES ('00000000-0000-0000-0000-000000000000', '1.0', '1.0', 'it''s', 'versioned', 'V1.0__it''s.sql', 'migrate', 'completed', 'c', begun(), now(), millis(begun(), now()), 2, 2, 1, login(), 'ann', 'here', NULL, 'test', NULL, NULL, '0', session(), 7);
    INSERT INTO "version_control_audit_events" (sequence, event, digest) SELECT n.sequence, n.event, sha256(n.event) FROM (SELECT p.sequence + 1 AS sequence, CASE WHEN p.execution_id IS NOT NULL THEN concat('{"action":"started","actor":{"host":"here","login":', json(login()), ',"user":"ann"},"at":"', concat(substring(iso(p.started_at), 1, 23), 'Z'), '","checksum":"c","databaseId":"', p.database_id, '","details":{"description":"it''s","doing":"migrate","execution":"', p.execution_id, '","statements":"2"},"environment":"test","id":"', p.database_id, ':', p.sequence + 1, '","migration":"1.0","previous":"', p.digest, '","run":"', p.run_id, '","script":"V1.0__it''s.sql","sequence":', p.sequence + 1, ',"toolVersion":"0"}') END AS event FROM (SELECT h.database_id, h.sequence, h.digest, e.execution_id, e.run_id, e.started_at, e.finished_at, e.duration_ms FROM (SELECT 1 AS one) o LEFT JOIN (SELECT database_id, sequence, digest FROM "version_control_audit_heads" WHERE chain = 'this') h ON 1 = 1 LEFT JOIN "version_control_migration_execution_history" e ON e.execution_id = (SELECT max(execution_id) FROM "version_control_migration_execution_history" WHERE migration_id = '1.0')) p) n;
    INSERT INTO "version_control_audit_events" (sequence, event, digest) SELECT n.sequence, n.event, sha256(n.event) FROM (SELECT p.sequence + 1 AS sequence, CASE WHEN p.execution_id IS NOT NULL THEN concat('{"action":"completed","actor":{"host":"here","login":', json(login()), ',"user":"ann"},"at":"', concat(substring(iso(p.finished_at), 1, 23), 'Z'), '","checksum":"c","databaseId":"', p.database_id, '","details":{"description":"it''s","doing":"migrate","execution":"', p.execution_id, '","statements":"2","statementsDone":"2"},"durationMs":', coalesce(p.duration_ms, 0), ',"environment":"test","id":"', p.database_id, ':', p.sequence + 1, '","migration":"1.0","outcome":"success","previous":"', p.digest, '","run":"', p.run_id, '","script":"V1.0__it''s.sql","sequence":', p.sequence + 1, ',"startedAt":"', concat(substring(iso(p.started_at), 1, 23), 'Z'), '","toolVersion":"0"}') END AS event FROM (SELECT h.database_id, h.sequence, h.digest, e.execution_id, e.run_id, e.started_at, e.finished_at, e.duration_ms FROM (SELECT 1 AS one) o LEFT JOIN (SELECT h.database_id, a.sequence, a.digest FROM "version_control_audit_heads" h JOIN "version_control_audit_events" a ON a.sequence = h.sequence + 1 WHERE h.chain = 'this') h ON 1 = 1 LEFT JOIN "version_control_migration_execution_history" e ON e.execution_id = (SELECT max(execution_id) FROM "version_control_migration_execution_history" WHERE migration_id = '1.0')) p) n;
    UPDATE "version_control_audit_heads" SET digest = (SELECT digest FROM "version_control_audit_events" WHERE sequence = "version_control_audit_heads".sequence + 2), sequence = sequence + 2 WHERE chain = 'this'
    "#);
}

#[test]
fn progress_and_end_touch_only_their_own_execution() {
    let progress = Progress {
        done: 1,
        digest: "d".into(),
        in_flight: Some("SELECT 'a'".into()),
    };
    let mut statements = sql().advance(3, &progress);
    statements.extend(sql().finish(3, &end(Some(AppliedState::Applied))));
    insta::assert_snapshot!(statements.join(";\n"), @r#"
    UPDATE "version_control_migration_execution_history" SET statements_done = 1, duration_ms = millis(started_at, now()) WHERE execution_id = 3;
    UPDATE "version_control_migration_applied_status" SET statements_done = 1, progress_digest = 'd', in_flight = 'SELECT ''a''', session_id = session() WHERE migration_id = (SELECT migration_id FROM "version_control_migration_execution_history" WHERE execution_id = 3) AND execution_id = 3;
    UPDATE "version_control_migration_execution_history" SET status = 'completed', finished_at = now(), duration_ms = coalesce(duration_ms, millis(started_at, now())), statements_done = 2, error_message = NULL WHERE execution_id = 3;
    UPDATE "version_control_migration_applied_status" SET status = 'applied', applied_at = now(), duration_ms = (SELECT duration_ms FROM "version_control_migration_execution_history" WHERE execution_id = 3), statements_done = 2, progress_digest = NULL, in_flight = NULL, session_id = NULL WHERE migration_id = (SELECT migration_id FROM "version_control_migration_execution_history" WHERE execution_id = 3) AND execution_id = 3
    "#);
}

#[test]
fn the_history_is_read_newest_last_and_limited_from_the_newest() {
    let filter = ExecutionFilter {
        migration: Some("R__it's".into()),
        limit: Some(5),
    };
    insta::assert_snapshot!(sql().executions(&filter), @r#"
    SELECT execution_id, run_id, action, status, migration_id, description, script, checksum, iso(started_at), iso(finished_at), duration_ms, statements, statements_done, db_login, executed_by, host, ci_job, environment_name, reason, error_message, tool_version FROM (SELECT * FROM "version_control_migration_execution_history" WHERE migration_id = 'R__it''s' ORDER BY execution_id DESC LIMIT 5) AS newest ORDER BY execution_id
    "#);
}

#[test]
fn a_duration_that_is_known_moves_the_beginning_back() {
    let end = End {
        duration: Some(Duration::from_millis(1500)),
        ..end(None)
    };
    let statements = sql().record(&fence(), &execution(), &end).join(";\n");
    assert!(
        statements.contains("moved(now(), -1500), now(), 1500,"),
        "{statements}"
    );
}

#[test]
fn a_rollback_leaves_the_registry_alone_and_makes_repeatable_ones_stale() {
    let mut undo = execution();
    undo.action = Action::Rollback;
    let statements = sql().record(&fence(), &undo, &end(Some(AppliedState::RolledBack)));
    assert!(!statements.iter().any(|sql| sql.contains("migration_registry")));
    assert!(statements.iter().any(|sql| sql.contains("'stale'")));
}

#[test]
fn a_fix_leaves_when_and_in_which_order_migrations_ran() {
    let statements_of = |action| {
        let execution = NewExecution {
            action,
            ..execution()
        };
        sql()
            .record(&fence(), &execution, &end(Some(AppliedState::Applied)))
            .join("\n")
    };
    for kept in ["execution_id", "applied_at", "applied_by", "duration_ms"] {
        let written = format!("{kept} = excluded.{kept}");
        assert!(!statements_of(Action::Fix).contains(&written), "{kept}");
        assert!(statements_of(Action::Migrate).contains(&written), "{kept}");
    }
    assert!(statements_of(Action::Fix).contains("checksum = excluded.checksum"));
}

#[test]
fn a_record_of_any_age_comes_to_the_newest_layout() {
    let identity = Identity {
        database: "o'hara".into(),
        environment: "test".into(),
        tool_version: "0".into(),
    };
    let count = |found, word: &str| {
        let statements = sql().install(found, &identity);
        statements.iter().filter(|sql| sql.starts_with(word)).count()
    };
    assert_eq!((count(None, "CREATE TABLE"), count(None, "CREATE VIEW")), (9, 3));
    assert_eq!(
        (count(Some(1), "CREATE TABLE"), count(Some(1), "CREATE VIEW")),
        (2, 3)
    );
    assert_eq!((count(Some(3), "CREATE TABLE"), count(Some(3), "ALTER")), (2, 0));
    let newest = sql().install(Some(LAYOUT), &identity);
    assert_eq!(newest.len(), 1, "{newest:?}");
    assert!(newest[0].contains("'o''hara'"), "{newest:?}");
}

#[test]
fn a_name_given_by_the_configuration_cannot_leave_its_quotes() {
    let sql = in_schema("a\"; DROP SCHEMA b; --");
    assert_eq!(
        sql.table("migration_locks"),
        "\"a\"\"; DROP SCHEMA b; --\".migration_locks"
    );
    assert_eq!(
        in_schema("vc").install(None, &identity_of_test())[0],
        "CREATE SCHEMA IF NOT EXISTS \"vc\""
    );
}

fn identity_of_test() -> Identity {
    Identity {
        database: "app".into(),
        environment: "test".into(),
        tool_version: "0".into(),
    }
}

#[test]
fn a_dialect_names_the_types_of_its_texts() {
    let grammar = RecordGrammar {
        string_type: |length| format!("short({length})"),
        text_type: "nvarchar(max)",
        ..RecordGrammar::STANDARD
    };
    let sql = RecordSql::new(RecordDialect { grammar, ..PLAIN }, RecordLocation::default());
    let install = sql.install(None, &identity_of_test()).join(";\n");
    assert!(
        install.contains(
            "migration_id short(300) NOT NULL PRIMARY KEY, version short(200), description nvarchar(max)"
        ),
        "{install}"
    );
    assert!(install.contains("ADD COLUMN run_id short(36)"), "{install}");
    assert!(!install.contains(" varchar("), "{install}");
}

#[test]
fn an_empty_record_is_an_empty_survey() {
    let survey = sql()
        .read_survey(&rows(&[&[Some("layout"), Some("2")]]))
        .expect("a survey");
    assert_eq!(
        (survey.layout, survey.applied.len(), survey.holder),
        (Some(2), 0, None)
    );
}

#[test]
fn answers_that_make_no_sense_are_errors_of_the_protocol() {
    for answer in [
        rows(&[&[Some("layout"), Some("two")]]),
        rows(&[&[Some("layout")]]),
        rows(&[&[Some("surprise")]]),
        rows(&[&[None]]),
        rows(&[&[]]),
        rows(&[&[Some("lock"), Some("no-uuid")]]),
        rows(&[&[Some("applied"), Some("1.0")]]),
    ] {
        let error = sql().read_survey(&answer).expect_err("no sense");
        assert_eq!(error.kind, ErrorKind::Protocol, "{answer:?}");
    }
    assert_eq!(
        sql().read_rank(&[]).expect_err("no rank").kind,
        ErrorKind::Protocol
    );
    assert_eq!(
        sql()
            .read_token(&rows(&[&[Some("-1")]]))
            .expect_err("no token")
            .kind,
        ErrorKind::Protocol
    );
    let execution = rows(&[&[Some("1"), Some("x")]]);
    assert_eq!(
        sql().read_executions(&execution).expect_err("no run").kind,
        ErrorKind::Protocol
    );
}

#[test]
fn a_database_without_on_conflict_says_it_its_own_way() {
    let grammar = RecordGrammar {
        quote: ('`', '`'),
        qualified: true,
        upsert: |row| row.on_duplicate_key(),
        ..RecordGrammar::STANDARD
    };
    let location = RecordLocation {
        schema: "a`b".into(),
        ..RecordLocation::default()
    };
    let sql = RecordSql::new(RecordDialect { grammar, ..PLAIN }, location);
    assert_eq!(sql.table("x"), "`a``b`.`version_control_x`");
    assert!(
        sql.make_fence("l")
            .ends_with("ON DUPLICATE KEY UPDATE lock_name = lock_name")
    );
    let install = sql.install(
        None,
        &Identity {
            database: "d".into(),
            environment: "e".into(),
            tool_version: "0".into(),
        },
    );
    assert!(!install.join(";").contains("excluded."), "{install:?}");
}

proptest! {
    #[test]
    fn no_text_can_end_its_literal(text in any::<String>()) {
        let literal = quote_standard(&text);
        let inside = literal
            .strip_prefix('\'')
            .and_then(|rest| rest.strip_suffix('\''))
            .expect("quotes around it");
        prop_assert!(!inside.replace("''", "").contains('\''));
        prop_assert!(!inside.contains('\0'));
        prop_assert_eq!(inside.replace("''", "'"), text.replace('\0', "\u{fffd}"));
    }
}
