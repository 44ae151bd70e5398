use super::*;
use dbvc_engine::text::Origin;

#[test]
fn what_the_server_refuses_in_a_transaction_is_known() {
    for sql in [
        "create index concurrently i on t(a)",
        "CREATE UNIQUE INDEX /* now */ CONCURRENTLY -- x\n IF NOT EXISTS i ON t(a)",
        "drop index concurrently if exists a.i",
        "reindex table concurrently t",
        "reindex (verbose, concurrently) index i",
        "reindex (concurrently true) table t",
        "reindex database app",
        "reindex system",
        "reindex schema s",
        "vacuum",
        "vacuum (full, analyze) t",
        "create database d",
        "drop database if exists d with (force)",
        "create tablespace s location '/x'",
        "drop tablespace s",
        "alter system set work_mem = '1MB'",
        "alter database d set tablespace s",
        "create subscription s connection 'c' publication p",
        "drop subscription s",
        "alter subscription s refresh publication",
        "alter subscription s add publication q",
        "alter table only s.t detach partition \"p.1\" concurrently",
        "cluster",
        "cluster verbose",
        "cluster (verbose)",
        "commit prepared 'x'",
        "discard all",
    ] {
        assert!(matches!(fit(sql), TransactionFit::Refused(_)), "{sql}");
    }
}

#[test]
fn what_only_sets_the_session_is_known() {
    for sql in [
        "set search_path = a, public",
        "SET SESSION AUTHORIZATION ann",
        "-- why\nset role ann",
        "reset all",
        "SELECT pg_catalog.set_config('search_path', '', false)",
        "prepare p as select 1",
    ] {
        assert!(sets_session(sql), "{sql}");
    }
    for sql in [
        "set local search_path = a",
        "set constraints all deferred",
        "select set_config('a.b', note(), false)",
        "select set_config('a.b', 'c', false), change_something()",
        "select set_config('a.b', 'c', false) from t",
        "prepare transaction 'p'",
        "update t set a = 1",
    ] {
        assert!(!sets_session(sql), "{sql}");
    }
}

#[test]
fn what_fits_is_left_alone() {
    for sql in [
        "create index i on t(a)",
        "create index \"concurrently\" on t(a)",
        "create index i on t((a || ' concurrently '))",
        "drop index \"concurrently\"",
        "reindex table t",
        "reindex (concurrently false) table t",
        "reindex (concurrently off) index i",
        "alter type t add value 'x'",
        "alter database d set work_mem = '1MB'",
        "alter table t detach partition p",
        "alter table t detach partition p finalize",
        "alter table t add column c text default 'detach partition p concurrently'",
        "cluster t using i",
        "cluster (verbose) t",
        "create subscription s connection 'c' publication p with (connect = false)",
        "create subscription s connection 'c' publication p with (create_slot = false)",
        "alter subscription s set publication q with (refresh = false)",
        "alter subscription s disable",
        "discard plans",
        "refresh materialized view concurrently v",
        "analyze t",
        "comment on table t is 'vacuum'",
        "create table vacuum_log(a int)",
        "do $$ begin perform 'vacuum'; end $$",
        "",
    ] {
        assert_eq!(fit(sql), TransactionFit::Fits, "{sql}");
    }
}

#[test]
fn what_may_commit_on_its_way_is_not_atomic() {
    for sql in [
        "call sow()",
        "/* x */ do $$ begin insert into t values (1); commit; end $$",
        "do $$ begin call sow(); end $$",
        "vacuum t",
        "create index concurrently i on t(a)",
    ] {
        assert!(!is_atomic(sql), "{sql}");
    }
    for sql in [
        "insert into t values ('call')",
        "select sow()",
        "create index i on t(a)",
        "do $$ begin perform sow(); end $$",
    ] {
        assert!(is_atomic(sql), "{sql}");
    }
}

#[test]
fn what_lets_others_pass_is_told_from_what_locks_them_out() {
    for sql in [
        "create index concurrently i on t(a)",
        "drop index concurrently i",
        "reindex (concurrently) table t",
        "alter table t detach partition p concurrently",
        "vacuum t",
        "vacuum (analyze) t",
    ] {
        assert!(lets_pass(sql), "{sql}");
    }
    for sql in [
        "vacuum full t",
        "vacuum (full, analyze) t",
        "cluster",
        "reindex schema s",
        "alter table t add a int",
        "create index i on t(a)",
        "drop subscription s",
    ] {
        assert!(!lets_pass(sql), "{sql}");
    }
}

#[test]
fn only_what_writes_counts_the_rows_it_gives() {
    let statement = |sql: &str| Statement::new(sql, Origin::START);
    assert!(writes(&statement("insert into t values (1) returning a")));
    assert!(!writes(&statement("select * from t")));
}

#[test]
fn an_unknown_name_is_placed_where_it_stands_alone() {
    let sql = "create /* custmer_id */ index \"ï\" on Invoice(Custmer_ID, \"Odd\")";
    let at = |name: &str| only_place(sql, name).map(|at| sql.chars().skip(at).collect::<String>());
    assert_eq!(at("custmer_id").as_deref(), Some("Custmer_ID, \"Odd\")"));
    assert_eq!(at("Odd").as_deref(), Some("\"Odd\")"));
    assert_eq!(only_place("select a, a", "a"), None);
    assert_eq!(only_place("select b", "a"), None);
}

#[test]
fn a_name_is_read_with_its_schema() {
    let head = Head::of("drop index concurrently a.\"B c\" , d");
    assert_eq!(head.name(3), Some(("a.\"B c\"".to_owned(), 6)));
}
