//! What the record says was applied, made anew on a scratch database: the same migrations in the same order, each with the
//! text that ran.

use std::collections::BTreeSet;

use super::opening::Opening;
use super::rehearsal::{Rehearsal, on_scratch};
use super::{Context, ExitClass, Failed};
use crate::diff::{DiffOptions, diff};
use crate::driver::{Action, Applied, AppliedState};
use crate::error::DriverError;
use crate::migration::{
    Checksum, ChecksumMatch, Kind, Migration, MigrationKey, MigrationSet, Version, directory,
};
use crate::plan::{Known, Standing, State, Step, StepScript, is_meant_for, standings};
use crate::schema::{Database, ObjectKey};

/// What is to be run again, and what nobody can tell.
#[derive(Debug, Default)]
pub(super) struct AsApplied {
    /// In the order in which they ran.
    made: Vec<Again>,
    /// Repeatable migrations that a rollback came after: its undo scripts may have dropped what these made.
    perhaps: Vec<Again>,
    /// What is not known, a sentence each.
    pub(super) unknown: Vec<String>,
}

/// One script that runs again.
#[derive(Debug)]
struct Again {
    key: MigrationKey,
    kind: Kind,
    rank: u64,
    script: StepScript,
}

/// The schema that they make.
#[derive(Debug)]
pub(super) struct Made {
    schema: Database,
    /// The same with those that may be there, where they run.
    with_all: Option<Database>,
}

impl AsApplied {
    /// Reads the project's files, and from the registry the texts that ran and are in no file.
    pub(super) async fn of(context: &Context<'_>, opening: &mut Opening) -> Result<Self, Failed> {
        let read = directory::read(&context.settings.layout);
        let set = read.map_err(|problems| Failed::problems(&problems))?;
        let environment = context.settings.environment.as_str();
        let mut found = Self::default();
        if let Some((version, rank)) = declared(&opening.known) {
            found.unknown.push(format!(
                "{version} was declared to be there by a baseline: taken for what the files up to it make"
            ));
            let below = below(&set, &version, environment).into_iter();
            let below = below.filter_map(|migration| not_run_yet(migration, &opening.known, rank));
            found.made.extend(below);
        }
        let unreadable = opening.known.unreadable.iter();
        found.unknown.extend(unreadable.map(|applied| {
            let key = &applied.migration;
            format!("{key} is in the record, and this dbvc does not know what that is")
        }));
        for standing in standings(&set, &opening.known, environment) {
            found.take(context, opening, &standing).await?;
        }
        found.made.sort_by_key(|again| again.rank);
        found.perhaps.sort_by_key(|again| again.rank);
        Ok(found)
    }

    async fn take(
        &mut self,
        context: &Context<'_>,
        opening: &mut Opening,
        standing: &Standing,
    ) -> Result<(), Failed> {
        let key = &standing.key;
        let Some(applied) = &standing.applied else {
            return Ok(());
        };
        match applied.state {
            AppliedState::Partial => self.unknown.push(format!(
                "{key} broke off half-way: what it did until then is not expected"
            )),
            AppliedState::Applied | AppliedState::Stale => {
                let text = text_that_ran(context, opening, standing, applied).await?;
                let (script, doubt) = match text {
                    Ok(script) => (Some(script), None),
                    Err(doubt) => (fallback(standing), Some(format!("{key} {doubt}"))),
                };
                self.unknown.extend(doubt);
                let again = script.map(|script| Again {
                    key: key.clone(),
                    kind: kind(standing),
                    rank: applied.rank,
                    script,
                });
                if applied.state == AppliedState::Applied {
                    self.made.extend(again);
                } else {
                    self.unknown.push(format!(
                        "{key} ran before a rollback: whether what it made is still there, nobody can tell, and \
                         either is expected"
                    ));
                    self.perhaps.extend(again);
                }
            }
            AppliedState::Baseline | AppliedState::Failed | AppliedState::RolledBack => {}
        }
        Ok(())
    }

    /// Runs them on a scratch database.
    pub(super) async fn make(&self, context: &Context<'_>) -> Result<Made, Failed> {
        let scratch = context.scratch().await?;
        let made = async {
            let mut rehearsal = Rehearsal::of(scratch.context(), MigrationSet::default()).await?;
            let made = self.rehearsed(&mut rehearsal).await;
            rehearsal.close().await;
            made
        }
        .await;
        scratch
            .end(made.map_err(|failed| on_scratch(context, failed)))
            .await
    }

    async fn rehearsed(&self, rehearsal: &mut Rehearsal<'_>) -> Result<Made, Failed> {
        rehearsal.run(steps(rehearsal.context(), &self.made)?).await?;
        let schema = rehearsal.schema().await?;
        let with_all = if self.perhaps.is_empty() {
            None
        } else {
            let ran = match steps(rehearsal.context(), &self.perhaps) {
                Ok(steps) => rehearsal.run(steps).await,
                Err(failed) => Err(failed),
            };
            match ran {
                Ok(()) => Some(rehearsal.schema().await?),
                Err(failed) if failed.exit == ExitClass::Cancelled => return Err(failed),
                // What it was about is gone, so it is not there either.
                Err(_) => None,
            }
        };
        Ok(Made { schema, with_all })
    }
}

