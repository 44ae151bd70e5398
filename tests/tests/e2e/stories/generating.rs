//! `generate --auto`: migrations from a desired schema.

use dbvc_tests::stage::{Stage, parsed};

use crate::filters::{filtered, without_names};

const DESIRED: &str = "create table plants(id integer primary key, name text not null default 'weed', height integer);
create table pots(id integer primary key, plant integer references plants(id) on delete cascade, size integer not null default 1);
create index pots_by_size on pots(size, plant);
create table tags(id integer primary key, plant integer not null references plants(id), tag text not null unique);
create view tall_plants as select name from plants where height > 9;
";

fn desired(stage: Stage) -> Stage {
    let stage = stage.planted().settings("schema = \"schema.sql\"");
    stage.write("schema.sql", &schema(&stage));
    stage
}

/// A text has no plain default on MySQL, and no index on all of it.
pub(super) fn schema(stage: &Stage) -> String {
    if stage.is_mysql() {
        return DESIRED
            .replace("default 'weed'", "default ('weed')")
            .replace("tag text", "tag varchar(40)");
    }
    DESIRED.to_owned()
}

dbvc_tests::on_every_database! {
    fn the_pair_that_is_written_leads_there_and_back(stage) {
        let stage = desired(stage);
        stage
            .run("generate Add_tags --auto")
            .ok()
            .said("migrations/V1.2.0__Add_tags.sql")
            .said("rollback/V1.2.0__Add_tags_rollback.sql");
        stage.run("diff migrations/ schema.sql").ok().said("No differences.");
        let report = stage.json("test");
        let last = &report["migrations"][2];
        assert_ne!(last["verdict"], "wrong", "{report:#}");
        assert_ne!(last["verdict"], "fails", "{report:#}");
        stage.run("generate Add_more --auto").ok().said("nothing to write");
        assert!(!stage.project.has("migrations/V1.3.0__Add_more.sql"));
        stage.run("migrate").ok();
        stage.run("diff schema.sql").ok().said("No differences.");
        stage.run("rollback --yes").ok();
        stage.run("diff 1.1.0 --ignore-column-order").ok().said("No differences.");
    }

    fn a_dry_run_shows_it_and_writes_nothing(stage) {
        let stage = desired(stage);
        let before = stage.project.listing();
        let ran = stage.run("create 1.2.0 Add_tags --auto --dry-run").ok();
        assert_eq!(stage.project.listing(), before);
        if stage.is_mssql() {
            // Nobody has seen the whole of it yet.
            ran.said("CREATE TABLE [dbo].[tags]").said("ADD [height] int").said("tall_plants").said("\nGO\n");
            return;
        }
        let system = stage.system();
        let shown = without_names(&ran.all(), &stage.project, Some(&stage.database));
        filtered(|| insta::assert_snapshot!(format!("a_dry_run_of_generate_on_{system}"), shown));
    }

    fn what_destroys_data_is_marked_and_told(stage) {
        let stage = stage.planted();
        stage.write("wanted.sql", "create table plants(id integer primary key, name text not null);\n");
        stage
            .run("generate Drop_pots --auto --schema wanted.sql")
            .ok()
            .said("DBVC8112");
        let written = stage.project.read("migrations/V1.2.0__Drop_pots.sql");
        assert!(written.contains("-- Destroys data: table"), "{written}");
        let report = stage.json("test");
        assert_eq!(report["migrations"][2]["verdict"], "loses-data", "{report:#}");
    }

    fn a_column_that_may_only_have_another_name_is_told(stage) {
        let stage = stage.planted();
        stage.write(
            "wanted.sql",
            "create table plants(id integer primary key, names text);\n\
             create table pots(id integer primary key, plant integer references plants(id));\n\
             create index pots_by_plant on pots(plant);\n",
        );
        stage
            .run("generate Rename_name_of_plants --auto --dry-run --schema wanted.sql")
            .ok()
            .said("DBVC8112")
            .said("perhaps renamed: column name to names of table");
    }

    fn an_undo_script_that_cannot_fill_what_it_makes_is_told(stage) {
        let stage = stage.planted();
        stage.write(
            "wanted.sql",
            "create table plants(id integer primary key);\n\
             create table pots(id integer primary key, plant integer references plants(id));\n\
             create index pots_by_plant on pots(plant);\n",
        );
        let ran = stage.run("generate Drop_names --auto --schema wanted.sql").ok();
        if stage.is_mysql() {
            // There each row gets an empty text, which is a loss and no failure.
            assert!(!ran.all().contains("DBVC8115"), "{ran}");
            stage.run("test").ok().said("1 loses data");
            return;
        }
        ran.said("DBVC8115");
        let written = stage.project.read("migrations/V1.2.0__Drop_names.sql");
        assert!(written.contains("-- Destroys data: column name of table"), "{written}");
        let undo = stage.project.read("rollback/V1.2.0__Drop_names_rollback.sql");
        assert!(undo.contains("-- Fails where the table has rows"), "{undo}");
        stage.run("test").ended(1).said("wrong");
    }

    fn a_project_begins_with_its_schema(stage) {
        let stage = stage.settings("schema = \"schema.sql\"");
        stage.write("schema.sql", &schema(&stage));
        stage.run("generate 1.0.0 Begin_with_plants --auto").ok();
        stage.run("migrate").ok();
        stage.run("diff schema.sql").ok();
        stage.run("test").ok().said("1 reversible");
    }

    fn bad_input_writes_nothing(stage) {
        let stage = stage.planted();
        let before = stage.project.listing();
        stage.run("generate Add_tags --auto").ended(2).said("DBVC7013");
        stage.run("generate Add_tags --auto --schema nowhere.sql").ended(2).said("DBVC7006");
        stage.run("generate Add_tags --dry-run").ended(2);
        stage.run("generate 1.1.0 Add_tags --auto --schema dbvc.toml").ended(1).said("DBVC1020");
        assert_eq!(stage.project.listing(), before);
        stage.write("wrong.sql", "create table a(id integer);\nnonsense;\n");
        let before = stage.project.listing();
        let place = format!("wrong.sql:{}", stage.line(2));
        stage.run("generate Add_tags --auto --schema wrong.sql").ended(1).said(&place);
        assert_eq!(stage.project.listing(), before);
    }
}

