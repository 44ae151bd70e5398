//! Saved plans, scripts to review, and what scripts may hold.

use dbvc_tests::on_every_database;
use dbvc_tests::stage::{PLANTS, POTS, Stage};

on_every_database! {
    fn a_script_to_review_does_the_same_when_it_is_run_by_hand(stage) {
        let stage = stage.planted();
        let before = stage.database.dump(true);
        stage.run("migrate --to-file review.sql").ok();
        assert_eq!(stage.database.dump(true), before, "writing it changes nothing");
        stage.run("migrate").ok();
        let migrated = stage.database.dump(false);
        stage.run("rollback --to 0 --yes").ok();
        let script = stage.project.read("review.sql");
        assert!(script.contains("V1.1.0__Add_pots.sql"), "{script}");
        stage.database.run(&script);
        assert_eq!(stage.database.dump(false), migrated);
    }

    fn a_saved_plan_runs_as_it_was_approved(stage) {
        let stage = stage.planted();
        let plan = stage.run("migrate --dry-run --json").ok().stdout;
        stage.write("plan.json", &plan);
        stage.write("migrations/V1.2.0__Add_beds.sql", "create table beds(id integer);\n");
        stage.run("migrate --plan plan.json").ok();
        assert!(stage.has("pots") && !stage.has("beds"), "what came later is not part of it");
        stage.run("migrate --plan plan.json").ended(1).said("DBVC3030");
    }

    fn placeholders_are_filled_in(stage) {
        let stage = stage.settings("placeholders = { table = \"plants\" }");
        stage.write(PLANTS, "create table ${table}(id integer, owner varchar(20) default '${owner}');\ninsert into ${table}(id) values (1);\n");
        stage.write(POTS, "-- dbvc: placeholders=off\ncreate table pots(id integer, name varchar(20) default '${owner}');\ninsert into pots(id) values (1);\n");
        stage.run("migrate --placeholder owner=ann").ok();
        assert_eq!(stage.database.texts("select owner from plants"), ["ann"]);
        assert_eq!(stage.database.texts("select name from pots"), ["${owner}"]);
    }

    fn text_that_looks_like_a_placeholder_passes_where_none_is_declared(stage) {
        let stage = stage;
        stage.write(PLANTS, "create table plants(name text);\ninsert into plants values ('${name}');\n");
        stage.run("migrate").ok();
        assert_eq!(stage.database.texts("select name from plants"), ["${name}"]);
    }

    fn a_script_in_utf_16_runs(stage) {
        let stage = stage;
        let text = "\u{feff}create table plants(name text);\ninsert into plants values ('大きさ');\n";
        let wide: Vec<u8> = stage.words(text).encode_utf16().flat_map(u16::to_le_bytes).collect();
        stage.project.write(PLANTS, wide);
        stage.run("migrate").ok();
        assert_eq!(stage.database.texts("select name from plants"), ["大きさ"]);
    }

    fn a_script_of_comments_alone_is_applied(stage) {
        let stage = stage.planted();
        stage.write("migrations/V1.2.0__Say_nothing_yet.sql", "-- later\n");
        stage.run("migrate").ok();
        stage.run("status --check").ok();
    }

    fn ten_thousand_statements_are_no_trouble(stage) {
        let stage = stage;
        let row = |row| format!("insert into plants values ({row}, 'plant; number {row}');\n");
        let rows = (0..10_000).map(row).collect::<Vec<_>>().concat();
        stage.write(PLANTS, &format!("create table plants(id integer primary key, name text);\n{rows}"));
        stage.run("migrate").ok();
        let count = "select cast(count(*) as text) from plants";
        assert_eq!(stage.database.texts(count), ["10000"]);
    }
}

fn on_postgres() -> Option<Stage> {
    Stage::empty_on_postgres()
}

#[test]
fn rows_in_the_script_are_loaded() {
    let Some(stage) = on_postgres() else { return };
    stage.write(PLANTS, "create table plants(id int, name text);\ncopy plants from stdin;\n1\taloe; vera\n2\t\\N\n\\.\n\ninsert into plants values (3, 'fern');\n");
    stage.run("migrate").ok();
    assert_eq!(
        stage
            .database
            .texts("select coalesce(name, '-') from plants order by id"),
        ["aloe; vera", "-", "fern"]
    );
}

#[test]
fn the_lines_that_a_dump_carries_do_no_harm() {
    let Some(stage) = on_postgres() else { return };
    stage.write(PLANTS, "\\restrict abc\nset statement_timeout = 0;\nselect pg_catalog.set_config('search_path', '', false);\ncreate table public.plants(id int);\n\\unrestrict abc\n");
    stage.write(POTS, "create table pots(id int);\n");
    stage.run("migrate").ok();
    assert!(
        stage.has("public.pots"),
        "what one script sets does not outlive it"
    );
}

#[test]
fn an_index_is_built_concurrently_and_recorded_right() {
    let Some(stage) = on_postgres() else { return };
    let stage = stage.planted();
    stage.write(
        "migrations/V1.2.0__Index_names.sql",
        "create index concurrently plants_by_name on plants(name);\n",
    );
    stage.run("migrate").ok();
    assert_eq!(
        stage
            .database
            .texts("select indisvalid::text from pg_index where indexrelid = 'plants_by_name'::regclass"),
        ["true"]
    );
    let kept = stage.record("select transactional || ' ' || status || ' ' || statements_done from @migration_execution_history where version = '1.2.0'");
    assert_eq!(kept, ["0 completed 1"]);
}

#[test]
fn a_procedure_that_commits_runs_outside_a_transaction() {
    let Some(stage) = on_postgres() else { return };
    stage.write(PLANTS, "-- dbvc: no-transaction\ncreate table plants(id int);\ncreate procedure sow() language plpgsql as $$ begin insert into plants values (1); commit; insert into plants values (2); end $$;\ncall sow();\n");
    stage.run("migrate").ok();
    assert_eq!(stage.database.texts("select count(*)::text from plants"), ["2"]);
}

#[test]
fn a_lock_limit_ends_the_wait_for_a_table() {
    let Some(stage) = on_postgres() else { return };
    let stage = stage.planted().settings("lock_patience = \"1s\"");
    stage.run("migrate --target 1.0.0").ok();
    stage
        .database
        .holding("lock table plants in access exclusive mode", || {
            stage
                .run("migrate --lock-timeout 300ms")
                .ended(6)
                .said("--lock-timeout");
        });
    stage.run("migrate").ok();
}
