//! What is said of a migration that was tried.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use super::Loss;
use crate::diagnostic::Diagnostic;
use crate::diff::Difference;
use crate::plan::{Step, StepScript};
use crate::project::{Context, Failed};

/// What came of a migration's trial.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Undone, the schema is as it was before, and nothing that was there is lost.
    Reversible,
    /// Undone, the schema is as it was before, but some of what the database held is gone.
    LosesData,
    /// There is no undo script.
    Irreversible,
    /// The undo script fails, leaves another schema than there was, or keeps the migration from being applied again.
    Wrong,
    /// The migration itself fails on an empty database.
    Fails,
    /// It was applied and has no undo by its nature (a repeatable migration, a baseline), or an earlier one fails.
    NotTested,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Reversible => "reversible",
            Self::LosesData => "loses data",
            Self::Irreversible => "irreversible",
            Self::Wrong => "wrong",
            Self::Fails => "fails",
            Self::NotTested => "not tested",
        })
    }
}

/// What is known of one migration after its trial.
#[derive(Debug, Serialize)]
pub struct Proof {
    /// The migration's key.
    pub migration: String,
    /// Its description.
    pub description: String,
    /// Its file, as people are shown it.
    pub script: PathBuf,
    /// The verdict.
    pub verdict: Verdict,
    /// Why, where the verdict alone does not say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether the migration itself says that it cannot be undone.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub declared: bool,
    /// What is lost, and how that is known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub losses: Vec<Loss>,
    /// What the undo script removes that the migration had made: rows written to it since go with it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub takes_along: Vec<String>,
    /// What the schema is other than it should be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub difference: Option<Difference>,
    /// What a script failed with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<Diagnostic>,
}

impl Proof {
    pub(super) fn of(step: &Step, verdict: Verdict) -> Self {
        let script = match &step.script {
            StepScript::File(file) => file.shown.clone(),
            StepScript::Stored { name, .. } => name.into(),
        };
        Self {
            migration: step.migration.to_string(),
            description: step.description.clone(),
            script,
            verdict,
            reason: None,
            declared: false,
            losses: Vec::new(),
            takes_along: Vec::new(),
            difference: None,
            findings: Vec::new(),
        }
    }

    pub(super) fn because(mut self, reason: impl Into<String>) -> Self {
        self.reason = Some(reason.into());
        self
    }

    pub(super) fn with(mut self, failed: Failed) -> Self {
        self.findings = failed.diagnostics;
        self
    }

    pub(super) fn other_by(mut self, difference: Difference) -> Self {
        self.difference = Some(difference).filter(|difference| !difference.is_empty());
        self
    }

    pub(super) fn untried(step: &Step) -> Self {
        Self::of(step, Verdict::NotTested).because("an earlier migration fails")
    }

    pub(super) fn say_that_it_was_scratch(&mut self, context: &Context<'_>) {
        for diagnostic in &mut self.findings {
            let told = format!(
                "this happened on a scratch database; {} was not touched",
                context.target
            );
            diagnostic.notes = vec![told];
            diagnostic.help.clear();
        }
    }

    /// Whether something is to be mended: the migration fails, or its undo script is wrong.
    pub fn is_fault(&self) -> bool {
        matches!(self.verdict, Verdict::Wrong | Verdict::Fails)
    }

    /// Whether going back would cost something, and the migration does not say so itself.
    pub fn is_doubtful(&self) -> bool {
        match self.verdict {
            Verdict::LosesData => true,
            Verdict::Irreversible => !self.declared,
            _ => false,
        }
    }
}

/// What came of all trials.
#[derive(Debug, Serialize)]
pub struct ProveReport {
    /// The database's name in the project.
    pub database: String,
    /// The environment's name.
    pub environment: String,
    /// Each migration, in the order in which they were applied.
    pub migrations: Vec<Proof>,
    /// How many have each verdict.
    pub counts: BTreeMap<String, usize>,
    /// How long it all took, in milliseconds.
    pub duration_ms: u64,
}

impl ProveReport {
    pub(super) fn new(context: &Context<'_>, migrations: Vec<Proof>, took: Duration) -> Self {
        let mut counts = BTreeMap::new();
        for proof in &migrations {
            *counts.entry(proof.verdict.to_string()).or_default() += 1;
        }
        Self {
            database: context.settings.database.clone(),
            environment: context.settings.environment.clone(),
            migrations,
            counts,
            duration_ms: u64::try_from(took.as_millis()).unwrap_or(u64::MAX),
        }
    }
}
