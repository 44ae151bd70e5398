//! Undo scripts.

use super::case::Case;

bad_inputs! {
    undo_without_migration: Case::sqlite()
        .file("rollback/V1.1.0__Add_pots_rollback.sql", "drop table pots;\n")
        .fails(&["validate"], 1);
    undo_beside_and_in_the_folder: Case::sqlite()
        .file("migrations/U1.0.0__Create_plants.sql", "drop table plants;\n")
        .fails(&["validate"], 1);
    undo_of_a_repeatable: Case::sqlite()
        .file("rollback/R__Pot_views.sql", "drop view pot_views;\n")
        .fails(&["validate"], 1);
    undo_missing_where_it_is_required: Case::sqlite()
        .setting("[environments.production]\nrequire_undo = true\n")
        .without("rollback/V1.0.0__Create_plants_rollback.sql")
        .fails(&["migrate", "--environment", "production"], 1);
    undo_missing_where_it_is_required_when_validating: Case::sqlite()
        .setting("[environments.production]\nrequire_undo = true\n")
        .without("rollback/V1.0.0__Create_plants_rollback.sql")
        .fails(&["validate", "--environment", "production"], 1);
    rollback_without_undo_script: Case::sqlite()
        .without("rollback/V1.0.0__Create_plants_rollback.sql")
        .run(&["migrate"])
        .fails(&["rollback"], 1);
    rollback_of_what_cannot_be_undone: Case::sqlite()
        .without("rollback/V1.0.0__Create_plants_rollback.sql")
        .file(
            "migrations/V1.0.0__Create_plants.sql",
            "-- dbvc: irreversible=\"the old rows are gone\"\ncreate table plants(id integer);\n",
        )
        .run(&["migrate"])
        .fails(&["rollback"], 1);
    rollback_of_what_never_ran: Case::migrated()
        .second("create table pots(id integer);\n")
        .fails(&["rollback", "1.1.0"], 1);
    rollback_of_what_is_not_there: Case::migrated().fails(&["rollback", "7.0.0"], 1);
    rollback_to_a_version_that_is_not_there: Case::migrated().fails(&["rollback", "--to", "0.5.0"], 1);
    rollback_of_a_repeatable: Case::sqlite()
        .file("migrations/R__Plant_names.sql", "drop view if exists plant_names;\ncreate view plant_names as select name from plants;\n")
        .run(&["migrate"])
        .fails(&["rollback", "R__Plant_names"], 1);
    rollback_of_a_baseline: Case::sqlite()
        .run(&["baseline", "1.0.0"])
        .fails(&["rollback", "1.0.0"], 1);
    rollback_of_what_another_requires: Case::sqlite()
        .second("-- dbvc: requires=1.0.0\ncreate table pots(id integer);\n")
        .run(&["migrate"])
        .fails(&["rollback", "1.0.0"], 1);
    rollback_script_that_fails: Case::sqlite()
        .file("rollback/V1.0.0__Create_plants_rollback.sql", "drop table plants;\ndrop table flowers;\n")
        .run(&["migrate"])
        .records_failure()
        .fails(&["rollback"], 6);
    rollback_script_with_a_commit: Case::sqlite()
        .file("rollback/V1.0.0__Create_plants_rollback.sql", "drop table plants;\ncommit;\n")
        .run(&["status"])
        .fails(&["validate"], 1);
}
