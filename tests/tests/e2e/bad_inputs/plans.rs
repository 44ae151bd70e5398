//! Saved plans and scripts to review.

use super::case::Case;

fn planned() -> Case {
    Case::sqlite().saved(&["migrate", "--dry-run", "--json"], "plan.json")
}

bad_inputs! {
    plan_that_is_stale: planned()
        .run(&["migrate"])
        .fails(&["migrate", "--plan", "plan.json"], 1);
    plan_with_a_file_that_was_edited: planned()
        .file("migrations/V1.0.0__Create_plants.sql", "create table plants(id integer);\n")
        .fails(&["migrate", "--plan", "plan.json"], 1);
    plan_with_a_file_that_is_gone: planned()
        .without("migrations/V1.0.0__Create_plants.sql")
        .without("rollback/V1.0.0__Create_plants_rollback.sql")
        .fails(&["migrate", "--plan", "plan.json"], 1);
    plan_for_another_database: planned()
        .setting("[databases.animals]\nurl = \"sqlite:animals.db\"")
        .fails(&["migrate", "--database", "animals", "--plan", "plan.json"], 2);
    plan_for_another_environment: planned()
        .setting("[environments.production.databases.plants]\nurl = \"sqlite:production.db\"")
        .fails(&["migrate", "--environment", "production", "--plan", "plan.json"], 2);
    plan_that_is_not_there: Case::sqlite().fails(&["migrate", "--plan", "plan.json"], 2);
    plan_that_is_no_json: Case::sqlite()
        .file("plan.json", "{ \"steps\": [\n")
        .fails(&["migrate", "--plan", "plan.json"], 2);
    plan_that_is_no_plan: Case::sqlite()
        .file("plan.json", "{ \"colour\": \"green\" }\n")
        .fails(&["migrate", "--plan", "plan.json"], 2);
    script_to_a_folder_that_is_not_there:
        Case::sqlite().fails(&["migrate", "--to-file", "out/review.sql"], 2);
    script_to_a_path_that_is_a_folder: Case::sqlite().fails(&["migrate", "--to-file", "migrations"], 2);
    plan_and_target_together: planned().fails(&["migrate", "--plan", "plan.json", "--target", "1.0.0"], 2);
}
