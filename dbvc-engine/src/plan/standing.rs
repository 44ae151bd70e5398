//! How each migration stands: the project's files held against the database's record.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::Serialize;

use super::Known;
use crate::driver::{Action, Applied, AppliedState};
use crate::migration::{ChecksumMatch, Kind, Migration, MigrationKey, MigrationSet, Version};

/// How a migration stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// In the schema, and the file is as it was.
    Applied,
    /// Declared present by a baseline.
    Baseline,
    /// Not in the record, and not after the baseline: taken to be there.
    BelowBaseline,
    /// To be run.
    Pending,
    /// To be run, though a newer one is in the schema already.
    OutOfOrder,
    /// A repeatable migration that is to be run again: its file changed, or a rollback came after it.
    Outdated,
    /// In the schema, and the file was edited since.
    Changed,
    /// In the schema, and the file is gone.
    Missing,
    /// Broken off with some statements done.
    Partial,
    /// Its undo broke off with some statements done.
    PartlyUndone,
    /// Tried and rolled back; to be run again.
    Failed,
    /// Applied once and undone; to be run again.
    RolledBack,
    /// Meant for other environments only.
    OtherEnvironment,
}

impl State {
    /// Whether `migrate` would run it.
    pub fn is_pending(self) -> bool {
        matches!(
            self,
            Self::Pending
                | Self::OutOfOrder
                | Self::Outdated
                | Self::Partial
                | Self::Failed
                | Self::RolledBack
        )
    }
}

/// One migration, from both sides.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Which.
    pub key: MigrationKey,
    /// How it stands.
    pub state: State,
    /// Whether a newer version is in the schema, for one that is to be run.
    pub out_of_order: bool,
    /// The file's side.
    pub migration: Option<Arc<Migration>>,
    /// The record's side.
    pub applied: Option<Arc<Applied>>,
}

/// Holds the project's migrations against the record. Order: versioned by version, then repeatable by description.
pub fn standings(set: &MigrationSet, known: &Known, environment: &str) -> Vec<Standing> {
    let newest = known.current().map(|(version, _)| version.clone());
    let baseline = known.baseline().cloned();
    let fresh_baseline = chosen_baseline(set, known, environment);
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    let scripts = set
        .baselines()
        .filter(|migration| counts(&migration.key, known, fresh_baseline.as_ref()));
    for migration in scripts.chain(set.iter()) {
        if !seen.insert(migration.key.clone()) {
            continue;
        }
        let applied = known.applied.get(&migration.key).cloned();
        let floor = baseline.as_ref().max(fresh_baseline.as_ref());
        all.push(stand(migration, applied, environment, newest.as_ref(), floor));
    }
    let gone = known.applied.iter().filter(|(key, applied)| {
        !seen.contains(*key) && !matches!(applied.state, AppliedState::RolledBack | AppliedState::Failed)
    });
    for (key, applied) in gone {
        let state = match applied.state {
            AppliedState::Baseline => State::Baseline,
            _ => State::Missing,
        };
        all.push(Standing {
            key: key.clone(),
            state,
            out_of_order: false,
            migration: None,
            applied: Some(applied.clone()),
        });
    }
    all.sort_by(|a, b| a.key.cmp(&b.key));
    all
}

/// On an empty record the newest baseline script stands for all up to it.
fn chosen_baseline(set: &MigrationSet, known: &Known, environment: &str) -> Option<Version> {
    if known.present().next().is_some() {
        return None;
    }
    set.baselines()
        .filter(|migration| is_meant_for(migration, environment))
        .filter_map(|migration| migration.key.version().cloned())
        .max()
}

/// Whether the baseline script of this version is the one that counts, and not the migration of the same version.
fn counts(key: &MigrationKey, known: &Known, fresh: Option<&Version>) -> bool {
    let ran = known
        .applied
        .get(key)
        .is_some_and(|applied| applied.kind == "baseline" && applied.state == AppliedState::Applied);
    ran || (fresh.is_some() && key.version() == fresh)
}

/// Whether it belongs to this environment.
pub(crate) fn is_meant_for(migration: &Migration, environment: &str) -> bool {
    let only = &migration.up.directives.environments;
    only.is_empty() || only.iter().any(|name| name == environment)
}

fn stand(
    migration: &Arc<Migration>,
    applied: Option<Arc<Applied>>,
    environment: &str,
    newest: Option<&Version>,
    baseline: Option<&Version>,
) -> Standing {
    let older = match (migration.key.version(), newest) {
        (Some(version), Some(newest)) => version < newest,
        _ => false,
    };
    let below = match (migration.key.version(), baseline) {
        (Some(version), Some(baseline)) => {
            version < baseline || (version == baseline && migration.kind != Kind::Baseline)
        }
        _ => false,
    };
    let state = match &applied {
        Some(applied) => recorded_state(migration, applied),
        None if below => State::BelowBaseline,
        None if !is_meant_for(migration, environment) => State::OtherEnvironment,
        None if older => State::OutOfOrder,
        None => State::Pending,
    };
    Standing {
        key: migration.key.clone(),
        state,
        out_of_order: older && state.is_pending(),
        migration: Some(migration.clone()),
        applied,
    }
}

fn recorded_state(migration: &Migration, applied: &Applied) -> State {
    match applied.state {
        AppliedState::Baseline => State::Baseline,
        AppliedState::Partial if applied.action == Action::Rollback => State::PartlyUndone,
        AppliedState::Partial => State::Partial,
        AppliedState::Failed => State::Failed,
        AppliedState::RolledBack => State::RolledBack,
        AppliedState::Stale => State::Outdated,
        AppliedState::Applied => {
            let same = same_text(migration, applied);
            match (migration.kind, same) {
                (Kind::Repeatable, _) if migration.up.directives.runs_always => State::Outdated,
                (_, true) => State::Applied,
                (Kind::Repeatable, false) => State::Outdated,
                (_, false) => State::Changed,
            }
        }
    }
}

/// A checksum of an algorithm that this version does not know cannot be held against the file; it is not called
/// changed.
fn same_text(migration: &Migration, applied: &Applied) -> bool {
    applied
        .checksum
        .parse()
        .is_ok_and(|recorded| migration.up.checksum.compare(&recorded) != ChecksumMatch::Different)
}