impl Made {
    /// What is expected, where `live` is there: of what may be there or not, that which is.
    pub(super) fn beside(self, live: &Database, options: DiffOptions) -> Database {
        let Some(mut with_all) = self.with_all else {
            return self.schema;
        };
        let is_otherwise: BTreeSet<ObjectKey> = diff(&with_all, live, options)
            .changes
            .into_iter()
            .map(|change| change.object)
            .collect();
        let mut expected = self.schema;
        let undecided = diff(&expected, &with_all, DiffOptions::default()).changes;
        for key in undecided.into_iter().map(|change| change.object) {
            if is_otherwise.contains(&key) {
                continue;
            }
            match with_all.objects.remove(&key) {
                Some(object) => expected.objects.insert(key, object),
                None => expected.objects.remove(&key),
            };
        }
        expected
    }
}

/// The newest baseline, where it was declared and nothing ran for it, and its place in the history.
fn declared(known: &Known) -> Option<(Version, u64)> {
    let version = known.baseline()?;
    let applied = known.applied.get(&MigrationKey::Versioned(version.clone()))?;
    (applied.state == AppliedState::Baseline).then(|| (version.clone(), applied.rank))
}

/// One that stands for a declared version, in the place of the declaration. What ran all the same has its own place.
fn not_run_yet(migration: &Migration, known: &Known, rank: u64) -> Option<Again> {
    let applied = known.applied.get(&migration.key);
    if applied.is_some_and(|applied| applied.state == AppliedState::Applied) {
        return None;
    }
    Some(Again {
        key: migration.key.clone(),
        kind: migration.kind,
        rank,
        script: StepScript::File(Box::new(migration.up.clone())),
    })
}

/// The files that stand for a declared version: the newest baseline script up to it, and what comes after that.
fn below<'a>(set: &'a MigrationSet, version: &Version, environment: &str) -> Vec<&'a Migration> {
    let is_in = |migration: &Migration| {
        let own = migration.key.version();
        own.is_some_and(|own| own <= version) && is_meant_for(migration, environment)
    };
    let script = set.baselines().rfind(|migration| is_in(migration));
    let from = script.and_then(|migration| migration.key.version());
    let newer = set
        .versioned()
        .filter(|migration| is_in(migration) && migration.key.version() > from);
    script.map(AsRef::as_ref).into_iter().chain(newer).collect()
}

fn kind(standing: &Standing) -> Kind {
    match (&standing.migration, &standing.key) {
        (Some(migration), _) => migration.kind,
        (None, MigrationKey::Repeatable(_)) => Kind::Repeatable,
        (None, MigrationKey::Versioned(_)) => Kind::Versioned,
    }
}

/// The file, or the text that the registry keeps; or why neither is what ran.
async fn text_that_ran(
    context: &Context<'_>,
    opening: &mut Opening,
    standing: &Standing,
    applied: &Applied,
) -> Result<Result<StepScript, String>, Failed> {
    if let Some(migration) = &standing.migration
        && is_text_of(applied, &migration.up.checksum)
    {
        return Ok(Ok(StepScript::File(Box::new(migration.up.clone()))));
    }
    let kept = opening.session.registration(&applied.migration).await;
    let kept = kept.map_err(|error: DriverError| Failed::driver(&context.target, &error))?;
    let file = match standing.state {
        State::Missing => "its file is gone",
        _ => "its file was edited since",
    };
    Ok(match kept.and_then(|kept| kept.up_script) {
        None => Err(format!(
            "ran with a text that nobody has: {file}, and the registry keeps none"
        )),
        Some(text) if !is_text_of(applied, &Checksum::of(&text)) => Err(format!(
            "ran with a text that nobody has: {file}, and the registry keeps another one"
        )),
        Some(text) => Ok(StepScript::Stored {
            name: applied.script.clone(),
            text,
        }),
    })
}

/// A checksum of an algorithm that this version does not know cannot be held against a text.
fn is_text_of(applied: &Applied, text: &Checksum) -> bool {
    let recorded = applied.checksum.parse::<Checksum>();
    recorded.is_ok_and(|recorded| text.compare(&recorded) != ChecksumMatch::Different)
}

/// What is nearest to a text that nobody has.
fn fallback(standing: &Standing) -> Option<StepScript> {
    let migration = standing.migration.as_ref()?;
    Some(StepScript::File(Box::new(migration.up.clone())))
}

fn steps(context: &Context<'_>, scripts: &[Again]) -> Result<Vec<Step>, Failed> {
    let steps = scripts.iter().map(|again| step(context, again));
    steps.collect()
}

fn step(context: &Context<'_>, again: &Again) -> Result<Step, Failed> {
    let facts = context
        .facts(&again.script)
        .map_err(|told| Failed::one(ExitClass::Findings, *told))?;
    let (asked, checksum) = match &again.script {
        StepScript::File(file) => (file.directives.no_transaction, file.checksum.clone()),
        StepScript::Stored { text, .. } => (false, Checksum::of(text)),
    };
    Ok(Step {
        migration: again.key.clone(),
        description: again.key.to_string(),
        kind: again.kind,
        checksum,
        action: Action::Migrate,
        script: again.script.clone(),
        undo: None,
        statements: facts.statements,
        transactional: !asked && facts.fits_transaction(),
        reason: facts.reason().filter(|_| !asked),
        resume: None,
        again: None,
    })
}
