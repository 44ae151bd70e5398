//! Every environment variable that dbvc reads. `docs/reference/environment.md` lists them all; a test holds it to that.

/// The database's URL; stronger than everything but `--url`.
pub const DBVC_URL: &str = "DBVC_URL";
/// The environment's name; weaker than `--environment`.
pub const DBVC_ENVIRONMENT: &str = "DBVC_ENVIRONMENT";
/// The database's name in the project, or `all`; weaker than `--database`.
pub const DBVC_DATABASE: &str = "DBVC_DATABASE";
/// The configuration file; weaker than `--config`.
pub const DBVC_CONFIG: &str = "DBVC_CONFIG";
/// The longest a statement may run, such as `30s`.
pub const DBVC_STATEMENT_TIMEOUT: &str = "DBVC_STATEMENT_TIMEOUT";
/// The longest a statement may wait for a lock in the database, such as `5s`.
pub const DBVC_LOCK_TIMEOUT: &str = "DBVC_LOCK_TIMEOUT";
/// How long to wait for another run to end, such as `2min`.
pub const DBVC_LOCK_WAIT: &str = "DBVC_LOCK_WAIT";
/// What is logged on standard error, such as `debug` or `dbvc_engine=trace`.
pub const DBVC_LOG: &str = "DBVC_LOG";
/// How it is logged: `human` or `json`; weaker than `--log-format`.
pub const DBVC_LOG_FORMAT: &str = "DBVC_LOG_FORMAT";
/// The connection string of the audit trail in Azure Cosmos DB.
pub const DBVC_COSMOS_CONNECTION_STRING: &str = "DBVC_COSMOS_CONNECTION_STRING";
/// The audit trail's database there; `version-control` when unset.
pub const DBVC_COSMOS_DATABASE: &str = "DBVC_COSMOS_DATABASE";
/// The environment's name, where `DBVC_ENVIRONMENT` is not set.
pub const APP_ENVIRONMENT: &str = "APP_ENVIRONMENT";
/// The database's URL, where `DBVC_URL` is not set.
pub const DATABASE_URL: &str = "DATABASE_URL";
/// SQL Server's connection string (`Server=…;Database=…;User Id=…;Password=…`).
pub const SQL_CONNECTION_STRING: &str = "SQL_CONNECTION_STRING";

/// The parts of a connection, each in a variable of its own.
#[derive(Debug, Clone, Copy)]
pub struct Family {
    /// The host.
    pub host: &'static str,
    /// The port; `None` where the family has no such variable.
    pub port: Option<&'static str>,
    /// The database.
    pub name: &'static str,
    /// The login.
    pub user: &'static str,
    /// Its password.
    pub password: &'static str,
    /// The driver that is meant where nothing else says; `None` is told from the port.
    pub driver: Option<&'static str>,
}

/// `DB_HOST` and the like.
pub const DB: Family = Family {
    host: "DB_HOST",
    port: Some("DB_PORT"),
    name: "DB_NAME",
    user: "DB_USER",
    password: "DB_PASSWORD",
    driver: None,
};

/// `DATABASE_HOST` and the like.
pub const DATABASE: Family = Family {
    host: "DATABASE_HOST",
    port: Some("DATABASE_PORT"),
    name: "DATABASE_NAME",
    user: "DATABASE_USERNAME",
    password: "DATABASE_PASSWORD",
    driver: None,
};

/// `SQL_SERVER` and the like, which mean SQL Server.
pub const SQL: Family = Family {
    host: "SQL_SERVER",
    port: None,
    name: "SQL_DATABASE",
    user: "SQL_USER",
    password: "SQL_PASSWORD",
    driver: Some("sqlserver"),
};

/// The families in the order in which they are looked for; the first of which anything is set counts.
pub const FAMILIES: [Family; 3] = [DB, DATABASE, SQL];

/// What tells that dbvc runs in a CI job, and where that job is.
pub const CI_JOB: [&str; 11] = [
    "GITHUB_ACTIONS",
    "GITHUB_SERVER_URL",
    "GITHUB_REPOSITORY",
    "GITHUB_RUN_ID",
    "CI_JOB_URL",
    "BUILD_URL",
    "BUILD_BUILDID",
    "BUILD_BUILDURI",
    "SYSTEM_TEAMFOUNDATIONCOLLECTIONURI",
    "SYSTEM_TEAMPROJECT",
    "CIRCLE_BUILD_URL",
];

/// All of them, for the test that holds the documentation to this file.
pub fn all() -> Vec<&'static str> {
    let mut names = vec![
        DBVC_URL,
        DBVC_ENVIRONMENT,
        DBVC_DATABASE,
        DBVC_CONFIG,
        DBVC_STATEMENT_TIMEOUT,
        DBVC_LOCK_TIMEOUT,
        DBVC_LOCK_WAIT,
        DBVC_LOG,
        DBVC_LOG_FORMAT,
        DBVC_COSMOS_CONNECTION_STRING,
        DBVC_COSMOS_DATABASE,
        APP_ENVIRONMENT,
        DATABASE_URL,
        SQL_CONNECTION_STRING,
    ];
    for family in FAMILIES {
        names.extend([family.host, family.name, family.user, family.password]);
        names.extend(family.port);
    }
    names.extend(CI_JOB);
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documentation_lists_every_variable() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/reference/environment.md");
        let text = std::fs::read_to_string(path).expect("the page is there");
        for name in all() {
            assert!(text.contains(&format!("`{name}`")), "{name} is not documented");
        }
    }

    #[test]
    fn every_constant_of_this_file_is_listed() {
        let listed = all();
        for line in include_str!("variables.rs").lines() {
            if let Some(rest) = line.strip_prefix("pub const ")
                && let Some((_, value)) = rest.split_once(": &str = ")
            {
                let name = value.trim_matches(['"', ';']);
                assert!(listed.contains(&name), "{name} is not in all()");
            }
        }
    }
}
