//! `init`: a new project.

use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use dbvc_engine::diagnostic::{Diagnostic, Label};
use serde_json::json;

use crate::app::App;
use crate::args::InitArgs;
use crate::codes;
use crate::config::variables::{DATABASE_URL, DBVC_URL, FAMILIES, SQL_CONNECTION_STRING};
use crate::config::{FILE_NAME, Surroundings};
use crate::stop::{Done, Stop};

const ENV_EXAMPLE: &str = "\
# Copy this file to .env, which git ignores, and fill it in.
# DB_PASSWORD='…'
# Everything that dbvc reads from the environment: docs/reference/environment.md
";

pub(super) fn run(app: &App, args: &InitArgs) -> Result<Done, Stop> {
    let here = &app.surroundings.directory;
    let folder = app
        .global
        .project
        .as_ref()
        .map_or_else(|| here.clone(), |folder| here.join(folder));
    std::fs::create_dir_all(&folder).map_err(|error| Stop::file("make", &folder, &error))?;
    let name = args.name.clone().unwrap_or_else(|| folder_name(&folder));
    let place = match &app.global.url {
        Some(url) => Place::Url(url.reveal()),
        None if is_named_in(&app.surroundings) => Place::Variables,
        None => Place::Url("sqlite:app.db"),
    };
    let mut made: Vec<PathBuf> = Vec::new();
    let file = folder.join(FILE_NAME);
    match create(&file, &configuration(&name, place)) {
        Ok(()) => made.push(file),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(exists(&app.surroundings.shown(&file)));
        }
        Err(error) => return Err(Stop::file("write", &file, &error)),
    }
    for name in ["migrations", "rollback"] {
        let path = folder.join(name);
        if !path.is_dir() {
            std::fs::create_dir(&path).map_err(|error| Stop::file("make", &path, &error))?;
            made.push(path);
        }
    }
    let example = folder.join(".env.example");
    match create(&example, ENV_EXAMPLE) {
        Ok(()) => made.push(example),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(Stop::file("write", &example, &error)),
    }
    let ignore = folder.join(".gitignore");
    if ignore_secrets(&ignore).map_err(|error| Stop::file("write", &ignore, &error))? {
        made.push(ignore);
    }
    let shown: Vec<PathBuf> = made.iter().map(|path| app.surroundings.shown(path)).collect();
    for path in &shown {
        app.output.say(format!("created  {}", path.display()));
    }
    app.output
        .say("\nNext: dbvc create \"Create customers\", write its SQL, then dbvc migrate --dry-run");
    Ok(Done::well(json!({ "project": name, "created": shown })))
}

fn folder_name(folder: &Path) -> String {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    if name.is_empty() {
        "app".to_owned()
    } else {
        name.into_owned()
    }
}

fn create(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())
}

fn exists(shown: &Path) -> Stop {
    Stop::usage(
        Diagnostic::error(
            codes::EXISTS,
            "there is a project here already; nothing was changed",
        )
        .label(Label::file(shown))
        .help("`dbvc config` shows its settings"),
    )
}

/// Whether `.gitignore` had to be changed.
fn ignore_secrets(path: &Path) -> std::io::Result<bool> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(error),
    };
    if text.lines().any(|line| matches!(line.trim(), ".env" | "/.env")) {
        return Ok(false);
    }
    let mut file = OpenOptions::new().append(true).create(true).open(path)?;
    let gap = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    file.write_all(format!("{gap}.env\n").as_bytes())?;
    Ok(true)
}

/// A text of TOML in quotes.
fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// What says where the database is.
#[derive(Debug, Clone, Copy)]
enum Place<'a> {
    Url(&'a str),
    /// The variables of the environment, against which a URL of a file here would win.
    Variables,
}

fn is_named_in(surroundings: &Surroundings) -> bool {
    let families = FAMILIES.iter().map(|family| family.host);
    [DBVC_URL, DATABASE_URL, SQL_CONNECTION_STRING]
        .into_iter()
        .chain(families)
        .any(|name| surroundings.variable(name).is_some())
}

fn configuration(name: &str, place: Place<'_>) -> String {
    let url = match place {
        Place::Url(url) => format!("url = {}", quoted(url)),
        Place::Variables => {
            "# url = \"…\"                      # the environment's variables say where it is".to_owned()
        }
    };
    let mut text = String::from(
        "# dbvc: git for databases. Everything here may be left out; `dbvc config` shows what counts.\n\n",
    );
    // Writing to a text cannot fail.
    let _ = write!(
        text,
        "[project]\n\
         name = {}\n\
         default_environment = \"development\"\n\n\
         [databases.main]\n\
         # ${{NAME}} is taken from the environment or from .env; a password never belongs into this file.\n\
         {url}\n\
         migrations = \"migrations\"\n\
         rollback = \"rollback\"\n\
         # versioning = \"semantic\"          # or \"integer\", \"timestamp\"; found out from the files when not said\n\
         # statement_timeout = \"5min\"\n\
         # lock_timeout = \"5s\"\n\
         # placeholders = {{ owner = \"app\" }}\n\n\
         [environments.development]\n\n\
         # [environments.production]\n\
         # branches = [\"main\"]              # git branches that mean this environment\n\
         # protected = true                 # migrating and rolling back want the database's name typed\n\
         # require_undo = true\n\
         # url = \"postgres://app:${{DB_PASSWORD}}@db.example.com/app\"\n",
        quoted(name),
    );
    text
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::{Config, Flags};

    #[test]
    fn what_init_writes_is_a_configuration_that_dbvc_reads() {
        let folder = tempfile::tempdir().expect("a folder");
        let text = configuration("a \"b\" \\ c", Place::Url("sqlite:app.db"));
        create(&folder.path().join(FILE_NAME), &text).expect("written");
        let surroundings = Surroundings {
            directory: folder.path().to_owned(),
            ..Surroundings::default()
        };
        let config = Config::load(&surroundings, &Flags::default()).expect("settings");
        assert_eq!(config.project.value, "a \"b\" \\ c");
        let connection = config.databases[0].connection.as_ref().expect("a url");
        assert_eq!(connection.target.shown(), "sqlite:app.db");
    }

    #[test]
    fn variables_that_say_where_the_database_is_are_not_overruled() {
        let folder = tempfile::tempdir().expect("a folder");
        let variables = [("SQL_SERVER", "db,1433"), ("SQL_DATABASE", "app")];
        let surroundings = Surroundings {
            directory: folder.path().to_owned(),
            variables: variables
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
        };
        assert!(is_named_in(&surroundings));
        assert!(!is_named_in(&Surroundings::default()));
        let text = configuration("shop", Place::Variables);
        create(&folder.path().join(FILE_NAME), &text).expect("written");
        let config = Config::load(&surroundings, &Flags::default()).expect("settings");
        let connection = config.databases[0].connection.as_ref().expect("a url");
        assert_eq!(connection.target.shown(), "sqlserver://db:1433/app");
    }

    #[test]
    fn gitignore_is_extended_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join(".gitignore");
        std::fs::write(&path, "target").expect("written");
        assert!(ignore_secrets(&path).expect("written"));
        assert!(!ignore_secrets(&path).expect("read"));
        assert_eq!(std::fs::read_to_string(&path).expect("read"), "target\n.env\n");
    }

    #[test]
    fn a_file_is_never_written_over() {
        let folder = tempfile::tempdir().expect("a folder");
        let path: &Path = &folder.path().join("x");
        create(path, "1").expect("written");
        assert!(create(path, "2").is_err());
    }
}
