//! Where the database is, and what happens on the way there.

use super::case::Case;

fn url(url: &str, code: i32) -> Case {
    Case::sqlite().fails(&["status", "--url", url], code)
}

/// A port on which nobody listens: it is not handed out as a free one.
const CLOSED: &str = "127.0.0.1:1";

bad_inputs! {
    url_missing: Case::sqlite().file("dbvc.toml", "[databases.plants]\n").fails(&["status"], 3);
    url_missing_without_any_settings: Case::bare()
        .file("migrations/V1.0.0__Create_plants.sql", "create table plants(id integer);\n")
        .fails(&["migrate"], 3);
    url_without_scheme: url("app.db", 3);
    url_without_scheme_but_with_a_password: url("ann:hunter2-SECRET@db.example/plants", 3);
    url_of_an_unknown_kind: url("oracle://ann:hunter2-SECRET@db.example/plants", 3);
    url_of_almost_a_known_kind: url("postgre://ann:hunter2-SECRET@db.example/plants", 3);
    mysql_server_that_is_not_there: url("mysql://ann:hunter2-SECRET@127.0.0.1:1/plants", 4);
    sql_server_that_is_not_there: url(&format!("mssql://ann:hunter2-SECRET@{CLOSED}/plants"), 4);
    url_with_a_port_out_of_range: url("postgres://ann:hunter2-SECRET@127.0.0.1:70000/plants", 3);
    url_with_a_port_that_is_none: url("postgres://ann:hunter2-SECRET@127.0.0.1:port/plants", 3);
    url_without_database: url("postgres://ann:hunter2-SECRET@127.0.0.1:1", 3);
    url_with_an_unknown_option: url("postgres://ann:hunter2-SECRET@127.0.0.1:1/plants?sslmod=require", 3);
    url_with_an_unknown_option_of_sqlite: url("sqlite:app.db?mod=ro", 3);
    url_with_a_bad_value_of_an_option: url("postgres://ann:hunter2-SECRET@127.0.0.1:1/plants?sslmode=perhaps", 3);
    url_in_the_environment_that_is_none: Case::sqlite().env("DBVC_URL", "plants:hunter2-SECRET").fails(&["status"], 3);
    server_that_is_not_there: url(&format!("postgres://ann:hunter2-SECRET@{CLOSED}/plants"), 4);
    server_that_is_not_there_by_variables: Case::bare()
        .file("migrations/V1.0.0__Create_plants.sql", "create table plants(id integer);\n")
        .env("DB_HOST", "127.0.0.1")
        .env("DB_PORT", "1")
        .env("DB_NAME", "plants")
        .env("DB_USER", "ann")
        .env("DB_PASSWORD", "hunter2-SECRET")
        .fails(&["migrate"], 4);
    server_of_which_only_the_host_is_said: Case::bare()
        .file("migrations/V1.0.0__Create_plants.sql", "create table plants(id integer);\n")
        .env("DB_HOST", "127.0.0.1")
        .fails(&["status"], 3);
    server_whose_name_is_unknown: url("postgres://ann:hunter2-SECRET@nowhere.invalid/plants", 4);
    driver_that_does_not_fit_the_url: Case::sqlite()
        .file("dbvc.toml", "[databases.plants]\ndriver = \"postgres\"\nurl = \"sqlite:app.db\"\n")
        .fails(&["status"], 3);
    driver_that_is_unknown: Case::sqlite()
        .file("dbvc.toml", "[databases.plants]\ndriver = \"postgress\"\nurl = \"sqlite:app.db\"\n")
        .fails(&["status"], 3);
}
