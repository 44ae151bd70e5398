//! What the database's record says, and the files do not.

use super::case::Case;

const PLANTS: &str = "migrations/V1.0.0__Create_plants.sql";
const RECORD: &str = "version_control_";

fn two() -> Case {
    Case::sqlite().second("create table pots(id integer);\n")
}

fn late() -> Case {
    Case::sqlite()
        .without(PLANTS)
        .without("rollback/V1.0.0__Create_plants_rollback.sql")
        .second("create table pots(id integer);\n")
        .run(&["migrate"])
        .file(PLANTS, "create table plants(id integer);\n")
}

bad_inputs! {
    edited_migration: Case::migrated()
        .file(PLANTS, "create table plants(id integer);\n")
        .fails(&["migrate"], 1);
    edited_migration_in_a_dry_run: Case::migrated()
        .file(PLANTS, "create table plants(id integer);\n")
        .fails(&["migrate", "--dry-run"], 1);
    edited_migration_in_verify: Case::migrated()
        .file(PLANTS, "create table plants(id integer);\n")
        .fails(&["verify"], 1);
    edited_and_deleted_migrations: two()
        .run(&["migrate"])
        .file(PLANTS, "create table plants(id integer);\n")
        .without("migrations/V1.1.0__Add_pots.sql")
        .without("rollback/V1.1.0__Add_pots_rollback.sql")
        .fails(&["migrate"], 1);
    deleted_migration: two()
        .run(&["migrate"])
        .without("migrations/V1.1.0__Add_pots.sql")
        .without("rollback/V1.1.0__Add_pots_rollback.sql")
        .fails(&["migrate"], 1);
    late_migration: late().fails(&["migrate"], 1);
    target_that_is_not_there: two().fails(&["migrate", "--target", "1.0.5"], 1);
    target_that_is_no_version: two().fails(&["migrate", "--target", "latest-but-one"], 2);
    baseline_of_a_database_that_is_known: Case::migrated().fails(&["baseline", "1.0.0"], 1);
    baseline_that_is_no_version: Case::sqlite().fails(&["baseline", "one"], 2);
    record_of_a_newer_dbvc: Case::migrated()
        .sql(&format!("update {RECORD}db_inventory set layout = 4000"))
        .fails(&["status"], 3);
    record_of_a_newer_dbvc_for_migrate: Case::migrated()
        .second("create table pots(id integer);\n")
        .sql(&format!("update {RECORD}db_inventory set layout = 4000"))
        .fails(&["migrate"], 3);
    record_with_a_migration_that_cannot_be_read: Case::migrated()
        .sql(&format!("update {RECORD}migration_applied_status set migration_id = '??'"))
        .fails(&["migrate"], 1);
    verify_of_a_migration_that_is_none: Case::migrated().fails(&["verify", "--fix", "!"], 2);
    status_check_with_something_pending: Case::migrated()
        .second("create table pots(id integer);\n")
        .fails(&["status", "--check"], 1);
    status_check_of_an_empty_database: Case::sqlite().fails(&["status", "--check"], 1);
}
