//! What was changed past dbvc.

use dbvc_tests::stage::{NAMES, POTS, Stage, parsed};

use super::code_behind_a_table;
use crate::filters::{filtered, without_names};

/// By hand: a column, an index that is gone, and a table.
pub(super) fn by_hand(stage: &Stage) -> String {
    // What the foreign key needs is dropped only where something else serves it.
    let index = if stage.is_mysql() {
        "create index pots_by_plant_too on pots(plant, id); drop index pots_by_plant on pots"
    } else if stage.is_mssql() {
        "drop index pots_by_plant on pots"
    } else {
        "drop index pots_by_plant"
    };
    format!(
        "alter table pots add column colour text; {index}; create table notes (id integer primary key, body text);"
    )
}

/// Takes that back.
pub(super) fn taken_back(stage: &Stage) -> &'static str {
    if stage.is_mysql() {
        "drop table notes; create index pots_by_plant on pots(plant); drop index pots_by_plant_too on pots; \
         alter table pots drop column colour;"
    } else {
        "drop table notes; create index pots_by_plant on pots(plant); alter table pots drop column colour;"
    }
}

/// A column whose name would be markup.
pub(super) fn odd_column(stage: &Stage) -> &'static str {
    if stage.is_mysql() {
        "alter table pots add column `<b>` text;"
    } else if stage.is_mssql() {
        "alter table pots add column [<b>] text;"
    } else {
        "alter table pots add column \"<b>\" text;"
    }
}

/// Migrated, and with a snapshot.
fn kept(stage: Stage) -> Stage {
    let stage = stage.planted();
    stage.run("migrate").ok();
    stage.run("snapshot").ok().said("as snapshot 1");
    stage
}

const MORE: &str = "migrations/V1.2.0__Add_beds.sql";

fn with_beds(stage: &Stage) {
    stage.write(MORE, "create table beds (id integer primary key, pot integer);\n");
    stage.write("rollback/V1.2.0__Add_beds_rollback.sql", "drop table beds;\n");
}

