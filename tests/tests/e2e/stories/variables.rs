//! The environment variables that people's scripts set already.

use crate::filters::Address;
use dbvc_tests::stage::Database;
use dbvc_tests::stage::{Stage, parsed};

/// A stage on PostgreSQL whose settings do not say where the database is.
fn nowhere() -> Option<(Stage, Address)> {
    let stage = Stage::empty_on_postgres()?.planted();
    let Database::Postgres(url) = &stage.database else {
        unreachable!("it is on a server")
    };
    let address = Address::of(url);
    stage.project.remove("dbvc.toml");
    Some((stage, address))
}

fn migrated_with(stage: &Stage, variables: &[(&str, &str)]) {
    let call = stage.call("migrate");
    variables
        .iter()
        .fold(call, |call, (name, value)| call.env(name, value))
        .run()
        .ok();
    assert!(stage.has("pots"));
}

#[test]
fn db_host_and_its_kin() {
    let Some((stage, at)) = nowhere() else { return };
    migrated_with(
        &stage,
        &[
            ("DB_HOST", &at.host),
            ("DB_PORT", &at.port),
            ("DB_NAME", &at.name),
            ("DB_USER", &at.user),
            ("DB_PASSWORD", &at.password),
        ],
    );
}

#[test]
fn database_host_and_its_kin() {
    let Some((stage, at)) = nowhere() else { return };
    migrated_with(
        &stage,
        &[
            ("DATABASE_HOST", &at.host),
            ("DATABASE_PORT", &at.port),
            ("DATABASE_NAME", &at.name),
            ("DATABASE_USERNAME", &at.user),
            ("DATABASE_PASSWORD", &at.password),
            ("APP_ENVIRONMENT", "staging"),
        ],
    );
    assert_eq!(
        stage.record("select distinct environment_name from @deployment_history"),
        ["staging"]
    );
}

#[test]
fn a_whole_url() {
    for name in ["DBVC_URL", "DATABASE_URL"] {
        let Some((stage, _)) = nowhere() else { return };
        migrated_with(&stage, &[(name, &stage.url())]);
    }
}

#[test]
fn a_dot_env_file() {
    let Some((stage, at)) = nowhere() else { return };
    stage.write(
        ".env",
        &format!(
            "# where it is\nexport DB_HOST={}\nDB_PORT={}\nDB_NAME='{}'\nDB_USER=\"{}\"\nDB_PASSWORD={}\n",
            at.host, at.port, at.name, at.user, at.password
        ),
    );
    migrated_with(&stage, &[]);
}

#[test]
fn a_yaml_file_is_weaker_than_dot_env_and_that_than_the_environment() {
    let Some((stage, at)) = nowhere() else { return };
    stage.write(
        "config/db_config.yaml",
        &format!(
            "database:\n  host: {}\n  port: {}\n  name: nowhere\n  user: nobody\n  password: {}\n",
            at.host, at.port, at.password
        ),
    );
    stage.write(".env", &format!("DB_NAME=elsewhere\nDB_USER={}\n", at.user));
    migrated_with(&stage, &[("DB_NAME", &at.name)]);
}

#[test]
fn references_in_the_settings() {
    let Some((stage, at)) = nowhere() else { return };
    stage.write(
        "dbvc.toml",
        "[databases.plants]\nurl = \"postgres://${WHO}:${WORD}@${WHERE:-127.0.0.1}:${DOOR}/${WHAT}\"\n",
    );
    migrated_with(
        &stage,
        &[
            ("WHO", &at.user),
            ("WORD", &at.password),
            ("WHERE", &at.host),
            ("DOOR", &at.port),
            ("WHAT", &at.name),
        ],
    );
}

#[test]
fn a_password_file() {
    let Some((stage, at)) = nowhere() else { return };
    stage.write("secrets/plants", &format!("{}\n", at.password));
    stage.write(
        "dbvc.toml",
        &format!(
            "[databases.plants]\nurl = \"postgres://{}@{}:{}/{}\"\npassword_file = \"secrets/plants\"\n",
            at.user, at.host, at.port, at.name
        ),
    );
    migrated_with(&stage, &[]);
}

#[test]
fn sql_servers_variables_are_read() {
    let stage = Stage::empty_on_sqlite().planted();
    stage.project.remove("dbvc.toml");
    // Nobody listens on port 1.
    let text = "Server=tcp:127.0.0.1,1;Database=plants;User Id=ann;Password=hunter2-SECRET;";
    let address = "sqlserver://ann:****@127.0.0.1:1/plants";
    stage
        .call("status")
        .env("SQL_CONNECTION_STRING", text)
        .run()
        .ended(4)
        .said(address);
    stage
        .call("status")
        .env("SQL_SERVER", "127.0.0.1,1")
        .env("SQL_DATABASE", "plants")
        .env("SQL_USER", "ann")
        .env("SQL_PASSWORD", "hunter2-SECRET")
        .run()
        .ended(4)
        .said(address);
    // Only what the variables for the parts have no place for.
    stage
        .call("status")
        .env("SQL_SERVER", "127.0.0.1,1")
        .env("SQL_DATABASE", "plants")
        .env("SQL_USER", "ann")
        .env("SQL_PASSWORD", "hunter2-SECRET")
        .env("SQL_CONNECTION_STRING", "TrustServerCertificate=true")
        .run()
        .ended(4)
        .said("sqlserver://ann:****@127.0.0.1:1/plants?TrustServerCertificate=true");
    stage
        .call("status")
        .env("SQL_SERVER", "127.0.0.1,1")
        .env("SQL_DATABASE", "plants")
        .env("SQL_USER", "ann")
        .env("SQL_PASSWORD", "hunter2-SECRET")
        .env("SQL_CONNECTION_STRING", "TrustSeverCertificate=true")
        .run()
        .ended(3)
        .said("it came from environment (SQL_CONNECTION_STRING)");
}

#[test]
fn config_tells_where_each_came_from() {
    let Some((stage, at)) = nowhere() else { return };
    stage.write(".env", "DB_NAME=from_the_file\nDB_PASSWORD=hunter2-SECRET\n");
    let ran = stage
        .call("config")
        .env("DB_HOST", &at.host)
        .env("DB_USER", "ann")
        .run()
        .ok();
    let ran = ran
        .said("DB_HOST")
        .said(".env:1")
        .said("from_the_file")
        .said("****");
    let json = stage
        .call("config --json")
        .env("DB_HOST", &at.host)
        .env("DB_USER", "ann")
        .run()
        .ok();
    parsed(&json);
    drop(ran);
}

#[test]
fn the_variables_of_cosmos_make_a_sink_whose_key_nobody_sees() {
    let stage = Stage::empty_on_sqlite().planted();
    let ran = stage
        .call("migrate")
        .env(
            "DBVC_COSMOS_CONNECTION_STRING",
            "AccountEndpoint=https://127.0.0.1:1/;AccountKey=aHVudGVyMi1TRUNSRVQ=;",
        )
        .env("DBVC_COSMOS_DATABASE", "version-control")
        .run()
        .ok();
    ran.said("could not be shipped to cosmos")
        .kept_quiet_about("aHVudGVyMi1TRUNSRVQ");
}
