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
    let mut proofs: Vec<Proof> = Vec::new();
    loop {
        let scratch = context.scratch().await?;
        let went = on(scratch.context(), &mut proofs).await;
        match scratch.end(went).await? {
            Went::ToTheEnd => break,
            Went::Astray => {}
        }
    }
    for proof in &mut proofs {
        proof.say_that_it_was_scratch(context);
    }
    Ok(ProveReport::new(context, proofs, clock.elapsed()))
}

async fn on(context: &Context<'_>, proofs: &mut Vec<Proof>) -> Result<Went, Failed> {
    let mut rehearsal = Rehearsal::open(context).await?;
    let went = trials(&mut rehearsal, proofs).await;
    rehearsal.close().await;
    went
}

/// Goes on after the migrations that have their verdict.
async fn trials(rehearsal: &mut Rehearsal<'_>, proofs: &mut Vec<Proof>) -> Result<Went, Failed> {
    let steps = rehearsal.forward()?.steps;
    let mut waiting = steps.into_iter();
    let again: Vec<_> = waiting.by_ref().take(proofs.len()).collect();
    if !again.is_empty() {
        let failed = rehearsal.run(again).await;
        failed.map_err(|failed| on_scratch(rehearsal.context(), failed))?;
    }
    let mut trial = Trial::begin(rehearsal).await?;
    while let Some(step) = waiting.next() {
        let (proof, went) = trial.of(step).await?;
        let fails = proof.verdict == Verdict::Fails;
        proofs.push(proof);
        if fails {
            // Nothing that comes later can be tried without it.
            proofs.extend(waiting.map(|step| Proof::untried(&step)));
            return Ok(Went::ToTheEnd);
        }
        if went == Went::Astray {
            return Ok(Went::Astray);
        }
    }
    Ok(Went::ToTheEnd)
}
