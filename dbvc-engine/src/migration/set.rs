//! The migrations of one database, in order.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::directory::DirectoryLayout;
use super::key::MigrationKey;
use super::problem::{Problem, codes};
use super::script::Script;
use super::version::{Version, VersionScheme};

/// When a migration runs. An undo script is no migration of its own but [`Migration::undo`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// Once, in the order of versions.
    Versioned,
    /// After the versioned ones, whenever its text changed.
    Repeatable,
    /// In place of everything up to its version, on an empty database.
    Baseline,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Versioned => "versioned",
            Self::Repeatable => "repeatable",
            Self::Baseline => "baseline",
        })
    }
}

/// One migration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Migration {
    /// What identifies it.
    pub key: MigrationKey,
    /// When it runs.
    pub kind: Kind,
    /// For people: the words of the file name, `Add customer analytics`.
    pub description: String,
    /// What it does.
    pub up: Script,
    /// What takes it back.
    pub undo: Option<Script>,
}

/// All migrations of a directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MigrationSet {
    layout: DirectoryLayout,
    scheme: Option<VersionScheme>,
    ordered: BTreeMap<MigrationKey, Arc<Migration>>,
    baselines: BTreeMap<Version, Arc<Migration>>,
}

impl MigrationSet {
    /// Puts migrations in order. Two with one version, or two repeatable ones with one description, are a problem;
    /// a baseline may have the version of a versioned one.
    pub fn new(
        layout: DirectoryLayout,
        scheme: Option<VersionScheme>,
        migrations: impl IntoIterator<Item = Migration>,
    ) -> Result<Self, Vec<Problem>> {
        let mut set = Self {
            layout,
            scheme,
            ..Self::default()
        };
        let mut problems = Vec::new();
        for migration in migrations {
            if let Some(first) = set.twin(&migration) {
                problems.push(duplicate(&migration, &first.up.shown));
                continue;
            }
            match (&migration.key, migration.kind) {
                (MigrationKey::Versioned(version), Kind::Baseline) => {
                    set.baselines.insert(version.clone(), Arc::new(migration));
                }
                _ => {
                    set.ordered.insert(migration.key.clone(), Arc::new(migration));
                }
            }
        }
        if problems.is_empty() {
            Ok(set)
        } else {
            Err(problems)
        }
    }

    fn twin(&self, migration: &Migration) -> Option<&Migration> {
        match (&migration.key, migration.kind) {
            (MigrationKey::Versioned(version), Kind::Baseline) => {
                self.baselines.get(version).map(Arc::as_ref)
            }
            (key, _) => self.ordered.get(key).map(Arc::as_ref),
        }
    }

    /// Versioned migrations by version, then repeatable ones by description; see [`MigrationSet::baselines`].
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &Arc<Migration>> {
        self.ordered.values()
    }

    /// The versioned migrations, oldest first.
    pub fn versioned(&self) -> impl DoubleEndedIterator<Item = &Migration> {
        self.iter().map(Arc::as_ref).filter(|m| m.kind == Kind::Versioned)
    }

    /// The repeatable migrations by description.
    pub fn repeatables(&self) -> impl DoubleEndedIterator<Item = &Migration> {
        self.iter()
            .map(Arc::as_ref)
            .filter(|m| m.kind == Kind::Repeatable)
    }

    /// The baselines, oldest first. They are not among [`MigrationSet::iter`], as one may have a migration's version.
    pub fn baselines(&self) -> impl DoubleEndedIterator<Item = &Arc<Migration>> {
        self.baselines.values()
    }

    /// The versioned or repeatable migration of that key.
    pub fn get(&self, key: &MigrationKey) -> Option<&Migration> {
        self.ordered.get(key).map(Arc::as_ref)
    }

    /// The baseline of that version.
    pub fn baseline(&self, version: &Version) -> Option<&Migration> {
        self.baselines.get(version).map(Arc::as_ref)
    }

    /// The migration that people mean by `text`: anything that [`MigrationKey`] reads, or a file name exactly.
    pub fn find(&self, text: &str) -> Option<&Migration> {
        let by_key = text.parse().ok().and_then(|key| self.get(&key));
        by_key.or_else(|| self.iter().map(Arc::as_ref).find(|m| m.up.name() == text))
    }

    /// The newest version, among versioned migrations and baselines.
    pub fn newest(&self) -> Option<&Version> {
        let versioned = self.versioned().next_back().and_then(|m| m.key.version());
        versioned.max(self.baselines.keys().next_back())
    }

    /// All scripts, undo scripts included, in the order of [`MigrationSet::iter`] with each baseline at its version.
    pub fn scripts(&self) -> impl Iterator<Item = &Script> {
        let mut all: Vec<&Arc<Migration>> = self.baselines().chain(self.iter()).collect();
        all.sort_by_key(|migration| &migration.key);
        all.into_iter()
            .flat_map(|migration| std::iter::once(&migration.up).chain(&migration.undo))
    }

    /// How the versions are written; `None` while there are none and the project says nothing.
    pub fn scheme(&self) -> Option<VersionScheme> {
        self.scheme
    }

    /// The folders it was read from.
    pub fn layout(&self) -> &DirectoryLayout {
        &self.layout
    }

    /// How many versioned and repeatable migrations there are.
    pub fn len(&self) -> usize {
        self.ordered.len()
    }

    /// Whether there is neither a versioned nor a repeatable migration.
    pub fn is_empty(&self) -> bool {
        self.ordered.is_empty()
    }
}

pub(crate) fn duplicate(migration: &Migration, first: &Path) -> Problem {
    let what = match &migration.key {
        MigrationKey::Versioned(version) if migration.kind == Kind::Baseline => {
            format!("baseline {version}")
        }
        MigrationKey::Versioned(version) => format!("version {version}"),
        MigrationKey::Repeatable(_) => format!("repeatable migration {}", migration.key),
    };
    let message = format!(
        "{what} exists twice: {} and {}",
        first.display(),
        migration.up.shown.display()
    );
    Problem::new(codes::DUPLICATE, &migration.up.shown, message)
        .help("rename the one that was added last; `dbvc create` proposes a free version")
}
