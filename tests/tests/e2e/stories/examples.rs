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
    let Database::Postgres(url) = &on_server.database else {
        unreachable!("it is on a server")
    };
    let at = Address::of(url);
    let stage = Stage {
        project: copied("warehouse").project,
        database: on_server.database.clone(),
    };
    let run = |line: &str| {
        stage
            .call(line)
            .env("DB_HOST", &at.host)
            .env("DB_PORT", &at.port)
            .env("DB_NAME", &at.name)
            .env("DB_USER", &at.user)
            .env("DB_PASSWORD", &at.password)
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

    let copy = |from: &str, to: &str| stage.write(to, &stage.project.read(from));
    copy(
        "broken/V2.99.0__Add_invoices.sql",
        "migrations/V2.99.0__Add_invoices.sql",
    );
    copy(
        "broken/rollback/V2.99.0__Add_invoices_rollback.sql",
        "rollback/V2.99.0__Add_invoices_rollback.sql",
    );
    run("migrate")
        .ended(6)
        .said("migrations/V2.99.0__Add_invoices.sql:");
    copy(
        "fixed/V2.99.0__Add_invoices.sql",
        "migrations/V2.99.0__Add_invoices.sql",
    );
    run("migrate").ok();
    run("rollback --yes").ok();
    let differs: Vec<_> = newest
        .iter()
        .zip(&again)
        .filter(|(before, after)| before != after)
        .take(3)
        .collect();
    assert!(differs.is_empty() && newest.len() == again.len(), "{differs:#?}");
}
