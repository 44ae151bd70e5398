//! Releases of the schema as files.

use dbvc_tests::stage::{Stage, parsed};

pub(super) const HERBS: &str = "create table herbs (id integer primary key, name text, price numeric(6,2), fresh boolean, plant integer \
                     references plants(id));\n";

/// Migrated, with rows that are hard to write.
fn grown(stage: Stage) -> Stage {
    let stage = stage.planted().settings("seed_tables = [\"herbs\", \"plants\"]");
    stage.write("migrations/V1.2.0__Add_herbs.sql", HERBS);
    stage.run("migrate").ok();
    stage.database.run(&hard_rows(&stage));
    stage
}

pub(super) fn hard_rows(stage: &Stage) -> String {
    let backslash = if stage.is_mysql() { "\\\\" } else { "\\" };
    format!(
        "insert into plants (id, name) values (3, 'it''s {backslash} a \"fern\"'), (2, 'line\nbreak'); \
         insert into herbs (id, name, price, fresh, plant) values (1, null, 12.50, true, 3);"
    )
}

/// 2499 of them.
pub(super) fn many_rows(stage: &Stage) -> String {
    let numbers = "n(i) as (select 0 union all select i + 1 from n where i < 49)";
    let rows = "select 2 + a.i * 50 + b.i, 'a plant' from n a, n b where a.i * 50 + b.i < 2499;";
    if stage.is_mssql() {
        format!("with {numbers} insert into plants (id, name) {rows}")
    } else {
        format!("insert into plants (id, name) with recursive {numbers} {rows}")
    }
}

fn other(stage: &Stage) -> Stage {
    let other = match stage.system() {
        "postgres" => Stage::empty_on_postgres(),
        "mariadb" => Stage::empty_on_mariadb(),
        "mysql" => Stage::empty_on_mysql(),
        "mssql" => Stage::empty_on_mssql(),
        _ => Some(Stage::empty_on_sqlite()),
    };
    other.expect("a server")
}

dbvc_tests::on_every_database! {
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
        let quote = if stage.is_mysql() { "'it\\'s" } else { "'it''s" };
        let places: Vec<_> = ["'aloe'", "'line", quote, "12.5"].iter().map(|it| seed.find(it)).collect();
        assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{places:?} in\n{seed}");
    }

    fn more_rows_than_are_in_memory_at_once_are_all_there(stage) {
        let stage = stage.planted().settings("seed_tables = [\"plants\"]");
        stage.run("migrate").ok();
        stage.database.run(&many_rows(&stage));
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

dbvc_tests::on_mysql_and_mariadb! {
    fn values_of_every_type_come_back_as_they_were(stage) {
        let stage = stage.settings("seed_tables = [\"things\"]");
        stage.write(
            "migrations/V1.0.0__Create_things.sql",
            "create table things (id int unsigned auto_increment primary key, f float, d double, n decimal(20,5), b bit(12), \
             y binary(4), l blob, t timestamp(3) null, dt datetime(6), ti time, e enum('a', 'it''s'), s set('x', 'y'), j json, \
             ye year, p point, c varchar(40) character set latin1, g int as (ye + 1));\n",
        );
        stage.run("migrate").ok();
        stage.database.run(
            "set sql_mode = 'NO_AUTO_VALUE_ON_ZERO', time_zone = '+05:00'; \
             insert into things (id, f, d, n, b, y, l, t, dt, ti, e, s, j, ye, p, c) values \
             (0, 0.1, 0.1, -123456789012345.67891, b'101010101010', x'00ff0a27', x'', '2026-03-29 02:30:00.123', \
             '0000-00-00 00:00:00', '-838:59:59', 'it''s', 'x,y', '{\"a\": \"it''s\"}', 2026, point(1.5, 2), 'h\u{e9}llo\\n\\0'), \
             (4294967295, 3.4e38, -2.2250738585072014e-308, 0, b'0', x'20202020', x'5c', null, null, null, null, '', null, null, \
             null, null);",
        );
        stage.run("version 1.0.0").ok();
        let other = other(&stage);
        other.database.run(&stage.project.read("schema-versions/v1.0.0/schema.sql"));
        other.database.run(&stage.project.read("schema-versions/v1.0.0/seed_data.sql"));
        let exactly = |stage: &Stage| {
            let columns = "concat_ws('|', id, f + 0e0, d, n, hex(b), hex(y), hex(l), unix_timestamp(t), dt, ti, e, s, j, ye, \
                           st_astext(p), hex(c), g)";
            stage.database.texts(&format!("select {columns} from things order by id"))
        };
        assert_eq!(exactly(&other), exactly(&stage));
    }
}
