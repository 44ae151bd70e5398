//! Scripts that the database refuses.

use super::case::Case;

/// One that fails, is rolled back, and is in the history.
fn sqlite(sql: &str) -> Case {
    Case::migrated().second(sql).records_failure().fails(&["migrate"], 6)
}

fn postgres(sql: &str) -> Option<Case> {
    Some(Case::postgres()?.run(&["migrate"]).second(sql).records_failure().fails(&["migrate"], 6))
}

bad_inputs! {
    sqlite_syntax_error: sqlite("create table pots(id integer);\ncreate tabel beds(id integer);\n");
    sqlite_unknown_column: sqlite("create table pots(id integer, plant integer);\n\ncreate index pots_by_plant\n  on pots(plnt);\n");
    sqlite_unknown_table: sqlite("insert into flowers values (1);\n");
    sqlite_table_that_is_there: sqlite("create table pots(id integer);\ncreate table plants(id integer);\n");
    sqlite_row_twice: sqlite(
        "insert into plants(id, name) values (1, 'aloe');\ninsert into plants(id, name) values (2, 'fern');\n\
         insert into plants(id, name) values (1, 'moss');\n");
    sqlite_row_without_a_value: sqlite("insert into plants(id, name) values (1, null);\n");
    sqlite_script_that_ends_too_early: sqlite("create table pots(id integer,\n");
    sqlite_first_of_several_that_fails: Case::sqlite()
        .file("migrations/V1.0.0__Create_plants.sql", "create table plants(id integer;\n")
        .second("create table pots(id integer);\n")
        .records_failure()
        .fails(&["migrate"], 6);
    sqlite_repeatable_that_fails: Case::migrated()
        .file("migrations/R__Plant_names.sql", "create view plant_names as select nam from plants;\nselect * from plant_names;\n")
        .records_failure()
        .fails(&["migrate"], 6);
    postgres_syntax_error: postgres("create table pots(id int);\ncreate tabel beds(id int);\n");
    postgres_syntax_error_after_wide_letters: postgres(
        "-- Größe, 大きさ\ncreate table pots(größe text default '大きさ', oops);\n");
    postgres_unknown_column: postgres("create table pots(id int, plant int);\n\ncreate index pots_by_plant\n  on pots(plnt);\n");
    postgres_table_that_is_there: postgres("create table pots(id int);\ncreate table plants(id int);\n");
    postgres_row_twice: postgres(
        "insert into plants values (1, 'aloe');\ninsert into plants values (2, 'fern');\ninsert into plants values (1, 'moss');\n");
    postgres_error_raised_in_a_function: postgres(
        "create function water() returns void language plpgsql as $$\nbegin\n  raise exception 'too dry' using hint = 'rain helps';\nend $$;\nselect water();\n");
    postgres_commit_in_a_procedure_that_is_called: postgres(
        "create procedure water() language plpgsql as $$\nbegin\n  insert into plants values (9, 'rose');\n  commit;\nend $$;\ncall water();\n");
    postgres_copy_with_a_bad_row: postgres("copy plants(id, name) from stdin;\n1\taloe\ntwo\tfern\n\\.\n");
    postgres_statement_that_takes_too_long: postgres("-- dbvc: statement-timeout=200ms\nselect pg_sleep(20);\n");
    postgres_rights_missing: postgres(
        "create table pots(id int);\nset local role pg_read_all_data;\ninsert into plants values (1, 'aloe');\n");
    postgres_deferred_constraint_that_fails_at_the_end: postgres(
        "create table pots(plant int references plants(id) deferrable initially deferred);\ninsert into pots values (77);\n");
    postgres_undo_that_fails: Case::postgres().map(|case| case
        .file("rollback/V1.0.0__Create_plants_rollback.sql", "drop table plants;\ndrop table flowers;\n")
        .run(&["migrate"])
        .records_failure()
        .fails(&["rollback"], 6));
}
