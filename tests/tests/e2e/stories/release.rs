//! Releases of the schema as files.

use dbvc_tests::stage::{Stage, parsed};

const HERBS: &str = "create table herbs (id integer primary key, name text, price numeric(6,2), fresh boolean, plant integer \
                     references plants(id));\n";

/// Migrated, with rows that are hard to write.
fn grown(stage: Stage) -> Stage {
    let stage = stage.planted().settings("seed_tables = [\"herbs\", \"plants\"]");
    stage.write("migrations/V1.2.0__Add_herbs.sql", HERBS);
    stage.run("migrate").ok();
    stage.database.run(
        "insert into plants (id, name) values (3, 'it''s \\ a \"fern\"'), (2, 'line\nbreak'); \
         insert into herbs (id, name, price, fresh, plant) values (1, null, 12.50, true, 3);",
    );
    stage
}

fn other(stage: &Stage) -> Stage {
    if stage.is_postgres() {
        Stage::empty_on_postgres().expect("a server")
    } else {
        Stage::empty_on_sqlite()
    }
}

where_schemas_are_read! {
    fn a_release_has_its_five_files(stage) {
        let stage = grown(stage);
        let before = stage.database.dump(true);
        let report = parsed(&stage.call("version v1.2.0 --json").args(["--description", "Herbs & more"]).run().ok());
        assert_eq!(stage.database.dump(true), before, "the database was changed");
        for name in ["schema.sql", "schema.json", "seed_data.sql", "info.json", "README.md"] {
            assert!(stage.project.has(&format!("schema-versions/v1.2.0/{name}")), "{name}");
        }
        let info: serde_json::Value =
            serde_json::from_str(&stage.project.read("schema-versions/v1.2.0/info.json")).expect("JSON");
        assert_eq!(info, report["info"]);
        assert_eq!(info["version"], "1.2.0");
        assert_eq!(info["migration_count"], 3);
        assert_eq!(info["description"], "Herbs & more");
        assert_eq!(info["tables"].as_array().map(Vec::len), Some(3));
        assert_eq!(info["seed_rows"], 4);
        let readme = stage.project.read("schema-versions/v1.2.0/README.md");
        assert!(readme.contains("Herbs & more") && readme.contains("The first version."), "{readme}");
    }

    fn the_files_make_an_equal_database_with_the_same_rows(stage) {
        let stage = grown(stage);
        stage.run("version 1.2.0").ok();
        let other = other(&stage);
        other.database.run(&stage.project.read("schema-versions/v1.2.0/schema.sql"));
        other.database.run(&stage.project.read("schema-versions/v1.2.0/seed_data.sql"));
        other.write("before.json", &stage.project.read("schema-versions/v1.2.0/schema.json"));
        other.run("diff before.json").ok().said("No differences.");
        let rows = "select id || '|' || name from plants order by id";
        assert_eq!(other.database.texts(rows), stage.database.texts(rows));
        let herbs = "select id || '|' || coalesce(name, 'none') || '|' || price || '|' || fresh || '|' || plant from herbs";
        assert_eq!(other.database.texts(herbs), stage.database.texts(herbs));
    }

    fn rows_stand_in_the_order_of_their_key_and_tables_in_that_of_their_references(stage) {
        let stage = grown(stage);
        stage.run("version 1.2.0").ok();
        let seed = stage.project.read("schema-versions/v1.2.0/seed_data.sql");
        let places: Vec<_> = ["'aloe'", "'line", "'it''s", "12.5"].iter().map(|it| seed.find(it)).collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} in\n{seed}");
    }

    fn more_rows_than_are_in_memory_at_once_are_all_there(stage) {
        let stage = stage.planted().settings("seed_tables = [\"plants\"]");
        stage.run("migrate").ok();
        stage.database.run(
            "insert into plants (id, name) with recursive n(i) as (select 2 union all select i + 1 from n where i < 2500) \
             select i, 'plant ' || i from n;",
        );
        let report = stage.json("version 1.1.0");
        assert_eq!(report["info"]["seed_rows"], 2500);
        let seed = stage.project.read("schema-versions/v1.1.0/seed_data.sql");
        assert_eq!(seed.matches("INSERT INTO").count(), 2500);
    }

    fn the_readme_is_a_changelog_since_the_version_before(stage) {
        let stage = stage.planted();
        stage.run("migrate --target 1.0.0").ok();
        stage.run("version 1.0.0").ok();
        stage.write(
            "migrations/V1.2.0__Change_plants.sql",
            "alter table plants add column height integer;\n",
        );
        stage.run("migrate").ok();
        // Not the one before by time but by version.
        stage.run("version 1.10.0").ok();
        stage.run("version 1.2.0").ok().said("3 migrations");
        let readme = stage.project.read("schema-versions/v1.2.0/README.md");
        assert!(readme.contains("Changes since v1.0.0:"), "{readme}");
        for line in ["## Added", "## Modified", "  - column height added"] {
            assert!(readme.lines().any(|it| it == line), "{line} in\n{readme}");
        }
        let listed = stage.json("list");
        let names: Vec<_> = listed["versions"].as_array().expect("a list").iter().map(|it| it["name"].clone()).collect();
        assert_eq!(names, ["v1.0.0", "v1.2.0", "v1.10.0"]);
        stage.run("list").ok().said("v1.10.0");
    }

    fn a_release_is_never_written_over(stage) {
        let stage = stage.planted();
        stage.run("migrate").ok();
        stage.run("version 1.1.0").ok();
        let before = stage.project.listing();
        stage.run("version v1.1.0").ended(1).said("DBVC3060");
        assert_eq!(stage.project.listing(), before);
    }

    fn what_cannot_be_leaves_nothing_behind(stage) {
        let stage = stage.planted().settings("seed_tables = [\"plants\", \"plnts\"]");
        stage.run("migrate").ok();
        stage.run("version 1.1.0").ended(3).said("DBVC3064").said("plnts");
        stage.run("version soon").ended(2).said("DBVC7005");
        assert!(!stage.project.has("schema-versions"));
        stage.run("list").ok().said("no versions yet");
    }
}
