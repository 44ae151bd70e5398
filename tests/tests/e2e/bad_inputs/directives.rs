//! Directives at the top of a script.

use super::case::Case;

fn directive(line: &str) -> Case {
    Case::sqlite().second(&format!("{line}\ncreate table pots(id integer);\n")).fails(&["validate"], 1)
}

bad_inputs! {
    directive_unknown: directive("-- dbvc: no-transactoin");
    directive_like_none: directive("-- dbvc: speed=fast");
    directive_with_a_bad_duration: directive("-- dbvc: statement-timeout=soon");
    directive_with_a_duration_without_unit: directive("-- dbvc: lock-timeout=5");
    directive_without_its_value: directive("-- dbvc: requires");
    directive_with_a_value_too_many: directive("-- dbvc: no-transaction=yes");
    directive_with_a_bad_version: directive("-- dbvc: requires=one");
    directive_with_an_open_quote: directive("-- dbvc: irreversible=\"no way back");
    directive_without_colon: directive("-- dbvc no-transaction");
    directive_twice: directive("-- dbvc: statement-timeout=5s statement-timeout=6s");
    directive_empty: directive("-- dbvc:");
    directive_runs_always_on_a_versioned_migration: directive("-- dbvc: runs-always");
    directive_requires_what_is_missing: directive("-- dbvc: requires=9.0.0").fails(&["migrate"], 1);
    directive_requires_what_comes_later: directive("-- dbvc: requires=1.2.0")
        .file("migrations/V1.2.0__Add_beds.sql", "create table beds(id integer);\n")
        .fails(&["migrate"], 1);
    directive_of_goose_unknown: Case::sqlite()
        .file("dbvc.toml", "[databases.plants]\nurl = \"sqlite:app.db\"\n")
        .without("migrations/V1.0.0__Create_plants.sql")
        .without("rollback/V1.0.0__Create_plants_rollback.sql")
        .file("migrations/1_create_plants.sql", "-- +goose Upp\ncreate table plants(id integer);\n")
        .fails(&["validate"], 1);
    sections_in_the_wrong_order: Case::sqlite()
        .file("dbvc.toml", "[databases.plants]\nurl = \"sqlite:app.db\"\n")
        .without("migrations/V1.0.0__Create_plants.sql")
        .without("rollback/V1.0.0__Create_plants_rollback.sql")
        .file("migrations/1_create_plants.sql", "-- migrate:down\ndrop table plants;\n-- migrate:up\ncreate table plants(id integer);\n")
        .fails(&["validate"], 1);
}
