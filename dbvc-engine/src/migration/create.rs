//! A new, empty migration. Nothing is written here.

use std::path::{Path, PathBuf};

use super::formats::{FileName, Help, Role, Rules, clean};
use super::key::MigrationKey;
use super::naming::LONGEST_NAME;
use super::set::{Kind, MigrationSet};
use super::version::{Version, VersionError, VersionScheme};

#[cfg(test)]
mod tests;

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The version as typed; `None` for the next free one.
    pub version: Option<String>,
    /// What it is about, `Add customer analytics`.
    pub description: String,
    /// How versions are written in a directory that has none yet, and in a project that does not say.
    pub scheme: VersionScheme,
    /// Now; versions and headers have it in UTC, so that people in two time zones agree on the order.
    pub now: jiff::Timestamp,
}

/// The files of a new migration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewMigration {
    /// Its version.
    pub version: Version,
    /// The migration.
    pub up_path: PathBuf,
    /// Its header.
    pub up_text: String,
    /// Its undo script, in the rollback folder or else as `U…` beside it.
    pub undo_path: PathBuf,
    /// The undo script's header.
    pub undo_text: String,
}

/// Why no migration is made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CreateError {
    /// There is a migration or a baseline of that version.
    #[error("version {version} exists: {}; the next free one is {next}", existing.display())]
    VersionExists {
        /// The version that was asked for.
        version: Box<Version>,
        /// Its file.
        existing: PathBuf,
        /// A free one.
        next: Box<Version>,
    },
    /// The version is not of the project's scheme.
    #[error("{error}; the next free version is {next}")]
    Version {
        /// What is wrong with it.
        error: VersionError,
        /// A free one.
        next: Box<Version>,
    },
    /// The description breaks the project's naming rules.
    #[error("{reason}; {help}")]
    Description {
        /// The rule's code, one of [`super::codes`].
        code: &'static str,
        /// What is wrong with it.
        reason: String,
        /// What to write.
        help: String,
    },
}

/// Makes the paths and texts of a new migration.
pub fn create(set: &MigrationSet, request: &Request) -> Result<NewMigration, CreateError> {
    let layout = set.layout();
    let scheme = layout.scheme.or(set.scheme()).unwrap_or(request.scheme);
    let next = next_free(set, scheme, request.now);
    let version = match &request.version {
        None => next,
        Some(text) => {
            let text = text.strip_prefix(['V', 'v']).unwrap_or(text);
            let version = Version::parse(text, scheme).map_err(|error| CreateError::Version {
                error,
                next: Box::new(next.clone()),
            })?;
            if let Some(existing) = existing(set, &version) {
                return Err(CreateError::VersionExists {
                    existing: existing.to_owned(),
                    version: Box::new(version),
                    next: Box::new(next),
                });
            }
            version
        }
    };
    let description = clean(&request.description);
    check(set, &version, &description)?;
    let stem = format!("V{version}__{description}");
    let (undo_path, undo_stem) = match &layout.rollback {
        Some(folder) => (folder.clone(), format!("{stem}_rollback")),
        None => (layout.migrations.clone(), format!("U{version}__{description}")),
    };
    Ok(NewMigration {
        up_path: layout.migrations.join(format!("{stem}.sql")),
        up_text: header("Migration", &stem, &version, request),
        undo_path: undo_path.join(format!("{undo_stem}.sql")),
        undo_text: header("Rollback of migration", &stem, &version, request),
        version,
    })
}

/// The version after the newest of a set.
fn next_free(set: &MigrationSet, scheme: VersionScheme, now: jiff::Timestamp) -> Version {
    match set.newest() {
        Some(newest) => {
            let in_scheme = Version::parse(&newest.to_string(), scheme);
            in_scheme.as_ref().unwrap_or(newest).next(now)
        }
        None => Version::first(scheme, now),
    }
}

fn existing<'a>(set: &'a MigrationSet, version: &Version) -> Option<&'a Path> {
    let versioned = set.get(&MigrationKey::Versioned(version.clone()));
    let found = versioned.or_else(|| set.baseline(version))?;
    Some(&found.up.shown)
}

fn check(set: &MigrationSet, version: &Version, description: &str) -> Result<(), CreateError> {
    let refused = |code, reason: &str, help: String| CreateError::Description {
        code,
        reason: reason.to_owned(),
        help,
    };
    if description.is_empty() {
        let help = "say what changes, such as \"Add email to customers\"".into();
        return Err(refused(super::codes::NAME_EMPTY, "there is no description", help));
    }
    let name = FileName {
        role: Role::Up(Kind::Versioned),
        version: Some(version.to_string()),
        description: description.to_owned(),
        rules: Rules::Ours,
        around: (format!("V{version}__"), ".sql".into()),
    };
    // The undo script's name is the longer one.
    if name.with(description).chars().count() + "_rollback".len() > LONGEST_NAME {
        let reason = format!("the description makes a name of more than {LONGEST_NAME} characters");
        let help = "say it in fewer words".into();
        return Err(refused(super::codes::NAME_TOO_LONG, &reason, help));
    }
    if description.ends_with("_rollback") {
        let help = "end it with another word".into();
        let reason = "a name that ends in `_rollback` is an undo script's";
        return Err(refused(super::codes::NAME_PATTERN, reason, help));
    }
    set.layout().naming.check(&name).map_err(|refusal| {
        let help = match refusal.help {
            Help::Rename(to) => format!("the corrected name is {to}"),
            Help::Version(text) | Help::Say(text) => text,
        };
        refused(refusal.code, &refusal.message, help)
    })
}

fn header(what: &str, stem: &str, version: &Version, request: &Request) -> String {
    // A line break would end the comment.
    let description = request
        .description
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let created = request.now.strftime("%Y-%m-%d %H:%M:%S UTC");
    format!(
        "-- {what}: {stem}\n-- Version: {version}\n-- Created: {created}\n-- Description: {description}\n\n"
    )
}
