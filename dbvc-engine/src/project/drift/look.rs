//! Looking: what is expected, what is there, and what the server tells of that.

use super::words::{meanwhile, nothing_expected, outdated};
use super::{Against, Correction, DriftOptions, DriftReport, Expected, Touched};
use crate::diff::{DiffOptions, Difference, diff};
use crate::driver::LastChange;
use crate::project::as_applied::{AsApplied, Made};
use crate::project::expected::moved_since;
use crate::project::opening::Opening;
use crate::project::{Context, Failed};
use crate::schema::{Database, ObjectKey};

pub(super) async fn look(
    context: &Context<'_>,
    opening: &mut Opening,
    options: &DriftOptions,
) -> Result<DriftReport, Failed> {
    let mut looked = once(context, opening, options).await?;
    let mut looks = 1;
    // A run that ended between our looks is no drift.
    while !looked.found.is_empty() && has_moved(context, opening).await? {
        if looks == LOOKS {
            return Err(meanwhile());
        }
        looks += 1;
        looked = once(context, opening, options).await?;
    }
    let Looked {
        expected,
        before,
        after,
        found,
    } = looked;
    let touched = touched(context, opening, &found, &after).await?;
    let way = |from: &Database, to: &Database| {
        let altered = context.driver.ddl()?.alter(from, to)?;
        (!found.is_empty()).then(|| Correction::from(altered))
    };
    let (database, environment) = context.names();
    Ok(DriftReport {
        database: database.to_owned(),
        environment: environment.to_owned(),
        undo: way(&after, &before),
        adopt: way(&before, &after),
        expected,
        found,
        touched,
        approved: None,
        trail: None,
        before,
        after,
    })
}

/// How often it is looked, where runs come to their end meanwhile.
const LOOKS: u32 = 4;

/// What one look gave.
struct Looked {
    expected: Expected,
    before: Database,
    after: Database,
    found: Difference,
}

async fn once(
    context: &Context<'_>,
    opening: &mut Opening,
    options: &DriftOptions,
) -> Result<Looked, Failed> {
    let (expected, before, compare) = expected(context, opening, options).await?;
    let after = context.introspected(opening.session.as_mut()).await?;
    let before = match before {
        Before::Kept(database) => *database,
        Before::Made(made) => made.beside(&after, compare),
    };
    let found = diff(&before, &after, compare);
    Ok(Looked {
        expected,
        before,
        after,
        found,
    })
}

/// Whether the record says something else than a moment ago; what it says now is in the opening then.
pub(super) async fn has_moved(context: &Context<'_>, opening: &mut Opening) -> Result<bool, Failed> {
    let seen = (opening.known.digest.clone(), opening.survey.snapshot);
    opening.ask_again(context).await?;
    Ok(seen != (opening.known.digest.clone(), opening.survey.snapshot))
}

/// What is expected.
enum Before {
    Kept(Box<Database>),
    Made(Box<Made>),
}

/// What is expected, where that comes from, and what of it can be compared.
async fn expected(
    context: &Context<'_>,
    opening: &mut Opening,
    options: &DriftOptions,
) -> Result<(Expected, Before, DiffOptions), Failed> {
    let kept = match options.against {
        Some(Against::Migrations) => None,
        _ => context.newest_snapshot(opening).await?,
    };
    match (kept, options.against) {
        (Some(kept), _) => {
            if moved_since(&opening.known, &kept.entry) {
                return Err(outdated(&kept.entry, opening.survey.holder.is_some()));
            }
            let before = Before::Kept(Box::new(context.schema_of(&kept)?));
            Ok((Expected::Snapshot(Box::new(kept.entry)), before, options.compare))
        }
        (None, Some(Against::Snapshot)) => Err(nothing_expected(context)),
        (None, _) => {
            let newest = opening.known.current().map(|(version, _)| version.clone());
            let Some(version) = newest else {
                return Err(nothing_expected(context));
            };
            let again = AsApplied::of(context, opening).await?;
            let made = Box::pin(again.make(context)).await?;
            let compare = DiffOptions {
                // A scratch database has other owners, and rights of its own.
                owners: false,
                grants: false,
                ..options.compare
            };
            let expected = Expected::Migrations {
                version: version.to_string(),
                unknown: again.unknown,
            };
            Ok((expected, Before::Made(Box::new(made)), compare))
        }
    }
}

/// What the server tells of the objects that are there and differ. A part of an object counts as the object.
async fn touched(
    context: &Context<'_>,
    opening: &mut Opening,
    found: &Difference,
    after: &Database,
) -> Result<Vec<Touched>, Failed> {
    let there: Vec<ObjectKey> = found
        .changes
        .iter()
        .map(|change| change.object.clone())
        .filter(|key| after.objects.contains_key(key))
        .collect();
    if there.is_empty() {
        return Ok(Vec::new());
    }
    let asked = context.unless_cancelled(opening.session.last_changes(&there));
    let known = asked
        .await?
        .map_err(|error| Failed::driver(&context.target, &error))?;
    let known = known
        .into_iter()
        .filter(|(_, last)| *last != LastChange::default());
    Ok(known.map(|(object, last)| Touched { object, last }).collect())
}
