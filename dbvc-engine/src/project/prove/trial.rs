//! One migration's trial: there, back, and there again.

use super::losses::{Loss, Trip};
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
}

impl<'a, 'b> Trial<'a, 'b> {
    pub(super) async fn begin(rehearsal: &'a mut Rehearsal<'b>) -> Result<Self, Failed> {
        let schema = rehearsal.schema().await?;
        let contents = Contents::of(rehearsal, &schema).await?;
        Ok(Self {
            rehearsal,
            schema,
            contents,
        })
    }

    /// Tries a migration, and leaves it applied.
    pub(super) async fn of(&mut self, step: Step) -> Result<(Proof, Went), Failed> {
        if let Err(failed) = self.rehearsal.run(vec![step.clone()]).await {
            let failed = of_the_script(failed)?;
            return Ok((Proof::of(&step, Verdict::Fails).with(failed), Went::ToTheEnd));
        }
        let after = self.rehearsal.schema().await?;
        let contents = self.contents.read_again(self.rehearsal, &step, &after).await?;
        if let Some(proof) = self.without_undo(&step) {
            (self.schema, self.contents) = (after, contents);
            return Ok((proof, Went::ToTheEnd));
        }
        let undo = match self.undo(&step).await? {
            Ok(undo) => undo,
            Err(failed) => {
                let proof = Proof::of(&step, Verdict::Wrong)
                    .because("the undo script fails")
                    .with(failed);
                return Ok((proof, Went::Astray));
            }
        };
        let back = self.rehearsal.schema().await?;
        let left = between(&self.schema, &back);
        let rows = self.contents.read_again(self.rehearsal, &undo, &back).await?;
        if let Err(failed) = self.rehearsal.run(vec![step.clone()]).await {
            let failed = of_the_script(failed)?;
            let proof = Proof::of(&step, Verdict::Wrong)
                .because("after the undo script the migration cannot be applied again")
                .with(failed);
            return Ok((wrong(proof, left), Went::Astray));
        }
        if !left.is_empty() {
            let proof = Proof::of(&step, Verdict::Wrong)
                .because("the undo script leaves another schema than there was before the migration");
            return Ok((wrong(proof, left), Went::Astray));
        }
        let again = self.rehearsal.schema().await?;
        let other = between(&after, &again);
        if !other.is_empty() {
            let proof = Proof::of(&step, Verdict::Wrong)
                .because("applied again after its undo script, the migration makes another schema");
            return Ok((wrong(proof, other), Went::Astray));
        }
        let found = Trip {
            before: &self.schema,
            after: &after,
            rows_before: &self.contents,
            rows_after: &contents,
            rows_back: &rows,
        };
        let lost = found.losses(self.rehearsal.context(), &undo)?;
        let proof = proven(&step, lost, found.taken_along());
        self.contents = contents;
        self.schema = again;
        Ok((proof, Went::ToTheEnd))
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

fn wrong(proof: Proof, difference: Difference) -> Proof {
    Proof {
        difference: Some(difference).filter(|difference| !difference.is_empty()),
        ..proof
    }
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
