//! What the history will say of a step.

use uuid::Uuid;

use crate::driver::{Action, Actor, AppliedState, End, EntryStatus, InRun, NewExecution, Registration};
use crate::migration::Script;
use crate::plan::{Step, StepScript};

/// Texts larger than this are not kept in the registry; their checksum always is.
const LARGEST_KEPT: u64 = 1024 * 1024;

/// Who runs, where and why.
#[derive(Debug, Clone)]
pub struct Who {
    /// The run.
    pub run: Uuid,
    /// Who.
    pub actor: Actor,
    /// The environment's name.
    pub environment: String,
    /// Why, as the person said.
    pub reason: Option<String>,
    /// dbvc's version.
    pub tool_version: String,
}

impl Who {
    /// The history's entry for `step`, which has this place in its run.
    pub fn execution(&self, step: &Step, in_run: InRun) -> NewExecution {
        NewExecution {
            run: self.run,
            action: step.action,
            migration: step.migration.to_string(),
            version: step.migration.version().map(ToString::to_string),
            description: step.description.clone(),
            kind: step.kind.to_string(),
            script: step.name(),
            checksum: step.checksum.to_string(),
            registration: registration(step),
            statements: step.statements,
            transactional: step.transactional,
            actor: self.actor.clone(),
            environment: self.environment.clone(),
            reason: self.reason.clone(),
            tool_version: self.tool_version.clone(),
            in_run: Some(in_run),
        }
    }
}

fn registration(step: &Step) -> Option<Registration> {
    let StepScript::File(up) = &step.script else {
        return None;
    };
    (step.action == Action::Migrate).then(|| Registration {
        up_script: kept_text(up),
        down_script: step.undo.as_ref().and_then(kept_text),
    })
}

fn kept_text(script: &Script) -> Option<String> {
    // A file that cannot be read fails where it is run, with its place; here it would only fail without one.
    (script.bytes <= LARGEST_KEPT)
        .then(|| script.read_to_string().ok())
        .flatten()
}

/// How the entry ends when all went well.
pub(super) fn well(step: &Step) -> End {
    let state = match step.action {
        Action::Rollback => AppliedState::RolledBack,
        Action::Baseline => AppliedState::Baseline,
        Action::Migrate | Action::Fix => AppliedState::Applied,
    };
    End {
        status: EntryStatus::Completed,
        statements_done: step.statements,
        duration: None,
        error: None,
        state: Some(state),
        error_class: None,
        of: None,
    }
}
