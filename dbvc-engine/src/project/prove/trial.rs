//! One migration's trial: there, back, and there again.

use super::losses::{Deed, Loss, Trip, deeds};
use super::rows::Contents;
use super::{Proof, Verdict};
use crate::diff::{DiffOptions, Difference, diff};
use crate::migration::Kind;
use crate::plan::Step;
use crate::project::rehearsal::Rehearsal;
use crate::project::{ExitClass, Failed};
use crate::schema::Database;

/// Whether the scratch database is as the files say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Went {
    /// It is, and all was tried.
    ToTheEnd,
    /// It is not; what follows needs another one.
    Astray,
    /// Something is wrong, and it may be the migration before: both are to be tried again with a closer look.
    Doubtful,
}

/// A column that an undo script makes again stands at the end, which no script can help.
const COMPARED: DiffOptions = DiffOptions {
    owners: true,
    grants: true,
    column_order: false,
};

/// The scratch database between two migrations.
pub(super) struct Trial<'a, 'b> {
    rehearsal: &'a mut Rehearsal<'b>,
    schema: Database,
    contents: Contents,
    /// Whether the last migration was applied again without a look at what became of the schema: reading it is what
    /// takes the time.
    unseen: bool,
}

impl<'a, 'b> Trial<'a, 'b> {
    pub(super) async fn begin(rehearsal: &'a mut Rehearsal<'b>) -> Result<Self, Failed> {
        let schema = rehearsal.schema().await?;
        let contents = Contents::of(rehearsal, &schema).await?;
        Ok(Self {
            rehearsal,
            schema,
            contents,
            unseen: false,
        })
    }

    /// Tries a migration, and leaves it applied. With `looked_at_later` the next trial finds out whether it was applied
    /// again as before.
    pub(super) async fn of(&mut self, step: &Step, looked_at_later: bool) -> Result<(Proof, Went), Failed> {
        let (proof, went) = self.there_and_back(step, looked_at_later).await?;
        let doubtful = self.unseen && went != Went::ToTheEnd;
        let fails = self.unseen && proof.verdict == Verdict::Fails;
        self.unseen = looked_at_later && proof.verdict <= Verdict::LosesData;
        Ok((proof, if doubtful || fails { Went::Doubtful } else { went }))
    }

    async fn there_and_back(&mut self, step: &Step, looked_at_later: bool) -> Result<(Proof, Went), Failed> {
        if let Err(failed) = self.rehearsal.run(vec![step.clone()]).await {
            let failed = of_the_script(failed)?;
            return Ok((Proof::of(step, Verdict::Fails).with(failed), Went::ToTheEnd));
        }
        let after = self.schema_behind(step, None).await?;
        let contents = self.contents.read_again(self.rehearsal, step, &after).await?;
        if let Some(proof) = self.without_undo(step) {
            (self.schema, self.contents) = (after, contents);
            return Ok((proof, Went::ToTheEnd));
        }
        let wrong = |reason: &str| Proof::of(step, Verdict::Wrong).because(reason);
        let undo = match self.undo(step).await? {
            Ok(undo) => undo,
            Err(failed) => return Ok((wrong("the undo script fails").with(failed), Went::Astray)),
        };
        let back = self.schema_behind(&undo, Some(&after)).await?;
        let left = between(&self.schema, &back);
        let rows = self.contents.read_again(self.rehearsal, &undo, &back).await?;
        if let Err(failed) = self.rehearsal.run(vec![step.clone()]).await {
            let proof = wrong("after the undo script the migration cannot be applied again");
            let failed = of_the_script(failed)?;
            return Ok((proof.with(failed).other_by(left), Went::Astray));
        }
        if !left.is_empty() {
            let proof = wrong("the undo script leaves another schema than there was before the migration");
            return Ok((proof.other_by(left), Went::Astray));
        }
        let found = Trip {
            before: &self.schema,
            after: &after,
            rows_before: &self.contents,
            rows_after: &contents,
            rows_back: &rows,
        };
        let proof = proven(
            step,
            found.losses(self.rehearsal.context(), &undo)?,
            found.taken_along(),
        );
        let again = if looked_at_later {
            after
        } else {
            let again = self.rehearsal.schema().await?;
            let other = between(&after, &again);
            if !other.is_empty() {
                let proof = wrong("applied again after its undo script, the migration makes another schema");
                return Ok((proof.other_by(other), Went::Astray));
            }
            again
        };
        // Applied again on other rows than before, it may have made other rows than before.
        self.contents = if rows == self.contents {
            contents
        } else {
            Contents::of(self.rehearsal, &again).await?
        };
        self.schema = again;
        Ok((proof, Went::ToTheEnd))
    }

    /// The schema behind a script, `before` (or what was there last) being the one before it. It is read only where it can
    /// be another one: that takes most of the time.
    async fn schema_behind(&mut self, step: &Step, before: Option<&Database>) -> Result<Database, Failed> {
        let deeds = deeds(self.rehearsal.context(), &step.script)?;
        if !self.unseen && deeds.iter().all(Deed::only_writes_rows) {
            return Ok(before.unwrap_or(&self.schema).clone());
        }
        self.rehearsal.schema().await
    }

    /// Whether a migration's trial will run an undo script.
    pub(super) fn has_undo(&self, step: &Step) -> bool {
        self.without_undo(step).is_none()
    }

    /// What there is to say of a migration that nothing takes back.
    fn without_undo(&self, step: &Step) -> Option<Proof> {
        if step.kind != Kind::Versioned {
            let reason = format!("a {} migration has no undo script", step.kind);
            return Some(Proof::of(step, Verdict::NotTested).because(reason));
        }
        let migration = self.rehearsal.set().get(&step.migration)?;
        let mut proof = Proof::of(step, Verdict::Irreversible);
        if let Some(reason) = &migration.up.directives.irreversible {
            proof.declared = true;
            return Some(proof.because(reason.clone()));
        }
        migration
            .undo
            .is_none()
            .then(|| proof.because("there is no undo script"))
    }

    /// Runs the undo script. The inner error is the script's own.
    async fn undo(&mut self, step: &Step) -> Result<Result<Step, Failed>, Failed> {
        let plan = match self.rehearsal.backward(&step.migration).await {
            Ok(plan) => plan,
            Err(failed) => return of_the_script(failed).map(Err),
        };
        let Some(undo) = plan.steps.first().cloned() else {
            return Ok(Err(Failed::findings(plan.findings)));
        };
        match self.rehearsal.run(plan.steps).await {
            Ok(()) => Ok(Ok(undo)),
            Err(failed) => of_the_script(failed).map(Err),
        }
    }
}

/// A failure that a script is to blame for; any other ends the whole test.
fn of_the_script(failed: Failed) -> Result<Failed, Failed> {
    match failed.exit {
        ExitClass::RolledBack | ExitClass::Partial | ExitClass::Findings => Ok(failed),
        _ => Err(failed),
    }
}

fn between(before: &Database, after: &Database) -> Difference {
    if before == after {
        return Difference::default();
    }
    diff(before, after, COMPARED)
}

fn proven(step: &Step, losses: Vec<Loss>, takes_along: Vec<String>) -> Proof {
    let verdict = if losses.is_empty() {
        Verdict::Reversible
    } else {
        Verdict::LosesData
    };
    Proof {
        losses,
        takes_along,
        ..Proof::of(step, verdict)
    }
}