dbvc_tests::on_every_database! {
    fn nothing_is_found_where_nothing_was_done(stage) {
        let stage = kept(stage);
        stage.run("drift").ok().said("no drift");
        let before = stage.database.dump(true);
        stage.run("drift --against snapshot").ok();
        assert_eq!(stage.database.dump(true), before, "looking changed something");
    }

    fn what_was_done_by_hand_is_told_with_an_exit_code(stage) {
        let stage = kept(stage);
        stage.database.run(&by_hand(&stage));
        let ran = stage.run("drift").ended(8).said(&stage.words("+ column colour text")).said("- index pots_by_plant");
        ran.said("notes").said("drift: 2 objects");
        let found = parsed(&stage.call("drift --json").run().ended(8));
        assert_eq!(found["counts"]["added"], 1, "{found}");
        assert_eq!(found["counts"]["changed"], 1, "{found}");
        assert_eq!(found["expected"]["from"], "snapshot", "{found}");
    }

    fn dbvcs_own_work_is_no_drift(stage) {
        let stage = kept(stage);
        with_beds(&stage);
        stage.run("migrate").ok();
        stage.run("drift").ok();
        stage.run("rollback --to 1.0.0 --yes").ok();
        stage.run("drift").ok();
        stage.run("migrate").ok();
        stage.run("drift").ok();
        let kinds = stage.record("select kind from @schema_snapshots order by snapshot_id");
        assert_eq!(kinds, ["baseline", "run"], "more than the newest of a run's is kept");
    }

    fn a_failed_migration_is_no_drift(stage) {
        let stage = kept(stage);
        with_beds(&stage);
        stage.write("migrations/V1.3.0__Break.sql", "create table broken (id integer);\nnonsense;\n");
        stage.run("migrate").ended(code_behind_a_table(&stage));
        // On MySQL the table stays, and the record knows that it is this migration's.
        stage.run("drift").ok();
        assert!(stage.has("beds"));
        assert_eq!(stage.has("broken"), stage.is_mysql());
    }

    fn what_was_done_by_hand_still_shows_after_a_migration(stage) {
        let stage = kept(stage);
        stage.database.run(&by_hand(&stage));
        with_beds(&stage);
        stage.run("migrate").ok().said("DBVC3050");
        let ran = stage.run("drift").ended(8).said(&stage.words("+ column colour text")).said("- index pots_by_plant");
        assert!(!ran.said("notes").all().contains("beds"));
    }

    fn migrate_can_refuse_before_the_first_statement(stage) {
        let stage = kept(stage).settings("on_drift = \"refuse\"");
        with_beds(&stage);
        stage.database.run(&by_hand(&stage));
        let before = stage.database.dump(false);
        stage.run("migrate").ended(8).said("DBVC3050").said("pots").said("notes");
        assert_eq!(stage.database.dump(false), before, "something ran");
        stage.run("lock status").ok().said("free");
        // Back as it was, it runs.
        stage.database.run(taken_back(&stage));
        stage.run("migrate").ok();
        stage.run("drift").ok();
    }

    fn a_rollback_is_not_refused(stage) {
        let stage = kept(stage).settings("on_drift = \"refuse\"");
        stage.database.run("create table notes (id integer primary key);");
        stage.run("rollback --yes").ok().said("DBVC3050");
        stage.run("drift").ended(8).said("notes");
    }

    fn with_refusal_the_first_run_takes_the_first_snapshot(stage) {
        let stage = stage.planted().settings("on_drift = \"refuse\"");
        stage.run("migrate --target 1.0.0").ok();
        stage.run("drift").ok();
        stage.database.run("create table notes (id integer primary key);");
        stage.run("migrate").ended(8).said("notes");
        assert!(!stage.has("pots"));
    }

    fn what_is_approved_is_expected_from_then_on(stage) {
        let stage = kept(stage);
        stage.database.run(&by_hand(&stage));
        stage.call("drift").args(["--approve", "index by the DBA, it's fine"]).run().ok().said("accepted: 2 objects");
        stage.run("drift").ok();
        let told = stage.record("select kind || '|' || reason from @schema_snapshots order by snapshot_id desc limit 1");
        let who = stage.record("select distinct executed_by from @schema_snapshots");
        assert!(who.len() == 1 && !who[0].is_empty(), "{who:?}");
        assert_eq!(told, ["approved|index by the DBA, it's fine"]);
        let before = stage.record("select count(*) || '' from @schema_snapshots");
        stage.call("drift").args(["--approve", "again"]).run().ok().said("no drift");
        assert_eq!(stage.record("select count(*) || '' from @schema_snapshots"), before);
    }

    fn a_snapshot_does_not_make_drift_expected_by_the_way(stage) {
        let stage = kept(stage);
        stage.run("snapshot").ok();
        stage.database.run(&by_hand(&stage));
        let count = "select count(*) || '' from @schema_snapshots";
        let (before, kept) = (stage.database.dump(false), stage.record(count));
        stage.run("snapshot 1.2.0").ended(8).said("DBVC3058").said("pots").said("notes").said("drift --approve");
        assert_eq!((stage.database.dump(false), stage.record(count)), (before, kept), "something was kept");
        assert!(!stage.project.has("schema_snapshots/schema_v1.2.0.json"));
        stage.run("lock status").ok().said("free");
        stage.run("snapshot --files-only").ok().said("warning[DBVC3058]").said("pots");
        stage.run("drift").ended(8);
        stage.run("drift --approve meant").ok();
        stage.run("snapshot 1.2.0").ok();
    }

    fn drift_is_adopted_as_a_migration(stage) {
        let stage = kept(stage);
        stage.run("drift --adopt Add_notes").ok().said("no drift");
        stage.database.run(&by_hand(&stage));
        let before = stage.database.dump(false);
        stage.run("drift --adopt Add_notes").ended(8).said("migrations/V1.2.0__Add_notes.sql");
        assert_eq!(stage.database.dump(false), before, "the database was changed");
        stage.run("drift --adopt Add_notes_again").ended(1).said("DBVC3059").said("V1.2.0__Add_notes.sql");
        assert!(!stage.project.has("migrations/V1.3.0__Add_notes_again.sql"));
        let report = stage.json("test");
        assert_ne!(report["migrations"][2]["verdict"], "wrong", "{report:#}");
        stage.database.run(taken_back(&stage));
        stage.run("migrate").ok();
        stage.run("drift").ok();
        assert!(stage.has("notes"));
        stage.run("rollback --yes").ok();
        assert!(!stage.has("notes"));
    }

    fn without_a_snapshot_the_migrations_are_run_on_a_scratch_database(stage) {
        let stage = stage.planted();
        stage.run("migrate --target 1.0.0").ok();
        stage.run("drift").ok().said("no drift").said("migrations up to 1.0.0");
        stage.database.run("create table notes (id integer primary key);");
        stage.run("drift").ended(8).said("notes");
        // The first snapshot does not make it expected by the way either.
        stage.run("snapshot").ended(8).said("DBVC3058").said("notes").said("what the applied migrations make");
        stage.run("lock status").ok().said("free");
        stage.run("drift --approve meant").ok();
        stage.run("snapshot").ok();
        stage.run("drift").ok();
        stage.run("drift --against migrations").ended(8).said("notes");
    }

    fn the_migrations_are_those_that_ran_with_the_texts_that_ran(stage) {
        let stage = stage.planted().with_names();
        stage.run("migrate").ok();
        // Newer ones wait, and the files are not what they were.
        with_beds(&stage);
        stage.write(NAMES, "drop view if exists plant_names;\ncreate view plant_names as select id from plants;\n");
        stage.project.remove(POTS);
        stage.project.remove("rollback/V1.1.0__Add_pots_rollback.sql");
        stage.run("drift --against migrations").ok().said("no drift").kept_quiet_about("not known");
        stage.run("snapshot").ok().kept_quiet_about("DBVC3065");
        stage.database.run("drop view plant_names;");
        stage.run("drift --against migrations").ended(8).said("plant_names").said("drift: 1 object");
    }

    fn what_ran_out_of_order_is_run_again_in_that_order(stage) {
        let stage = stage.planted();
        stage.run("migrate").ok();
        stage.write("migrations/V1.0.5__Add_beds.sql", "create table beds (id integer primary key);\n");
        stage.run("drift --against migrations").ok().said("no drift");
        stage.run("migrate --out-of-order").ok();
        stage.run("drift --against migrations").ok().said("no drift");
    }

    fn what_a_rollback_may_have_dropped_is_not_known_and_told_so(stage) {
        let stage = stage.planted().with_names();
        stage.run("migrate").ok();
        stage.run("rollback --yes").ok();
        stage.run("drift --against migrations").ok().said("not known: R__Plant_names ran before a rollback").said("no drift");
        stage.database.run("drop view plant_names;");
        let found = stage.json("drift --against migrations");
        let unknown = found["expected"]["unknown"].as_array().expect("a list");
        assert_eq!(unknown.len(), 1, "{found}");
        stage.database.run("create table notes (id integer primary key);");
        stage.run("drift --against migrations").ended(8).said("drift: 1 object").said("notes");
    }

    fn a_text_that_nobody_has_is_not_known_and_told_so(stage) {
        let stage = stage.planted();
        stage.run("migrate").ok();
        stage.write(POTS, "create table pots(id integer primary key, plant integer references plants(id));\n");
        stage.database.run(&stage.database.named("update @migration_registry set up_script = null where version = '1.1.0';"));
        stage.run("drift --against migrations").ended(8)
            .said("not known: 1.1.0 ran with a text that nobody has: its file was edited since").said("+ index pots_by_plant");
        stage.run("snapshot").ok().said("DBVC3065").said("1.1.0 ran with a text that nobody has");
    }

    fn a_first_snapshot_says_where_the_migrations_do_not_tell_what_is_expected(stage) {
        let stage = stage.planted();
        stage.database.run("create table notes (id integer primary key);");
        stage.run("baseline 1.1.0").ok();
        stage.run("snapshot").ok().said("DBVC3065").said("before baseline 1.1.0");
        stage.run("drift").ok();
    }

    fn without_anything_to_compare_with_it_says_so(stage) {
        let stage = stage.planted();
        stage.write(POTS, "create table pots(id integer primary key);\n");
        let before = stage.database.dump(true);
        stage.run("drift").ended(1).said("DBVC3054");
        assert_eq!(stage.database.dump(true), before, "looking made something");
    }

    fn migrations_of_a_dbvc_that_kept_nothing_are_not_taken_for_drift(stage) {
        let stage = kept(stage);
        with_beds(&stage);
        stage.run("migrate").ok();
        // As if the run had ended before it could take a snapshot.
        stage.database.run(&stage.database.named("delete from @schema_snapshots where kind = 'run';"));
        stage.run("drift").ended(1).said("DBVC3056");
        stage.run("rollback --yes").ok().said("DBVC3052");
        stage.run("drift").ok();
    }

    fn a_snapshot_that_somebody_edited_is_not_believed(stage) {
        let stage = kept(stage);
        stage.database.run(&stage.database.named("update @schema_snapshots set content = replace(content, 'pots', 'tops');"));
        stage.run("drift").ended(1).said("DBVC3055");
        with_beds(&stage);
        stage.run("migrate").ended(1).said("DBVC3055");
        stage.run("lock status").ok().said("free");
    }

    fn files_alone_leave_the_database_as_it_is(stage) {
        let stage = stage.planted();
        let before = stage.database.dump(true);
        stage.run("snapshot --files-only").ok();
        assert_eq!(stage.database.dump(true), before);
        stage.run("snapshot --type version").ended(2).said("DBVC7001");
    }

    fn the_report_is_a_page_too(stage) {
        let stage = kept(stage);
        stage.database.run(odd_column(&stage));
        stage.run("drift --html drift.html").ended(8).said("written");
        let page = stage.project.read("drift.html");
        assert!(page.contains("<svg") && page.contains("class=\"name changed\""), "{page}");
        assert!(page.contains("&#60;b&#62;") && !page.contains("<b>"), "{page}");
        stage.run("diff schema_snapshots/schema_current.json --html diff.html").ended(1);
        assert!(stage.project.read("diff.html").contains("schema_current.json"));
        stage.run("drift --html nowhere/drift.html").ended(2).said("DBVC7006");
    }

    fn the_sql_that_undoes_it_makes_it_as_it_was(stage) {
        let stage = kept(stage);
        stage.database.run(&by_hand(&stage));
        let found = parsed(&stage.call("drift --json").run().ended(8));
        let Some(sql) = found["undo"]["sql"].as_str() else {
            assert!(!stage.is_postgres(), "{found}");
            return;
        };
        stage.database.run(sql);
        stage.run("drift").ok();
        stage.database.run(found["adopt"]["sql"].as_str().expect("SQL"));
        let again = parsed(&stage.call("drift --json").run().ended(8));
        assert_eq!(again["changes"], found["changes"]);
    }

    fn the_report_reads_well(stage) {
        let stage = kept(stage);
        stage.database.run(&by_hand(&stage));
        let ran = stage.run("drift").ended(8);
        if stage.is_mssql() {
            // Nobody has seen the whole of it yet.
            ran.said("table dbo.notes").said("table dbo.pots").said("+ column colour nvarchar(400)")
                .said("- index pots_by_plant").said("DROP TABLE [dbo].[notes]").said("DROP COLUMN [colour]");
            return;
        }
        let name = format!("drift_{}", stage.system());
        filtered(|| insta::assert_snapshot!(name, without_names(&ran.stdout, &stage.project, Some(&stage.database))));
    }
}

dbvc_tests::on_every_server! {
    fn the_server_tells_when_where_it_keeps_that(stage) {
        let kept_there = stage.is_mysql() || stage.is_mssql()
            || stage.is_postgres() && stage.database.texts("select current_setting('track_commit_timestamp')") == ["on"];
        let stage = kept(stage);
        stage.database.run(&by_hand(&stage));
        let found = parsed(&stage.call("drift --json").run().ended(8));
        let touched = found["touched"].as_array().map_or(0, Vec::len);
        assert_eq!(touched, if kept_there { 2 } else { 0 }, "{found}");
    }
}
