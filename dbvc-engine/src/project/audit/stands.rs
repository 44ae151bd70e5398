//! Whether what the trail is written to is there.

use super::chains::Chain;
use crate::driver::{ChainFilter, LAYOUT, Session};
use crate::error::{DriverError, ErrorKind, Operation};
use crate::project::{Context, Failed};
use crate::record::Missing;

impl Context<'_> {
    /// Refuses where the head or a table of a trail is gone. A database that keeps no trail yet passes.
    pub(in crate::project) async fn trail_stands(&self, session: &mut dyn Session) -> Result<(), Failed> {
        let failed = |error: &DriverError| Failed::driver(&self.target, error);
        match missing(session).await.map_err(|error| failed(&error))? {
            Some(missing) => Err(failed(&missing.error(Operation::Survey))),
            None => Ok(()),
        }
    }
}

fn first() -> ChainFilter {
    ChainFilter {
        limit: 1,
        ..ChainFilter::default()
    }
}

/// What of the trail was removed; none where it stands, or the database keeps none yet, or this login may not look.
pub(super) async fn missing(session: &mut dyn Session) -> Result<Option<Missing>, DriverError> {
    let survey = session.survey().await?;
    if survey.trail == Some(true) {
        return Ok(None);
    }
    let keeps = survey.layout == Some(LAYOUT);
    let head = session.chain_head().await;
    let events = session.chain(&first()).await;
    for error in head.as_ref().err().into_iter().chain(events.as_ref().err()) {
        match error.kind {
            ErrorKind::Denied => return Ok(None),
            ErrorKind::NotInstalled => {}
            _ => return Err(error.clone()),
        }
    }
    Ok(match (survey.trail, events) {
        (_, Err(_)) | (None, Ok(_)) if keeps => Some(Missing::Tables),
        (_, Ok(events)) if keeps || !events.is_empty() => Some(Missing::Head),
        _ => None,
    })
}

/// The chain's name, by its events where the head is gone; none where there is no trail.
pub(super) async fn chain_by_events(session: &mut dyn Session) -> Option<String> {
    let events = session.chain(&first()).await.unwrap_or_default();
    Chain::of(None, events.first()).map(|chain| chain.id)
}
