//! Shipping: from the database's own record to each sink, from where the sink ends.
//!
//! What was shipped is asked of the sink and kept nowhere else: a sink that was emptied is filled again, and one that
//! was cut off mid-batch goes on where it stopped.

use serde::Serialize;

use super::patience::{glance, goodbye, open};
use super::{OnSinkFailure, SinkSettings};
use crate::audit::{AuditSink, Head, Sealed};
use crate::driver::{Access, ChainFilter, ChainHead, Session};
use crate::error::{DriverError, ErrorKind, Operation};
use crate::project::{Context, Failed};

/// Events that are handed to a sink at once.
pub(super) const BATCH: u32 = 500;

/// What became of one sink.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SinkReport {
    /// Its name in the project.
    pub sink: String,
    /// What a run does where it is away.
    pub on_failure: OnSinkFailure,
    /// Events that it has now and did not have before.
    pub shipped: u64,
    /// Where its copy of the chain ends; none where it has none, or could not be asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<Head>,
    /// Events that wait to be shipped; all where it could not be asked.
    pub waiting: u64,
    /// Documents that it keeps now and did not keep so before.
    pub documents: u64,
    /// Why it stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<String>,
    /// What kind of failure that was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure_kind: Option<ErrorKind>,
}

/// What became of a database's sinks.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ShipReport {
    /// The database's name in the project.
    pub database: String,
    /// The environment's name.
    pub environment: String,
    /// Where the chain ends in the database; none where it keeps no trail yet.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<Head>,
    /// Events that were signed now.
    pub signed: u64,
    /// Each sink.
    pub sinks: Vec<SinkReport>,
}

impl ShipReport {
    /// The sinks that do not have all.
    pub fn failed(&self) -> impl Iterator<Item = &SinkReport> {
        self.sinks.iter().filter(|sink| sink.failure.is_some())
    }

    /// The sinks without which a run is not to be.
    pub fn blocking(&self) -> impl Iterator<Item = &SinkReport> {
        self.failed()
            .filter(|sink| sink.on_failure == OnSinkFailure::Block)
    }
}

/// Signs what is unsigned, where a key is set, and ships what the sinks of [`crate::project::Settings::audit`] do not
/// have. A sink that is away is told in the report, and the others are served.
pub async fn flush(context: &Context<'_>) -> Result<ShipReport, Failed> {
    // What cannot be signed keeps nothing back that is signed.
    let signed = super::sign::sign(context, false).await;
    let mut report = with_sinks(context, true).await?;
    report.signed = signed?;
    Ok(report)
}

/// What waits to be shipped. Changes nothing.
pub async fn waiting(context: &Context<'_>) -> Result<ShipReport, Failed> {
    with_sinks(context, false).await
}

pub(super) async fn with_sinks(context: &Context<'_>, ship: bool) -> Result<ShipReport, Failed> {
    let failed = |error: DriverError| Failed::driver(&context.target, &error);
    let mut session = context.connect(Access::ReadOnly).await?;
    let head = session.chain_head().await.map_err(failed)?;
    if head.is_none() {
        context.trail_stands(session.as_mut()).await?;
    }
    let mut until = 0;
    if let Some(head) = &head {
        context.chain_is_the_one(head)?;
        let signed = super::sign::to_ship(context, session.as_mut(), head).await;
        if signed.is_err() {
            context.trail_stands(session.as_mut()).await?;
        }
        until = signed.map_err(failed)?;
    }
    let mut sinks = Vec::new();
    for settings in &context.settings.audit.sinks {
        let served = match &head {
            Some(head) => serve((session.as_mut(), context.names()), (head, until), settings, ship).await,
            None => SinkReport::new(settings, 0),
        };
        sinks.push(served);
    }
    let unread = |sink: &SinkReport| sink.failure_kind == Some(ErrorKind::NotInstalled);
    if sinks.iter().any(unread) {
        // No sink is to blame where it is the events' own table that is gone.
        context.trail_stands(session.as_mut()).await?;
    }
    let _ = session.close().await;
    let (database, environment) = context.names();
    Ok(ShipReport {
        database: database.to_owned(),
        environment: environment.to_owned(),
        head: head.map(Head::from),
        signed: 0,
        sinks,
    })
}

impl SinkReport {
    fn new(settings: &SinkSettings, waiting: u64) -> Self {
        Self {
            sink: settings.target.name.clone(),
            on_failure: settings.on_failure,
            shipped: 0,
            head: None,
            waiting,
            documents: 0,
            failure: None,
            failure_kind: None,
        }
    }