/// A name that would drop the table `secrets` if it left its comment.
const ODD: &str = "x\ndrop table secrets; --";

fn with_an_odd_name(stage: Stage) -> Stage {
    let stage = stage.planted();
    stage.write(
        "migrations/V1.2.0__Add_secrets.sql",
        &format!(
            "create table secrets(id integer primary key);\ncreate table \"{ODD}\"(id integer primary key);\n"
        ),
    );
    stage.write(
        "rollback/V1.2.0__Add_secrets_rollback.sql",
        &format!("drop table \"{ODD}\";\ndrop table secrets;\n"),
    );
    stage
}

const KEPT: &str = "create table plants(id integer primary key, name text not null);\n\
    create table pots(id integer primary key, plant integer references plants(id));\n\
    create index pots_by_plant on pots(plant);\n\
    create table secrets(id integer primary key);\n";

/// Whether the script drops the table, and not only says so. A quoted name goes on with its quote behind it.
fn drops_secrets(script: &str) -> bool {
    script
        .lines()
        .any(|line| line.starts_with("drop table secrets; --") && !line.contains('"'))
}

fn a_name_stays_in_its_comment(stage: Stage) {
    let stage = with_an_odd_name(stage);
    stage.write("wanted.sql", KEPT);
    stage
        .run("generate Drop_the_odd_one --auto --schema wanted.sql")
        .ok();
    let written = stage.project.read("migrations/V1.3.0__Drop_the_odd_one.sql");
    assert!(written.contains("-- Destroys data: table"), "{written}");
    assert!(!drops_secrets(&written), "{written}");
    stage.run("migrate --target 1.2.0").ok();
    assert!(stage.has("secrets"));
    stage.run("migrate").ok();
    assert!(stage.has("secrets"), "{written}");
    stage.run("diff wanted.sql").ok().said("No differences.");
}

fn a_name_stays_in_its_comment_where_drift_is_undone(stage: Stage) {
    let stage = stage.planted();
    stage.run("migrate").ok();
    stage.run("snapshot").ok();
    stage
        .database
        .run(&format!("create table \"{ODD}\" (id integer primary key)"));
    let found = parsed(&stage.call("drift --json").run().ended(8));
    let undo = found["undo"]["sql"].as_str().expect("SQL");
    assert!(undo.contains("-- Destroys data: table"), "{undo}");
    assert!(!drops_secrets(undo), "{undo}");
}

#[test]
fn a_name_stays_in_its_comment_on_sqlite() {
    a_name_stays_in_its_comment(Stage::empty_on_sqlite());
    a_name_stays_in_its_comment_where_drift_is_undone(Stage::empty_on_sqlite());
}

#[test]
fn a_name_stays_in_its_comment_on_postgres() {
    let Some(stage) = Stage::empty_on_postgres() else {
        return;
    };
    a_name_stays_in_its_comment(stage);
    let Some(stage) = Stage::empty_on_postgres() else {
        return;
    };
    a_name_stays_in_its_comment_where_drift_is_undone(stage);
}
