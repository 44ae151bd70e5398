//! What a script holds, as far as it can be told without running it.

use super::case::Case;

fn script(sql: &str) -> Case {
    Case::sqlite().second(sql).fails(&["migrate"], 1)
}

fn on_postgres(sql: &str) -> Option<Case> {
    Some(Case::postgres()?.second(sql).fails(&["migrate"], 1))
}

bad_inputs! {
    commit_in_a_script: script("create table pots(id integer);\ncommit;\ncreate table beds(id integer);\n");
    begin_in_a_script: script("begin;\ncreate table pots(id integer);\nend;\n");
    rollback_in_a_script: script("create table pots(id integer);\n  ROLLBACK;\n");
    commit_behind_a_comment: on_postgres("create table pots(id int);\n/* done */ commit and chain;\n");
    prepared_transaction_in_a_script: on_postgres("create table pots(id int);\nprepare transaction 'pots';\n");
    transaction_refused_and_needed_in_one_script:
        on_postgres("create table pots(id int);\ncreate index concurrently pots_by_id on pots(id);\n");
    vacuum_among_others: script("create table pots(id integer);\nvacuum;\n");
    psql_include: on_postgres("create table pots(id int);\n\\i other.sql\n");
    psql_copy: on_postgres("create table pots(id int);\n\\copy pots from 'pots.csv'\n");
    psql_variable: on_postgres("\\set size 3\ncreate table pots(id int);\n");
    psql_shell: on_postgres("\\! rm -rf /\n");
    psql_unknown: on_postgres("select 1;\n\\frobnicate\n");
    psql_end_of_rows_without_copy: on_postgres("select 1;\n\\.\n");
    connect_to_another_database: on_postgres("\\connect other\ncreate table pots(id int);\n");
    placeholder_that_is_not_declared: script("create table ${table_nam}(id integer);\n")
        .setting("placeholders = { table_name = \"pots\" }");
    placeholder_like_none: script("insert into plants(name) values ('${who}');\n")
        .setting("placeholders = { table_name = \"pots\" }");
    placeholder_not_declared_when_validating: script("select '${who}';\n")
        .setting("placeholders = { table_name = \"pots\" }")
        .fails(&["validate"], 1);
    sum_file_with_another_checksum: Case::sqlite()
        .run(&["validate", "--fix"])
        .file("migrations/V1.0.0__Create_plants.sql", "create table plants(id integer);\n")
        .fails(&["validate"], 1);
    sum_file_without_a_migration: Case::sqlite()
        .run(&["validate", "--fix"])
        .second("create table pots(id integer);\n")
        .fails(&["validate"], 1);
    sum_file_with_a_migration_too_many: Case::sqlite()
        .second("create table pots(id integer);\n")
        .run(&["validate", "--fix"])
        .without("migrations/V1.1.0__Add_pots.sql")
        .without("rollback/V1.1.0__Add_pots_rollback.sql")
        .fails(&["validate"], 1);
    sum_file_that_git_left_in_conflict: Case::sqlite()
        .file("migrations/dbvc.sum", &format!("dbvc.sum v1:{}\n<<<<<<< HEAD\n", "0".repeat(64)))
        .fails(&["validate"], 1);
    sum_file_that_is_none: Case::sqlite()
        .file("migrations/dbvc.sum", "hello\n")
        .fails(&["validate"], 1);
    sum_file_missing_where_it_is_required: Case::sqlite()
        .setting("[environments.production]\nrequire_sum = true\n")
        .fails(&["migrate", "--environment", "production"], 1);
    sum_file_wrong_where_it_is_required: Case::sqlite()
        .run(&["validate", "--fix"])
        .second("create table pots(id integer);\n")
        .setting("[environments.production]\nrequire_sum = true\n")
        .fails(&["migrate", "--environment", "production"], 1);
}
