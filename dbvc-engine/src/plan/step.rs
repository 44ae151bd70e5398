//! The plan and its steps.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::diagnostic::Diagnostic;
use crate::driver::Action;
use crate::migration::{Checksum, Kind, MigrationKey, Script};

/// What would be done to one database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// The database's name in the project.
    pub database: String,
    /// The environment's name.
    pub environment: String,
    /// Digest of the history that the plan was made against; checked again under the lock.
    pub history: String,
    /// The newest version in the database now.
    pub current: Option<String>,
    /// What is done, in order.
    pub steps: Vec<Step>,
    /// What is to be said about it; an error among them stops the run.
    pub findings: Vec<Diagnostic>,
}

impl Plan {
    /// SHA-256 over the plan's canonical JSON (RFC 8785): what was approved is what runs if the two have the same.
    pub fn digest(&self) -> String {
        let text = serde_json_canonicalizer::to_string(self).unwrap_or_default();
        hex::encode(Sha256::digest(text.as_bytes()))
    }

    /// Whether a finding stops the run.
    pub fn is_blocked(&self) -> bool {
        self.findings.iter().any(Diagnostic::is_error)
    }
}

/// One script to run, or one entry to make.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// The migration.
    pub migration: MigrationKey,
    /// Its description.
    pub description: String,
    /// Its kind.
    pub kind: Kind,
    /// The migration's own checksum, also when its undo script runs.
    pub checksum: Checksum,
    /// What is done with it.
    pub action: Action,
    /// What runs.
    pub script: StepScript,
    /// The undo script to keep in the registry.
    pub undo: Option<Script>,
    /// Statements in the script.
    pub statements: u32,
    /// Whether it runs as one transaction.
    pub transactional: bool,
    /// Why it does not, where that was not asked for: the statement that cannot.
    pub reason: Option<String>,
    /// Where a broken-off run goes on.
    pub resume: Option<Resume>,
    /// Why a repeatable migration that has run before runs again.
    pub again: Option<Again>,
}

/// Why a repeatable migration runs again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Again {
    /// Its file was edited.
    Edited,
    /// Something was rolled back since, and may have taken along what it made.
    RolledBack,
    /// Its header says so.
    Always,
}

impl std::fmt::Display for Again {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::Edited => "it was edited",
            Self::RolledBack => "something was rolled back since it ran",
            Self::Always => "its header says `runs-always`",
        })
    }
}

impl Step {
    /// The name of what runs, as people know it.
    pub fn name(&self) -> String {
        match &self.script {
            StepScript::File(script) => script.name(),
            StepScript::Stored { name, .. } => name.clone(),
        }
    }
}

/// Where a step's text comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StepScript {
    /// A file of the project.
    File(Box<Script>),
    /// The database's own registry, when the file is gone.
    Stored {
        /// What to call it.
        name: String,
        /// Its text.
        text: String,
    },
}

/// Where a broken-off script goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resume {
    /// The execution that broke off.
    pub rank: u64,
    /// Statements that are done.
    pub done: u32,
    /// Their chained digest, so that an edit of what ran is noticed.
    pub digest: String,
    /// The statement that was under way.
    pub in_flight: Option<String>,
    /// The server's name for the session that ran it.
    pub session: Option<String>,
}
