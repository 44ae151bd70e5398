//! Versions.

use super::case::Case;

const SQL: &str = "create table pots(id integer primary key);\n";

fn also(name: &str) -> Case {
    Case::sqlite().file(&format!("migrations/{name}"), SQL).fails(&["validate"], 1)
}

bad_inputs! {
    version_twice: also("V1.0.0__Add_pots.sql");
    version_twice_in_subfolders: also("2026/V1.0.0__Add_pots.sql");
    version_twice_in_another_spelling: also("V1.0__Add_pots.sql");
    repeatable_twice: Case::sqlite()
        .file("migrations/R__Pot_views.sql", "select 1;\n")
        .file("migrations/views/R__Pot_views.sql", "select 2;\n")
        .fails(&["validate"], 1);
    timestamp_among_semantic_versions: also("V20251127_143000__Add_pots.sql");
    schemes_mixed_where_none_is_said: also("V20251127_143000__Add_pots.sql")
        .file("dbvc.toml", "[databases.plants]\nurl = \"sqlite:app.db\"\n");
    version_that_is_none: also("V1.x__Add_pots.sql");
    version_with_an_impossible_date: also("V20251341_143000__Add_pots.sql")
        .without("migrations/V1.0.0__Create_plants.sql")
        .without("rollback/V1.0.0__Create_plants_rollback.sql")
        .file("dbvc.toml", "[databases.plants]\nurl = \"sqlite:app.db\"\nversioning = \"timestamp\"\n");
    version_with_a_leading_zero: also("V1.01.0__Add_pots.sql");
    version_with_too_big_a_number: also("V1.99999999999999999999999.0__Add_pots.sql");
}
