//! File names.

use super::case::Case;

const SQL: &str = "create table pots(id integer primary key);\n";

fn named(name: &str) -> Case {
    Case::sqlite().file(&format!("migrations/{name}"), SQL).fails(&["validate"], 1)
}

bad_inputs! {
    name_without_version: named("V__Add_pots.sql");
    name_with_one_underscore: named("V1.1.0_Add_pots.sql");
    name_with_hyphens: named("V1.1.0__Add-pots.sql");
    name_with_spaces: named("V1.1.0__Add pots.sql");
    name_with_a_sign: named("V1.1.0__Add_pots!.sql");
    name_that_is_vague: named("V1.1.0__update.sql");
    name_that_is_vague_with_a_number: named("V1.1.0__fix_2.sql");
    name_without_description: named("V1.1.0__.sql");
    name_with_three_underscores: named("V1.1.0___Add_pots.sql");
    name_with_a_small_v: named("v1.1.0__Add_pots.sql");
    name_without_prefix: named("1.1.0__Add_pots.sql");
    name_with_another_extension: named("V1.1.0__Add_pots.txt");
    name_with_a_big_extension: named("V1.1.0__Add_pots.SQL");
    name_with_an_extension_too_many: named("V1.1.0__Add_pots.up.sql");
    name_that_is_too_long: named(&format!("V1.1.0__Add_{}.sql", "pots_".repeat(40).trim_end_matches('_')));
    name_of_a_repeatable_with_one_underscore: named("R_Pot_views.sql");
    name_of_a_repeatable_without_description: named("R__.sql");
    name_that_the_projects_own_list_calls_vague:
        named("V1.1.0__Sprint_12.sql").setting("naming = { vague = [\"sprint\"] }");
    name_that_follows_no_pattern: named("V1.1.0__Pots_are_new.sql").setting("naming = { style = \"verb\" }");
    name_of_another_tools_callback: named("beforeMigrate.sql");
}
