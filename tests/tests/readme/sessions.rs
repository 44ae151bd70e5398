//! Runs what the pages say.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use dbvc_tests::ProjectFolder;
use dbvc_tests::servers::{MariaDbServer, PostgresServer, Shareable, shared};

use super::page::{self, Part};
use super::{root, steady, writing};

/// How a page calls what a server of the tests has other names for.
struct Kind {
    port: &'static str,
    database: &'static str,
    /// Variables for host, port, database, login and password: dbvc's and those of the server's own client.
    variables: [&'static [&'static str]; 5],
}

const POSTGRES: Kind = Kind {
    port: "5432",
    database: "warehouse",
    variables: [
        &["DB_HOST", "PGHOST"],
        &["DB_PORT", "PGPORT"],
        &["DB_NAME", "PGDATABASE"],
        &["DB_USER", "PGUSER"],
        &["DB_PASSWORD", "PGPASSWORD"],
    ],
};

const MARIADB: Kind = Kind {
    port: "3306",
    database: "shop",
    variables: [
        &["DATABASE_HOST"],
        &["DATABASE_PORT"],
        &["DATABASE_NAME"],
        &["DATABASE_USERNAME"],
        &["DATABASE_PASSWORD"],
    ],
};

/// A reader at a terminal.
struct Reader {
    folder: ProjectFolder,
    here: PathBuf,
    variables: Vec<(String, String)>,
    /// What is called differently here and on the page.
    names: Vec<(String, String)>,
}

impl Reader {
    fn new() -> Self {
        let folder = ProjectFolder::new();
        let here = folder.path();
        let mut names = vec![(here.to_string_lossy().into_owned(), "/home/ann".to_owned())];
        let output = Command::new("id").arg("-un").output().expect("id");
        let user = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        // As a cell of a table; as wide as before.
        names.push((format!("  {user}  "), format!("  {:<1$}  ", "ann", user.len())));
        Self {
            folder,
            here,
            variables: Vec::new(),
            names,
        }
    }

    /// Gives an empty database of this server; false where there is none.
    fn on<S: Shareable>(&mut self, kind: &Kind) -> bool {
        let Some(server) = shared::<S>() else {
            return false;
        };
        let url = server.create_database("documents").expect("a database");
        let rest = url.split_once("://").expect("a scheme").1;
        let (login, place) = rest.rsplit_once('@').expect("a login");
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        let (server, name) = place.split_once('/').expect("a database");
        let name = name.split('?').next().unwrap_or(name);
        let (host, port) = server.split_once(':').unwrap_or((server, kind.port));
        for (variables, value) in kind.variables.iter().zip([host, port, name, user, password]) {
            for variable in *variables {
                self.variables.push(((*variable).to_owned(), value.to_owned()));
            }
        }
        self.names
            .push((server.to_owned(), format!("127.0.0.1:{}", kind.port)));
        // As a cell of a table; as wide as before.
        let cell = format!(" {:<1$} ", kind.database, name.len());
        self.names.push((format!(" {name} "), cell));
        self.names.push((name.to_owned(), kind.database.to_owned()));
        self.names.push((format!("//{user}:"), "//ann:".to_owned()));
        true
    }

    /// Runs a command as a shell does; gives both outputs as they came.
    fn run(&mut self, line: &str) -> Vec<String> {
        if let Some(folder) = line.strip_prefix("cd ") {
            self.here.push(folder);
            return Vec::new();
        }
        if let Some(pairs) = line.strip_prefix("export ") {
            for pair in pairs.split(' ') {
                let (name, value) = pair.split_once('=').expect("NAME=VALUE");
                if !self.variables.iter().any(|(known, _)| known == name) {
                    self.variables
                        .push((name.to_owned(), value.trim_matches('\'').to_owned()));
                }
            }
            return Vec::new();
        }
        let binary = dbvc_tests::binary();
        let programs = binary.parent().expect("a folder").to_string_lossy().into_owned();
        let output = Command::new("sh")
            .arg("-c")
            .arg(format!("exec 2>&1\n{line}"))
            .env_clear()
            .env("PATH", format!("{programs}:/usr/local/bin:/usr/bin:/bin"))
            .env("HOME", self.folder.root().join("home"))
            .env("LANG", "C.UTF-8")
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(&self.here)
            .stdin(Stdio::null())
            .output()
            .expect("a shell");
        let mut text = String::from_utf8(output.stdout).expect("UTF-8");
        for (here, there) in &self.names {
            text = text.replace(here, there);
        }
        let mut lines: Vec<String> = text.lines().map(|line| line.trim_end().to_owned()).collect();
        if !output.status.success() {
            lines.push(format!("[exit code {}]", output.status.code().unwrap_or(-1)));
        }
        lines
    }
}

/// Does what a page says; gives it with what was found.
fn follow(parts: Vec<Part>) -> Option<Vec<Part>> {
    let mut reader = Reader::new();
    let mut found = Vec::new();
    for part in parts {
        found.push(match part {
            Part::With(folder) => {
                for (path, content) in dbvc_tests::list(&root().join(&folder)) {
                    if let Some(content) = content {
                        reader
                            .folder
                            .write(&Path::new(&folder).join(path).to_string_lossy(), content);
                    }
                }
                Part::With(folder)
            }
            Part::OnPostgres => {
                if !reader.on::<PostgresServer>(&POSTGRES) {
                    return None;
                }
                Part::OnPostgres
            }
            Part::OnMariaDb => {
                if !reader.on::<MariaDbServer>(&MARIADB) {
                    return None;
                }
                Part::OnMariaDb
            }
            Part::File(path, text) => {
                let at = reader.here.join(&path);
                std::fs::create_dir_all(at.parent().expect("a folder")).expect("it can be made");
                std::fs::write(at, &text).expect("it can be written");
                Part::File(path, text)
            }
            Part::Command(line, output) => {
                let mut lines = reader.run(&line);
                // A blank line before the next command is the page's own.
                let gap = output.last().is_some_and(String::is_empty);
                while lines.last().is_some_and(String::is_empty) {
                    lines.pop();
                }
                if gap {
                    lines.push(String::new());
                }
                if steady::agree(&output, &lines) {
                    lines = output;
                }
                Part::Command(line, lines)
            }
            text @ Part::Text(_) => text,
        });
    }
    Some(found)
}

/// Compares a page with what really happens.
fn is_true(page: &str) {
    let path = root().join(page);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{page}: {error}"));
    let parts = page::read(&text);
    let Some(found) = follow(parts.clone()) else {
        return;
    };
    if writing() {
        std::fs::write(&path, page::write(&found)).expect("it can be written");
        return;
    }
    for (said, is) in parts.iter().zip(&found) {
        if let (Part::Command(command, said), Part::Command(_, is)) = (said, is) {
            assert!(
                said == is,
                "{page} says of `{command}`\n{}\nand it is\n{}\n`cargo xtask docs --write` corrects the page",
                said.join("\n"),
                is.join("\n")
            );
        }
    }
}

#[test]
fn the_readme_is_true() {
    is_true("README.md");
}

#[test]
fn getting_started_is_true() {
    is_true("docs/guide/getting-started.md");
}

#[test]
fn environments_is_true() {
    is_true("docs/guide/environments.md");
}

#[test]
fn ci_is_true() {
    is_true("docs/guide/ci.md");
}

#[test]
fn the_record_is_true() {
    is_true("docs/guide/record.md");
}

#[test]
fn the_warehouse_is_true() {
    is_true("docs/guide/warehouse.md");
}

#[test]
fn mysql_is_true() {
    is_true("docs/guide/mysql.md");
}
