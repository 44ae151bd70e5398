//! `dbvc.toml`, `.env` and what they name.

use super::case::Case;

fn settings(text: &str) -> Case {
    Case::sqlite().file("dbvc.toml", text).fails(&["status"], 3)
}

fn line(text: &str) -> Case {
    Case::sqlite().setting(text).fails(&["status"], 3)
}

bad_inputs! {
    toml_that_is_none: settings("[databases.plants\nurl = \"sqlite:app.db\"\n");
    toml_with_an_open_quote: settings("[databases.plants]\nurl = \"sqlite:app.db\nversioning = \"semantic\"\n");
    toml_with_a_key_twice: settings("[databases.plants]\nurl = \"sqlite:a.db\"\nurl = \"sqlite:b.db\"\n");
    toml_with_a_database_twice:
        settings("[databases.plants]\nurl = \"sqlite:a.db\"\n[databases.plants]\nurl = \"sqlite:b.db\"\n");
    toml_with_an_unknown_section: settings("[database.plants]\nurl = \"sqlite:app.db\"\n");
    toml_with_an_unknown_section_like_none: settings("[weather]\nrain = true\n[databases.plants]\nurl = \"sqlite:app.db\"\n");
    toml_with_an_unknown_key_in_the_project: settings(
        "[project]\nnam = \"plants\"\n[databases.plants]\nurl = \"sqlite:app.db\"\n");
    toml_with_an_unknown_key_in_a_database: line("migration = \"sql\"");
    toml_with_an_unknown_key_in_an_environment: line("[environments.production]\nprotect = true");
    toml_with_an_unknown_key_in_an_environments_database:
        line("[environments.production.databases.plants]\nurll = \"sqlite:other.db\"");
    toml_with_an_unknown_key_in_the_naming_rules: line("naming = { stile = \"verb\" }");
    toml_with_drift_treated_in_an_unknown_way: line("on_drift = \"stop\"");
    toml_with_a_number_for_a_text: line("migrations = 7");
    toml_with_a_text_for_a_flag: line("out_of_order = \"yes\"");
    toml_with_a_text_for_a_list: line("[environments.production]\nbranches = \"main\"");
    toml_with_an_empty_text: line("rollback = \"\"");
    toml_with_a_bad_scheme_of_versions:
        settings("[databases.plants]\nurl = \"sqlite:app.db\"\nversioning = \"semver\"\n");
    toml_with_a_bad_style_of_names: line("naming = { style = \"flyway\" }");
    toml_with_a_bad_duration: line("statement_timeout = \"soon\"");
    toml_with_a_duration_without_unit: line("lock_wait = \"30\"");
    toml_with_a_bad_pattern_of_branches: line("[environments.production]\nbranches = [\"release/[\"]");
    toml_with_a_default_environment_that_is_not_there: settings(
        "[project]\ndefault_environment = \"prodution\"\n[databases.plants]\nurl = \"sqlite:app.db\"\n\
         [environments.production]\n");
    toml_with_an_environment_for_a_database_that_is_not_there:
        line("[environments.production.databases.plant]\nurl = \"sqlite:other.db\"");
    toml_with_both_kinds_of_databases:
        line("[database]\nurl = \"sqlite:other.db\"");
    toml_with_one_url_for_two_databases:
        line("[databases.animals]\nurl = \"sqlite:animals.db\"\n[environments.production]\nurl = \"sqlite:all.db\"");
    toml_that_is_a_folder: Case::bare().file("dbvc.toml/readme", "").fails(&["status"], 3);
    toml_that_is_not_text: Case::sqlite().bytes("dbvc.toml", b"[databases.pl\xe9nts]\n").fails(&["status"], 3);
    toml_with_two_faults: settings("[project]\nnme = \"plants\"\n[databases.plants]\nurl = 5\n");
    toml_that_is_not_where_it_is_said_to_be: Case::sqlite().fails(&["--config", "other.toml", "status"], 3);
    variable_without_value: settings("[databases.plants]\nurl = \"${PLANTS_URL}\"\n");
    variable_without_end: settings("[databases.plants]\nurl = \"${PLANTS_URL\"\n");
    variable_without_value_beside_a_password: settings(
        "[databases.plants]\nurl = \"postgres://ann:hunter2-SECRET@${PLANTS_HOST}/plants\"\n");
    password_file_missing: settings(
        "[databases.plants]\nurl = \"postgres://ann@127.0.0.1:1/plants\"\npassword_file = \"secrets/plants\"\n");
    password_file_that_is_a_folder: settings(
        "[databases.plants]\nurl = \"postgres://ann@127.0.0.1:1/plants\"\npassword_file = \"migrations\"\n");
    password_file_that_is_empty: settings(
        "[databases.plants]\nurl = \"postgres://ann@127.0.0.1:1/plants\"\npassword_file = \"secrets/plants\"\n")
        .file("secrets/plants", "\n");
    dot_env_with_a_bad_line: Case::sqlite()
        .file(".env", "DB_HOST=localhost\nhunter2-SECRET is the password\n")
        .fails(&["status"], 3);
    db_config_yaml_that_is_none: Case::bare()
        .file("migrations/V1.0.0__Create_plants.sql", "create table plants(id integer);\n")
        .file("config/db_config.yaml", "host: [localhost\npassword: hunter2-SECRET\n")
        .fails(&["status"], 3);
    variable_with_a_bad_duration: Case::sqlite().env("DBVC_LOCK_WAIT", "long").fails(&["status"], 3);
}
