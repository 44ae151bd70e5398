//! What is said where nothing says where a database is.

use dbvc_engine::diagnostic::Diagnostic;

use super::connection_string::CONNECTION_STRING;
use super::parts::{Parts, is_mssql};
use super::{Source, codes};

/// `database` and its environment; what is known of it, and the scheme that this would have.
pub(super) fn no_url((database, environment): (&str, &str), scheme: &str, parts: &Parts) -> Diagnostic {
    let mut problem = Diagnostic::error(
        codes::NO_URL,
        format!("nothing says where database `{database}` is in environment `{environment}`"),
    );
    let known = [&parts.name, &parts.host, &parts.user];
    if let Some(known) = known.into_iter().flatten().next() {
        let missing = if parts.name.is_none() {
            "the database's name"
        } else {
            "the server"
        };
        problem = problem.note(format!("{} is set, but {missing} is not", known.source));
    }
    let problem = if is_mssql(scheme) {
        problem
            .help(format!(
                "as a connection string it is all of `{CONNECTION_STRING}`"
            ))
            .help("as variables: SQL_SERVER and SQL_DATABASE, with SQL_USER and SQL_PASSWORD")
            .help("as a URL: `--url mssql://user@host/database`, or DBVC_URL")
    } else {
        problem.help("pass `--url sqlite:app.db` or `--url postgres://user@host/database`, or set DBVC_URL")
    };
    problem.help(format!(
        "or write `url` below [databases.{database}] or [environments.{environment}.databases.{database}] in dbvc.toml"
    ))
}

/// A connection string of SQL Server that cannot be read. Its text is not repeated: it holds a password.
pub(super) fn unreadable(database: &str, source: &Source, reason: &str) -> Diagnostic {
    let what = format!("the connection string of database `{database}` cannot be read");
    Diagnostic::error(codes::URL, what)
        .note(format!("it came from {source}"))
        .note(reason)
        .help(format!("it should look like `{CONNECTION_STRING}`"))
}

#[cfg(test)]
mod tests {
    use super::super::Sourced;
    use super::*;

    #[test]
    fn what_is_missing_is_named_in_the_words_of_its_system() {
        let said = |text: &str| Some(Sourced::new(text.to_owned(), Source::flag("--url")));
        let without_server = Parts {
            name: said("app"),
            ..Parts::default()
        };
        let told = no_url(("main", "test"), "sqlserver", &without_server);
        assert_eq!(told.notes, ["--url is set, but the server is not"]);
        assert!(told.help[0].contains("Server=host,1433;Database=app"), "{told:?}");
        let without_name = Parts {
            host: said("db"),
            ..Parts::default()
        };
        let told = no_url(("main", "test"), "postgres", &without_name);
        assert_eq!(told.notes, ["--url is set, but the database's name is not"]);
        assert!(told.help[0].contains("postgres://"), "{told:?}");
    }
}
