//! `test`: every migration and its undo script, tried on a scratch database.

mod losses;
mod rows;
mod trial;
mod verdict;

use std::time::Instant;

pub use losses::{Loss, LossBasis};
pub use verdict::{Proof, ProveReport, Verdict};

use super::rehearsal::{Rehearsal, on_scratch};
use super::{Context, Failed};
use trial::{Trial, Went};

/// Applies each migration to an empty database, undoes it, compares, and applies it again.
///
/// The database itself is not touched. A migration that leaves the scratch database other than it should be does not
/// spoil the next ones' trials: they go on with a new one.
pub async fn prove(context: &Context<'_>) -> Result<ProveReport, Failed> {
    let clock = Instant::now();
    let mut done = Done::default();
    loop {
        let scratch = context.scratch().await?;
        let went = on(scratch.context(), &mut done).await;
        match scratch.end(went).await? {
            Went::ToTheEnd => break,
            Went::Astray => {}
            Went::Doubtful => {
                done.careful = done.proofs.len() + 1;
                done.proofs.pop();
            }
        }
    }
    let mut proofs = done.proofs;
    for proof in &mut proofs {
        proof.say_that_it_was_scratch(context);
    }
    Ok(ProveReport::new(context, proofs, clock.elapsed()))
}

/// How far the trials are.
#[derive(Debug, Default)]
struct Done {
    proofs: Vec<Proof>,
    /// Up to this one nothing is left to the next trial to find out.
    careful: usize,
}

async fn on(context: &Context<'_>, done: &mut Done) -> Result<Went, Failed> {
    let mut rehearsal = Rehearsal::open(context).await?;
    let went = trials(&mut rehearsal, done).await;
    rehearsal.close().await;
    went
}

/// Goes on after the migrations that have their verdict.
async fn trials(rehearsal: &mut Rehearsal<'_>, done: &mut Done) -> Result<Went, Failed> {
    let steps = rehearsal.forward()?.steps;
    let (again, waiting) = steps.split_at(done.proofs.len().min(steps.len()));
    if !again.is_empty() {
        let failed = rehearsal.run(again.to_vec()).await;
        failed.map_err(|failed| on_scratch(rehearsal.context(), failed))?;
    }
    let mut trial = Trial::begin(rehearsal).await?;
    for (at, step) in waiting.iter().enumerate() {
        // The next trial finds the schema as this one left it when its own undo script has run.
        let next = waiting.get(at + 1);
        let looked_at_later =
            next.is_some_and(|next| trial.has_undo(next)) && done.proofs.len() >= done.careful;
        let (proof, went) = match trial.of(step, looked_at_later).await? {
            (_, Went::Doubtful) => return Ok(Went::Doubtful),
            tried => tried,
        };
        let fails = proof.verdict == Verdict::Fails;
        done.proofs.push(proof);
        if fails {
            // Nothing that comes later can be tried without it.
            done.proofs.extend(waiting[at + 1..].iter().map(Proof::untried));
            return Ok(Went::ToTheEnd);
        }
        if went == Went::Astray {
            return Ok(Went::Astray);
        }
    }
    Ok(Went::ToTheEnd)
}
