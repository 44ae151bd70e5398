//! What surrounds a run: the process's variables, the project's `.env`, the working directory. Read once, so that
//! everything else is a function of it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use dbvc_engine::diagnostic::{Diagnostic, Label};
use dbvc_engine::text::LineColumn;

use super::{Source, Sourced, codes};

/// What surrounds a run. `Debug` is left out on purpose: variables hold passwords.
#[derive(Clone, Default)]
#[allow(
    missing_debug_implementations,
    reason = "variables hold passwords, so nobody shall print them"
)]
pub struct Surroundings {
    /// The process's variables.
    pub variables: BTreeMap<String, String>,
    /// The working directory.
    pub directory: PathBuf,
}

impl Surroundings {
    /// Those of this process.
    pub fn of_process() -> std::io::Result<Self> {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Ok(Self {
            variables,
            directory: std::env::current_dir()?,
        })
    }

    /// A variable of the process; an empty one counts as unset.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// A path as people are shown it: relative where it is below the working directory.
    pub fn shown(&self, path: &Path) -> PathBuf {
        match path.strip_prefix(&self.directory) {
            Ok(inside) if inside.as_os_str().is_empty() => PathBuf::from("."),
            Ok(inside) => inside.to_owned(),
            Err(_) => path.to_owned(),
        }
    }
}

/// One variable of a `.env` file.
#[derive(Clone)]
struct DotEnvEntry {
    value: String,
    line: Option<u32>,
}

/// The process's variables over those of `.env`.
#[derive(Clone, Default)]
#[allow(
    missing_debug_implementations,
    reason = "variables hold passwords, so nobody shall print them"
)]
pub struct Variables {
    process: BTreeMap<String, String>,
    file: PathBuf,
    entries: BTreeMap<String, DotEnvEntry>,
}

impl Variables {
    /// The variables of the process, and of `.env` in `root` if there is one.
    pub fn read(surroundings: &Surroundings, root: &Path) -> Result<Self, Box<Diagnostic>> {
        let path = root.join(".env");
        let shown = surroundings.shown(&path);
        let mut variables = Self {
            process: surroundings.variables.clone(),
            file: shown.clone(),
            entries: BTreeMap::new(),
        };
        match std::fs::read_to_string(&path) {
            Ok(text) => variables.entries = parse(&shown, &text)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(Box::new(
                    Diagnostic::error(
                        codes::DOT_ENV,
                        format!("cannot read {}: {error}", shown.display()),
                    )
                    .label(Label::file(shown)),
                ));
            }
        }
        Ok(variables)
    }

    /// The variable in the process, else in `.env`; an empty one counts as unset.
    pub fn get(&self, name: &str) -> Option<Sourced<String>> {
        self.of_process(name).or_else(|| self.of_file(name))
    }

    /// The variable in the process.
    pub fn of_process(&self, name: &str) -> Option<Sourced<String>> {
        let value = self.process.get(name).filter(|value| !value.is_empty())?;
        let variable = name.to_owned();
        Some(Sourced::new(value.clone(), Source::Environment { variable }))
    }

    /// The variable in `.env`.
    pub fn of_file(&self, name: &str) -> Option<Sourced<String>> {
        let entry = self.entries.get(name).filter(|entry| !entry.value.is_empty())?;
        Some(Sourced::new(
            entry.value.clone(),
            Source::DotEnv {
                path: self.file.clone(),
                line: entry.line,
                variable: name.to_owned(),
            },
        ))
    }
}

fn parse(shown: &Path, text: &str) -> Result<BTreeMap<String, DotEnvEntry>, Box<Diagnostic>> {
    let mut entries = BTreeMap::new();
    for item in dotenvy::from_read_iter(text.as_bytes()) {
        match item {
            Ok((name, value)) => {
                let line = line_of(text, &name);
                // The first of two equal names counts, as with every reader of `.env` files.
                entries.entry(name).or_insert(DotEnvEntry { value, line });
            }
            Err(error) => return Err(Box::new(broken(shown, text, &error))),
        }
    }
    Ok(entries)
}

/// The line is named and not quoted: it may hold a password.
fn broken(shown: &Path, text: &str, error: &dotenvy::Error) -> Diagnostic {
    let mut label = Label::file(shown);
    if let dotenvy::Error::LineParse(content, _) = error
        && let Some(index) = text.lines().position(|line| line.trim() == content.trim())
    {
        label.at = Some(LineColumn {
            line: u32::try_from(index + 1).unwrap_or(u32::MAX),
            column: 1,
        });
    }
    Diagnostic::error(
        codes::DOT_ENV,
        format!("{} has a line that is not NAME=VALUE", shown.display()),
    )
    .label(label)
    .help("put a value with spaces, `#` or quotes into single quotes: NAME='va lue'")
}

fn line_of(text: &str, name: &str) -> Option<u32> {
    let index = text.lines().position(|line| {
        let line = line.trim_start();
        let line = line.strip_prefix("export ").unwrap_or(line).trim_start();
        line.strip_prefix(name)
            .is_some_and(|rest| rest.trim_start().starts_with('='))
    })?;
    u32::try_from(index + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(process: &[(&str, &str)], dot_env: &str) -> Variables {
        Variables {
            process: process
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                .collect(),
            file: ".env".into(),
            entries: parse(Path::new(".env"), dot_env).expect("fine"),
        }
    }

    #[test]
    fn the_process_is_stronger_than_the_file() {
        let both = variables(&[("DB_HOST", "a")], "DB_HOST=b\nDB_PORT=1\n");
        assert_eq!(both.get("DB_HOST").expect("set").value, "a");
        let port = both.get("DB_PORT").expect("set");
        assert_eq!(port.source.to_string(), ".env:2 (DB_PORT)");
    }

    #[test]
    fn an_empty_variable_counts_as_unset() {
        let both = variables(&[("DB_HOST", "")], "DB_HOST=b\n");
        assert_eq!(both.get("DB_HOST").expect("set").value, "b");
    }

    #[test]
    fn a_broken_line_is_named_and_not_quoted() {
        let error = parse(Path::new(".env"), "A=1\nhunter2 is my password\n")
            .err()
            .expect("broken");
        assert_eq!(error.labels[0].at.expect("a place").line, 2);
        assert!(!format!("{error:?}").contains("hunter2"));
    }
}
