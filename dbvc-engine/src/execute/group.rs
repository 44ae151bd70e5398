//! Steps that are run in one go.

use crate::driver::MESSAGE_BYTES;
use crate::plan::{Step, StepScript};

/// Steps in one go at the most. Their statements are in memory together, and so are the texts for the registry.
const MOST: usize = 128;

/// Neighbouring steps of a plan that are a transaction each, or one step that is none.
#[derive(Debug)]
pub(super) struct Group<'a> {
    pub(super) steps: &'a [Step],
    /// The first one's place in the plan, from 0.
    pub(super) first: usize,
    /// All steps of the plan.
    pub(super) plan: &'a [Step],
    /// Whether another group of transactions follows at once.
    pub(super) goes_on: bool,
}

impl<'a> Group<'a> {
    /// The group that begins with step `first` of the plan.
    pub(super) fn next(steps: &'a [Step], first: usize) -> Self {
        let mut bytes = 0;
        let fits = |(index, step): (usize, &Step)| {
            bytes += script_bytes(step);
            index == 0 || (step.transactional && index < MOST && bytes <= MESSAGE_BYTES as u64)
        };
        let rest = &steps[first..];
        let size = match rest.first() {
            Some(step) if step.transactional => {
                rest.iter().enumerate().map(fits).take_while(|fits| *fits).count()
            }
            _ => rest.len().min(1),
        };
        Self {
            steps: &rest[..size],
            first,
            plan: steps,
            goes_on: rest.get(size).is_some_and(|next| next.transactional),
        }
    }

    /// The one step, if it is no transaction.
    pub(super) fn alone(&self) -> Option<&'a Step> {
        self.steps.first().filter(|step| !step.transactional)
    }
}

/// What is read of a step's files.
fn script_bytes(step: &Step) -> u64 {
    let up = match &step.script {
        StepScript::File(script) => script.bytes,
        StepScript::Stored { text, .. } => text.len() as u64,
    };
    up + step.undo.as_ref().map_or(0, |undo| undo.bytes)
}
