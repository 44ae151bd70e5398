//! Checking the trail: the chain in the database, the same in each sink, anchors, and the record beside it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::SinkSettings;
use super::anchor::no_chain;
use super::chains::{self, Chain};
use super::places::{Copy, ReadSink, against_anchor, between, last_of, lend, read_sink};
use super::{record, rows, snapshots};
use crate::audit::{Anchor, ChainCheck, Checked, Finding, FindingKind, Head, PublicKey, Sealed};
use crate::driver::{Access, ChainFilter, LAYOUT, RecordView, Session};
use crate::error::{DriverError, ErrorKind};
use crate::lock::LOCK_NAME;
use crate::project::{Context, Failed};

/// The database's own record, as a place.
pub(super) const TARGET: &str = "target";

/// How often a record is read again that a run changes meanwhile, where the database gives no one view of it.
const LOOKS: u32 = 5;

/// What to compare with.
#[derive(Debug, Clone, Default)]
pub struct ChainRequest {
    /// The sinks.
    pub sinks: Vec<SinkSettings>,
    /// Heads that were kept elsewhere.
    pub anchors: Vec<Anchor>,
    /// Checks the signatures; [`super::AuditSettings::checking_key`] where none is given.
    pub public_key: Option<PublicKey>,
}

/// What was found.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChainReport {
    /// The database's name in the project.
    pub database: String,
    /// The environment's name.
    pub environment: String,
    /// The chain's name; empty where nothing is left that tells it.
    pub database_id: String,
    /// Each place that was read, with what is wrong in it; the database first.
    pub places: Vec<Checked>,
    /// Anchors that were compared, the sinks' own included.
    pub anchors: usize,
    /// What is wrong between places, and between the chain and the record.
    pub findings: Vec<Finding>,
    /// What is worth knowing and nothing is wrong with, such as a chain that was begun anew on purpose.
    pub notes: Vec<String>,
    /// Sinks that could not be read.
    pub unreadable: Vec<UnreadableSink>,
}

/// A sink that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnreadableSink {
    /// Its name in the project.
    pub sink: String,
    /// Why, and what else is known.
    pub why: Vec<String>,
}

impl ChainReport {
    /// All that is wrong, in every place.
    pub fn all_findings(&self) -> impl Iterator<Item = &Finding> {
        self.places
            .iter()
            .flat_map(|place| &place.findings)
            .chain(&self.findings)
    }

    /// Whether nothing is wrong in what could be read.
    pub fn is_sound(&self) -> bool {
        self.all_findings().next().is_none()
    }
}

/// What is known of the chain before the sinks are read. What comes into the database after that, no sink can be asked
/// for.
struct Before {
    chain: Option<Chain>,
    /// Events up to here are of runs that have ended, so they should be in the sinks.
    due: u64,
}

/// Checks the chain and changes nothing. The sinks are read first and the database after them, as one view, so that a
/// run that goes on meanwhile looks like nothing else.
pub async fn verify(context: &Context<'_>, request: &ChainRequest) -> Result<ChainReport, Failed> {
    let failed = |error: DriverError| Failed::driver(&context.target, &error);
    let mut session = context.connect(Access::ReadOnly).await?;
    let before = ask(session.as_mut()).await.map_err(failed)?;
    let key = key(context, request);
    let (mut sinks, mut unreadable) = (Vec::new(), Vec::new());
    for settings in &request.sinks {
        match read_sink(settings, context.names(), before.chain.as_ref(), key.as_ref()).await {
            Ok(read) => sinks.push(read),
            Err(error) => {
                let mut why = vec![error.to_string()];
                why.extend(error.notes.iter().cloned());
                let sink = settings.target.name.clone();
                unreadable.push(UnreadableSink { sink, why });
            }
        }
    }
    let view = look(session.as_mut()).await.map_err(failed)?;
    let contents = snapshots::contents(session.as_mut(), &view.snapshots).await;
    let _ = session.close().await;
    let mut report = judge(context, request, &view, &before, sinks);
    report.findings.extend(contents.map_err(failed)?);
    report.unreadable = unreadable;
    let nothing =
        view.head.is_none() && view.events.is_empty() && view.layout.is_none_or(|found| found < LAYOUT);
    if nothing && report.is_sound() && report.unreadable.is_empty() {
        return Err(no_chain(context));
    }
    Ok(report)
}

fn key(context: &Context<'_>, request: &ChainRequest) -> Option<PublicKey> {
    let given = request.public_key.clone();
    given.or_else(|| context.settings.audit.checking_key())
}

