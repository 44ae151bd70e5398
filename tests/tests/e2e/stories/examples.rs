//! The projects in `examples/`, as their readmes say to use them.

use std::path::{Path, PathBuf};

use crate::filters::Address;
use dbvc_tests::stage::Database;
use dbvc_tests::stage::Stage;

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace")
        .join("examples")
}

fn copied(folder: &str) -> Stage {
    let stage = Stage::empty_on_sqlite();
    stage.project.copy_from(&examples().join(folder));
    stage
}

#[test]
fn the_layouts_of_other_tools_are_read_as_they_are() {
    for layout in ["flyway", "golang-migrate", "dbmate", "goose", "diesel"] {
        let stage = copied(&format!("layouts/{layout}"));
        let database = Database::file(stage.project.path().join("plants.db"));
        stage.run("validate").ok();
        stage.run("migrate").ok();
        stage.run("status --check").ok();
        assert!(
            database.has_table("plant") && database.has_table("watering"),
            "{layout}"
        );
        let newest = database.dump(false);
        stage.run("rollback --to 0 --yes").ok();
        assert!(
            !database.has_table("plant") && !database.has_table("watering"),
            "{layout}"
        );
        stage.run("migrate").ok();
        assert_eq!(
            database.dump(false),
            newest,
            "{layout}: {:?}",
            database.dump(false)
        );
    }
}

#[test]
fn the_notes_run_forward_and_back() {
    let stage = copied("notes");
    stage.run("status").ok();
    stage.run("migrate --dry-run").ok();
    stage.run("migrate").ok();
    stage.run("status --check").ok();
    stage.run("rollback --to 0 --yes").ok();
    stage.run("migrate").ok();
}

#[test]
fn the_warehouse_is_built_and_taken_down_and_built_again() {
    let Some(on_server) = Stage::empty_on_postgres() else {
        return;
    };
    let names = ["DB_HOST", "DB_PORT", "DB_NAME", "DB_USER", "DB_PASSWORD"];
    is_built_and_taken_down_and_built_again(
        &beside(&on_server, "warehouse"),
        names,
        "V2.99.0__Add_invoices",
        6,
    );
}

#[test]
fn the_shop_is_built_and_taken_down_and_built_again_on_mariadb() {
    if let Some(on_server) = Stage::empty_on_mariadb() {
        the_shop(&on_server);
    }
}

#[test]
fn the_shop_is_built_and_taken_down_and_built_again_on_mysql() {
    if let Some(on_server) = Stage::empty_on_mysql() {
        the_shop(&on_server);
    }
}

fn the_shop(on_server: &Stage) {
    let names = [
        "DATABASE_HOST",
        "DATABASE_PORT",
        "DATABASE_NAME",
        "DATABASE_USERNAME",
        "DATABASE_PASSWORD",
    ];
    let stage = beside(on_server, "mysql-shop");
    // Two of the five statements of the migration with a fault stay.
    is_built_and_taken_down_and_built_again(&stage, names, "V199__Create_invoice_table", 7);
    let written =
        "select name from customer where login = 'minji' union all select word from tag where word = '🫖'";
    assert_eq!(stage.database.texts(written), ["김민지 🌸", "🫖"]);
    let searched = "select sku from product where match (name, description) against ('pour* steam*' in boolean mode) order by sku";
    assert_eq!(stage.database.texts(searched), ["POT-KYU-001", "TEA-SEN-100"]);
}

/// An example, to be run in the database of that stage.
fn beside(on_server: &Stage, folder: &str) -> Stage {
    Stage {
        project: copied(folder).project,
        database: on_server.database.clone(),
    }
}

/// Forward, back, forward; then a migration that fails, and the same mended. `names` are the variables for host, port,
/// database, login and password.
fn is_built_and_taken_down_and_built_again(stage: &Stage, names: [&str; 5], fails: &str, code: i32) {
    let (Database::Postgres(url) | Database::MySql(url)) = &stage.database else {
        unreachable!("it is on a server")
    };
    let at = Address::of(url);
    let values = [&at.host, &at.port, &at.name, &at.user, &at.password];
    let run = |line: &str| {
        let call = stage.call(line);
        let variables = names.iter().zip(values);
        variables
            .fold(call, |call, (name, value)| call.env(name, value))
            .run()
    };
    run("validate").ok();
    run("migrate --dry-run").ok();
    run("migrate").ok();
    run("status --check").ok();
    let newest = stage.database.schema(false);
    run("rollback --to 0 --yes").ok();
    run("migrate").ok();
    let again = stage.database.schema(false);
    run("rollback --count 5 --yes").ok();
    run("migrate").ok();
    run("verify").ok();

    let copy = |from: &str, to: &str| stage.write(to, &stage.project.read(from));
    let script = format!("migrations/{fails}.sql");
    let undo = format!("rollback/{fails}_rollback.sql");
    copy(&format!("broken/{fails}.sql"), &script);
    copy(&format!("broken/{undo}"), &undo);
    let place = format!("{script}:");
    for _ in 0..2 {
        run("migrate").ended(code).said(&place).said("2 of 5 statements");
    }
    copy(&format!("fixed/{fails}.sql"), &script);
    run("migrate").ok();
    run("status --check").ok();
    run("rollback --yes").ok();
    let differs: Vec<_> = newest
        .iter()
        .zip(&again)
        .filter(|(before, after)| before != after)
        .take(3)
        .collect();
    assert!(differs.is_empty() && newest.len() == again.len(), "{differs:#?}");
    assert!(newest.len() > 50, "there is something to compare");
}
