//! Planning `migrate`.

use std::collections::BTreeSet;

use super::migrate_findings as say;
use super::{Again, Known, Plan, Resume, ScriptFacts, Standing, State, Step, StepScript};
use crate::diagnostic::Diagnostic;
use crate::driver::{Action, AppliedState};
use crate::migration::{Migration, MigrationKey, Script, Version};

/// What was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MigrateOptions {
    /// Go no further than this version; repeatable migrations then stay as they are.
    pub target: Option<Version>,
    /// Run migrations that are older than the newest in the schema.
    pub out_of_order: bool,
    /// Refuse to plan a versioned migration without an undo script.
    pub require_undo: bool,
}

/// Plans what brings a database to its newest version. `facts` tells what a script holds; it is asked only for
/// scripts that would run.
pub fn migrate(
    names: (&str, &str),
    known: &Known,
    standings: &[Standing],
    options: &MigrateOptions,
    facts: &mut dyn FnMut(&Script) -> Result<ScriptFacts, Box<Diagnostic>>,
) -> Plan {
    let mut findings = say::about_the_record(known, standings, options);
    let chosen = choose(standings, options);
    findings.extend(say::about_the_choice(standings, &chosen, options));
    let mut steps = Vec::new();
    for standing in chosen {
        let Some(migration) = &standing.migration else {
            continue;
        };
        match facts(&migration.up) {
            Ok(facts) => {
                findings.extend(say::about_the_script(&migration.up, &facts));
                if options.require_undo && say::lacks_undo(migration) {
                    findings.push(say::missing_undo(migration));
                }
                steps.push(step(standing, migration, &facts));
            }
            Err(problem) => findings.push(*problem),
        }
    }
    Plan {
        database: names.0.to_owned(),
        environment: names.1.to_owned(),
        history: known.digest.clone(),
        current: known.current().map(|(version, _)| version.to_string()),
        steps,
        findings,
    }
}

/// Those to run, in order: a broken-off one first, then versions, then repeatable ones.
fn choose<'a>(standings: &'a [Standing], options: &MigrateOptions) -> Vec<&'a Standing> {
    let mut chosen: Vec<&Standing> = standings
        .iter()
        .filter(|standing| standing.state.is_pending())
        .filter(|standing| options.out_of_order || !standing.out_of_order || standing.state == State::Partial)
        .filter(|standing| match (&options.target, standing.key.version()) {
            (None, _) => true,
            (Some(target), Some(version)) => version <= target,
            (Some(_), None) => false,
        })
        .collect();
    chosen.sort_by_key(|standing| standing.state != State::Partial);
    chosen
}

fn step(standing: &Standing, migration: &Migration, facts: &ScriptFacts) -> Step {
    let asked = migration.up.directives.no_transaction;
    let resume = standing
        .applied
        .as_ref()
        .filter(|_| standing.state == State::Partial)
        .map(|applied| Resume {
            rank: applied.rank,
            done: applied.statements_done,
            digest: applied.progress.clone().unwrap_or_default(),
            in_flight: applied.in_flight.clone(),
            session: applied.session.clone(),
        });
    let reason = facts.reason().filter(|_| !asked);
    Step {
        migration: migration.key.clone(),
        description: migration.description.clone(),
        kind: migration.kind,
        checksum: migration.up.checksum.clone(),
        action: Action::Migrate,
        script: StepScript::File(Box::new(migration.up.clone())),
        undo: migration.undo.clone(),
        statements: facts.statements,
        transactional: !asked && facts.fits_transaction() && resume.is_none(),
        reason,
        resume,
        again: again(standing, migration),
    }
}

fn again(standing: &Standing, migration: &Migration) -> Option<Again> {
    let applied = standing
        .applied
        .as_ref()
        .filter(|_| standing.state == State::Outdated)?;
    Some(if applied.state == AppliedState::Stale {
        Again::RolledBack
    } else if migration.up.directives.runs_always {
        Again::Always
    } else {
        Again::Edited
    })
}

/// The keys that are in the schema now or will be when the steps before have run.
pub(super) fn present_after<'a>(
    standings: &'a [Standing],
    chosen: &[&'a Standing],
) -> BTreeSet<&'a MigrationKey> {
    standings
        .iter()
        .filter(|standing| {
            matches!(
                standing.state,
                State::Applied | State::Baseline | State::BelowBaseline | State::Changed | State::Outdated
            )
        })
        .chain(chosen.iter().copied())
        .map(|standing| &standing.key)
        .collect()
}