fn judge(
    context: &Context<'_>,
    request: &ChainRequest,
    view: &RecordView,
    before: &Before,
    sinks: Vec<ReadSink>,
) -> ChainReport {
    let audit = &context.settings.audit;
    let key = key(context, request);
    let (database, environment) = context.names();
    let target = in_target(view);
    let chain = Chain::of(view.head.as_ref(), view.events.first()).or_else(|| before.chain.clone());
    let id = chain.as_ref().map_or("", |chain| chain.id.as_str());
    let head = view.head.clone().map(Head::from);
    let known = target.by_place();
    let mut findings = record::lost(view, &target);
    findings.extend(rows::compare(view, &target.events));
    findings.extend(chains::pinned(audit.database_id.as_deref(), id));
    let mut notes = chain
        .as_ref()
        .map(|chain| chain.notes((database, environment)))
        .unwrap_or_default();
    let mut places = vec![check(&target, id, key.as_ref(), head.as_ref())];
    let mut anchors = request.anchors.clone();
    let mut older = Vec::new();
    for mut sink in sinks {
        lend(&known, &mut sink.copy);
        let mut checked = check(&sink.copy, id, key.as_ref(), sink.head.as_ref());
        checked.findings.append(&mut sink.remarks);
        places.push(checked);
        findings.extend(between(&known, &sink.copy, before.due));
        let whole = last_of(&sink.copy.events) >= last_of(&target.events);
        let place = &sink.copy.place;
        findings.extend(sink.copies.against(place, view, &target.events, whole));
        findings.extend(sink.strangers);
        findings.append(&mut sink.before.findings);
        notes.append(&mut sink.before.notes);
        anchors.extend(sink.anchors);
        older.push(sink.before);
    }
    anchors.retain(|anchor| {
        anchor.head.database_id == id || (anchor.database == database && anchor.environment == environment)
    });
    findings.extend(witnessed(&anchors, chain.as_ref(), &known, key.as_ref()));
    for before in &older {
        findings.extend(before.against_anchors(&anchors, key.as_ref()));
    }
    ChainReport {
        database: database.to_owned(),
        environment: environment.to_owned(),
        database_id: id.to_owned(),
        places,
        anchors: anchors.len(),
        findings,
        notes,
        unreadable: Vec::new(),
    }
}

fn in_target(view: &RecordView) -> Copy {
    let events = view
        .events
        .iter()
        .map(|row| (row.sequence, Sealed::from(row.clone())));
    Copy {
        place: TARGET.to_owned(),
        events: events.collect(),
    }
}

/// What anchors tell, each of the chain that it is of.
fn witnessed(
    anchors: &[Anchor],
    chain: Option<&Chain>,
    known: &BTreeMap<u64, Sealed>,
    key: Option<&PublicKey>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    for anchor in anchors {
        match chain.filter(|chain| chain.id != anchor.head.database_id) {
            Some(chain) => findings.extend(chain.against_other_anchor(anchor)),
            None => findings.extend(against_anchor(known, anchor, key)),
        }
    }
    findings
}

fn check(copy: &Copy, database_id: &str, key: Option<&PublicKey>, head: Option<&Head>) -> Checked {
    let id = Some(database_id).filter(|id| !id.is_empty());
    let mut check = ChainCheck::new(&copy.place, id, key);
    for (place, sealed) in &copy.events {
        check.event(Some(*place), sealed);
    }
    check.end(head)
}

/// Reads the record. Where a database gives no one view of it, a run may have changed it between two reads: then what
/// looks wrong is looked at again.
async fn look(session: &mut dyn Session) -> Result<RecordView, DriverError> {
    let mut view = session.record_view().await?;
    for _ in 1..LOOKS {
        let target = in_target(&view);
        let head = view.head.clone().map(Head::from);
        let chain = check(&target, "", None, head.as_ref());
        if chain.findings.is_empty() && rows::compare(&view, &target.events).is_empty() {
            break;
        }
        let again = session.record_view().await?;
        let same = again.head == view.head;
        view = again;
        if same {
            break;
        }
    }
    Ok(view)
}

/// What the database says of its chain now. What it cannot say is a finding later, and no error.
async fn ask(session: &mut dyn Session) -> Result<Before, DriverError> {
    // A run that ends between the two must not look like one that has ended before.
    let holder = lenient(session.holder(LOCK_NAME).await)?.flatten();
    let head = lenient(session.chain_head().await)?.flatten();
    let first = ChainFilter {
        limit: 1,
        ..ChainFilter::default()
    };
    let first = lenient(session.chain(&first).await)?.and_then(|rows| rows.into_iter().next());
    let end = head.as_ref().map_or(0, |head| head.sequence);
    let mut before = Before {
        chain: Chain::of(head.as_ref(), first.as_ref()),
        due: end,
    };
    if let Some(holder) = holder {
        before.due = begun(session, &holder.owner.run.to_string(), end).await?;
    }
    Ok(before)
}

/// Where the events of a run begin that goes on: they are shipped when it ends. The last place before them.
async fn begun(session: &mut dyn Session, run: &str, end: u64) -> Result<u64, DriverError> {
    const STEP: u64 = 200;
    let mut last = end;
    loop {
        let filter = ChainFilter {
            after: last.saturating_sub(STEP),
            limit: u32::try_from(STEP).unwrap_or(u32::MAX),
            unsigned: false,
        };
        let rows = lenient(session.chain(&filter).await)?.unwrap_or_default();
        let of_it = |text: &str| super::chains::run_of(text).is_some_and(|found| found == run);
        let before = rows
            .iter()
            .rev()
            .skip_while(|row| row.sequence > last)
            .find(|row| !of_it(&row.text));
        match before {
            Some(row) => return Ok(row.sequence),
            None if rows.is_empty() || filter.after == 0 => return Ok(filter.after),
            None => last = filter.after,
        }
    }
}

/// An answer, or none where the record is to blame and not the connection.
pub(super) fn lenient<T>(answer: Result<T, DriverError>) -> Result<Option<T>, DriverError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error)
            if matches!(
                error.kind,
                ErrorKind::NotInstalled | ErrorKind::Statement | ErrorKind::Protocol | ErrorKind::Unsupported
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// A finding about the record.
pub(super) fn about_the_record(kind: FindingKind, message: String) -> Finding {
    Finding {
        place: TARGET.to_owned(),
        sequence: None,
        kind,
        message,
        differences: Vec::new(),
    }
}
