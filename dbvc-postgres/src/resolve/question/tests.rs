use super::*;

fn about(sql: &str) -> Question {
    Question::about(&Head::of(sql))
}

#[test]
fn names_are_read_as_the_catalogue_has_them() {
    assert_eq!(folded("App.Orders"), "orders");
    assert_eq!(folded("app.\"My.\"\"Index\""), "My.\"Index");
    assert_eq!(folded("\"A\""), "A");
}

#[test]
fn a_name_with_a_schema_is_told_from_one_with_a_dot_in_it() {
    for name in ["a.b", "\"a\".b", "\"a\".\"b\""] {
        assert!(is_qualified(name), "{name}");
    }
    for name in ["a", "\"a.b\"", "\"a\"\".b\""] {
        assert!(!is_qualified(name), "{name}");
    }
}

#[test]
fn each_command_is_asked_for_in_its_own_place() {
    for (sql, word) in [
        (
            "create unique index concurrently if not exists i on only s.t(a)",
            "indisvalid",
        ),
        ("drop index concurrently if exists s.i", "to_regclass('s.i')"),
        ("create database d", "datname = 'd'"),
        ("drop database if exists \"D\"", "datname = 'D'"),
        ("create tablespace s location '/x'", "spcname = 's'"),
        (
            "create unlogged table if not exists s.t(a int)",
            "to_regclass('s.t')",
        ),
        ("drop materialized view v", "to_regclass('v')"),
        ("create type s.mood as enum ('x')", "to_regtype('s.mood')"),
        ("reindex table concurrently t", "_cc(new|old)"),
        ("reindex (concurrently) index i", "_cc(new|old)"),
        (
            "alter table t detach partition p concurrently",
            "inhdetachpending",
        ),
    ] {
        let question = about(sql);
        assert!(
            question.sql().is_some_and(|asked| asked.contains(word)),
            "{sql}: {question:?}"
        );
    }
}

#[test]
fn what_can_be_repeated_is_absent_and_the_rest_is_unknown() {
    for sql in [
        "vacuum full t",
        "analyze",
        "reindex table t",
        "alter system set work_mem = '1MB'",
        "alter database d set work_mem = '1MB'",
    ] {
        assert!(
            matches!(about(sql).effect(&Answer(Vec::new())), Effect::Absent(_)),
            "{sql}"
        );
    }
    for sql in [
        "insert into t values (1)",
        "create index concurrently on t(a)",
        "call p()",
        "alter database d rename to e",
    ] {
        assert!(
            matches!(about(sql).effect(&Answer(Vec::new())), Effect::Unknown(_)),
            "{sql}"
        );
    }
}

#[test]
fn several_copies_are_dropped_together() {
    let rows = vec![
        vec![Some("a.b_ccnew".to_owned())],
        vec![Some("a.c_ccnew1".to_owned())],
    ];
    let Effect::Leftover { cleanup, .. } = copies_effect(&Answer(rows)) else {
        panic!("nothing left over");
    };
    assert_eq!(cleanup, "DROP INDEX IF EXISTS a.b_ccnew, a.c_ccnew1");
}