    fn stopped(&mut self, error: &DriverError) {
        let told = std::iter::once(error.to_string()).chain(error.notes.iter().cloned());
        self.failure = Some(told.collect::<Vec<_>>().join("; "));
        self.failure_kind = Some(error.kind);
    }
}

/// Serves one sink, and says how far that came.
async fn serve(
    (session, names): (&mut dyn Session, (&str, &str)),
    (head, until): (&ChainHead, u64),
    settings: &SinkSettings,
    ship: bool,
) -> SinkReport {
    let mut report = SinkReport::new(settings, head.sequence);
    let opened = if ship {
        open(settings).await
    } else {
        glance(settings).await
    };
    let mut sink = match opened {
        Ok(sink) => sink,
        Err(error) => {
            report.stopped(&error);
            return report;
        }
    };
    let served = serve_open((session, names), (head, until), sink.as_mut(), ship, &mut report);
    if let Err(error) = served.await {
        report.stopped(&error);
    }
    goodbye(sink).await;
    report
}

async fn serve_open(
    (session, names): (&mut dyn Session, (&str, &str)),
    (head, until): (&ChainHead, u64),
    sink: &mut dyn AuditSink,
    ship: bool,
    report: &mut SinkReport,
) -> Result<(), DriverError> {
    let theirs = sink.head(&head.database_id).await?;
    let mut at = theirs.as_ref().map_or(0, |theirs| theirs.sequence);
    report.waiting = head.sequence.saturating_sub(at);
    report.head.clone_from(&theirs);
    if let Some(theirs) = &theirs {
        same_past(session, head, theirs).await?;
    }
    if !ship {
        return Ok(());
    }
    if theirs.is_none() {
        super::chains::may_begin(session, names, Some(head), sink).await?;
    }
    while at < until {
        let filter = ChainFilter {
            after: at,
            limit: u32::try_from(until - at).unwrap_or(BATCH).min(BATCH),
            ..ChainFilter::default()
        };
        let rows = session.chain(&filter).await?;
        let Some(last) = rows.last().map(|row| row.sequence) else {
            return Err(conflict(format!(
                "the database's own chain lacks event {}; `dbvc audit verify` says more",
                at + 1
            )));
        };
        let digest = rows.last().map(|row| row.digest.clone()).unwrap_or_default();
        let sealed: Vec<Sealed> = rows.into_iter().map(Sealed::from).collect();
        let appended = sink.append(&sealed).await?;
        report.shipped += appended.new;
        at = last;
        report.waiting = head.sequence.saturating_sub(at);
        report.head = Some(Head {
            database_id: head.database_id.clone(),
            sequence: at,
            digest,
        });
    }
    if sink.keeps_documents() {
        report.documents = super::documents::copy(session, &head.database_id, sink).await?;
    }
    Ok(())
}

/// The sink's newest event must be one of the chain: else one of the two was written anew, or the database was restored
/// from an older backup, and what is appended would not follow.
pub(super) async fn same_past(
    session: &mut dyn Session,
    head: &ChainHead,
    theirs: &Head,
) -> Result<(), DriverError> {
    let again = "`dbvc audit verify` says how the two differ";
    // Another run may have shipped since the head was read.
    let later = if theirs.sequence > head.sequence {
        session.chain_head().await?
    } else {
        None
    };
    let head = later.as_ref().unwrap_or(head);
    if theirs.sequence > head.sequence {
        return Err(conflict(format!(
            "the sink has events up to {}, and the database's own chain ends with {}: events were deleted there, or it \
             was restored from a backup; {again}",
            theirs.sequence, head.sequence
        )));
    }
    let filter = ChainFilter {
        after: theirs.sequence.saturating_sub(1),
        limit: 1,
        ..ChainFilter::default()
    };
    let ours = session.chain(&filter).await?;
    match ours.first() {
        Some(row) if row.sequence == theirs.sequence && row.digest == theirs.digest => Ok(()),
        row => Err(conflict(format!(
            "event {} has the digest {} in the sink and {} in the database; {again}",
            theirs.sequence,
            theirs.digest,
            row.map_or("none", |row| row.digest.as_str()),
        ))),
    }
}

fn conflict(message: String) -> DriverError {
    DriverError::new(ErrorKind::Conflict, Operation::Record, message)
}
