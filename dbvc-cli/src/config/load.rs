//! Finds the project and resolves everything that a command asks about.

use std::path::{Path, PathBuf};
use std::time::Duration;

use dbvc_engine::diagnostic::{Diagnostic, Label};
use dbvc_engine::driver::Secret;

use super::audit::{self, AuditConfig};
use super::database::DatabaseConfig;
use super::file::{self, FILE_NAME, ProjectFile};
use super::surroundings::{Surroundings, Variables};
use super::variables::DBVC_CONFIG;
use super::{Source, Sourced, codes, select};

/// What the command line says of settings.
#[derive(Debug, Clone, Default)]
pub struct Flags {
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--project`.
    pub project: Option<PathBuf>,
    /// `--url`.
    pub url: Option<Secret>,
    /// `--database`.
    pub database: Option<String>,
    /// `--environment`, or an environment given by its place.
    pub environment: Option<String>,
    /// `--placeholder NAME=VALUE`.
    pub placeholders: Vec<(String, Secret)>,
    /// `--statement-timeout`.
    pub statement_timeout: Option<Duration>,
    /// `--lock-timeout`.
    pub lock_timeout: Option<Duration>,
    /// `--lock-wait`.
    pub lock_wait: Option<Duration>,
}

/// All settings that count for a command.
#[derive(Debug, Clone)]
pub struct Config {
    /// The project's folder.
    pub root: PathBuf,
    /// The configuration file, as people are shown it; none when there is none.
    pub file: Option<PathBuf>,
    /// The project's name.
    pub project: Sourced<String>,
    /// The environment.
    pub environment: Sourced<String>,
    /// Whether the configuration file has a section for it.
    pub has_section: bool,
    /// Whether anything destructive wants the database's name.
    pub protected: Sourced<bool>,
    /// The databases that the command means, in the order of their names.
    pub databases: Vec<DatabaseConfig>,
    /// The audit trail, or why its settings cannot be used. Commands that record nothing need none.
    pub audit: Result<AuditConfig, Vec<Diagnostic>>,
}

/// What is being resolved.
pub(super) struct Project<'a> {
    pub(super) surroundings: &'a Surroundings,
    pub(super) flags: &'a Flags,
    pub(super) root: PathBuf,
    pub(super) file: ProjectFile,
    pub(super) variables: Variables,
    pub(super) environment: Sourced<String>,
}

impl Project<'_> {
    /// What relative paths in URLs are made relative to; nothing where that is the working directory anyway.
    pub(super) fn base(&self) -> &Path {
        if self.root == self.surroundings.directory {
            Path::new("")
        } else {
            &self.root
        }
    }

    /// Variables that name one connection mean the project's only or default database. Were they to count for any
    /// other one, its migrations would run in the wrong place.
    pub(super) fn is_main_database(&self, name: &str) -> bool {
        self.file.databases.len() <= 1
            || self
                .file
                .default_database
                .as_ref()
                .is_some_and(|default| default.value == name)
    }
}

impl Config {
    /// Finds the project around the working directory and resolves its settings.
    pub fn load(surroundings: &Surroundings, flags: &Flags) -> Result<Self, Vec<Diagnostic>> {
        let one = |problem: Box<Diagnostic>| vec![*problem];
        let (root, path) = locate(surroundings, flags).map_err(one)?;
        let shown = path.as_ref().map(|path| surroundings.shown(path));
        let file = match (&path, &shown) {
            (Some(path), Some(shown)) => read(path, shown)?,
            _ => ProjectFile::default(),
        };
        let variables = Variables::read(surroundings, &root).map_err(one)?;
        let flag =
            |value: &Option<String>, name| value.clone().map(|value| Sourced::new(value, Source::flag(name)));
        let at_root = Surroundings {
            directory: root.clone(),
            ..Surroundings::default()
        };
        let environment = select::environment(
            flag(&flags.environment, "--environment"),
            &variables,
            &file,
            &at_root,
        )
        .map_err(one)?;
        let names = select::databases(flag(&flags.database, "--database"), &variables, &file).map_err(one)?;
        if names.len() > 1 && flags.url.is_some() {
            return Err(vec![
                Diagnostic::error(codes::CONFLICT, "one `--url` cannot serve several databases")
                    .help("choose one with `--database NAME`"),
            ]);
        }
        let project = Project {
            surroundings,
            flags,
            root,
            file,
            variables,
            environment,
        };
        project.config(shown, &names)
    }
}

impl Project<'_> {
    fn config(self, file: Option<PathBuf>, names: &[String]) -> Result<Config, Vec<Diagnostic>> {
        let mut databases = Vec::new();
        let mut problems = Vec::new();
        for name in names {
            match DatabaseConfig::resolve(&self, name) {
                Ok(database) => databases.push(database),
                Err(found) => problems.extend(found),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let section = self.file.environments.get(&self.environment.value);
        let protected = section
            .and_then(|section| section.protected.as_ref())
            .map_or_else(|| Sourced::default_value(false), super::Located::sourced);
        let folder = self
            .root
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let project = self
            .file
            .name
            .as_ref()
            .map_or_else(|| Sourced::default_value(folder), super::Located::sourced);
        Ok(Config {
            audit: audit::resolve(&self),
            has_section: section.is_some(),
            root: self.root,
            file,
            project,
            environment: self.environment,
            protected,
            databases,
        })
    }
}

/// The project's folder and its file: as said, else the nearest one above the working directory.
fn locate(surroundings: &Surroundings, flags: &Flags) -> Result<(PathBuf, Option<PathBuf>), Box<Diagnostic>> {
    let here = &surroundings.directory;
    let said = flags
        .config
        .clone()
        .or_else(|| surroundings.variable(DBVC_CONFIG).map(PathBuf::from));
    if let Some(config) = said {
        let config = here.join(config);
        let folder = match &flags.project {
            Some(project) => here.join(project),
            None => config.parent().unwrap_or(here).to_owned(),
        };
        return Ok((folder, Some(config)));
    }
    if let Some(project) = &flags.project {
        let folder = here.join(project);
        if !folder.is_dir() {
            return Err(Box::new(
                Diagnostic::error(
                    codes::UNREADABLE,
                    format!("there is no folder {}", project.display()),
                )
                .help("`--project` names the folder that holds dbvc.toml"),
            ));
        }
        let file = folder.join(FILE_NAME);
        let file = file.exists().then_some(file);
        return Ok((folder, file));
    }
    let found = here.ancestors().find(|folder| folder.join(FILE_NAME).exists());
    Ok(match found {
        Some(folder) => (folder.to_owned(), Some(folder.join(FILE_NAME))),
        None => (here.clone(), None),
    })
}

fn read(path: &Path, shown: &Path) -> Result<ProjectFile, Vec<Diagnostic>> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let help = match error.kind() {
            std::io::ErrorKind::NotFound => "check the path; `dbvc init` writes a new file",
            std::io::ErrorKind::InvalidData => "save it as UTF-8",
            _ => "it must be a file that you may read",
        };
        vec![
            Diagnostic::error(
                codes::UNREADABLE,
                format!("cannot read {}: {error}", shown.display()),
            )
            .label(Label::file(shown))
            .help(help),
        ]
    })?;
    file::parse(shown, text.strip_prefix('\u{feff}').unwrap_or(&text))
}

#[cfg(test)]
#[path = "load_tests.rs"]
mod tests;
