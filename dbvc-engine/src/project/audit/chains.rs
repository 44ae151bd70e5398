//! Chains of one database: the one that it keeps now, those that it kept before, and those that pretend to be it.

use super::verify::about_the_record;
use crate::audit::{Anchor, AuditAction, AuditEvent, AuditSink, Finding, FindingKind, Head, KnownChain};
use crate::driver::{ChainFilter, ChainHead, ChainRow, Session};
use crate::error::{DriverError, ErrorKind, Operation};

/// The detail of a first event that names the chain which it continues, as [`written`] has it.
pub(super) const CONTINUES: &str = "continues";
/// The detail that names further chains of the same database, with commas between them.
pub(super) const REPLACES: &str = "replaces";

/// The detail of a first event that names the sinks which had all of the chain that it continues, sound, with commas between
/// them.
pub(super) const KEPT_IN: &str = "keptIn";

/// The chain that a database keeps, or kept before.
#[derive(Debug, Clone)]
pub(super) struct Chain {
    pub(super) id: String,
    /// Its first event, where that can be read.
    pub(super) first: Option<AuditEvent>,
    /// The chains that its first event names: what was kept before it, on purpose.
    pub(super) named: Vec<Head>,
}

impl Chain {
    /// By the head, or by what the events call it where the head is gone.
    pub(super) fn of(head: Option<&ChainHead>, first: Option<&ChainRow>) -> Option<Self> {
        let first: Option<AuditEvent> = first.and_then(|row| serde_json::from_str(&row.text).ok());
        let by_events = || first.as_ref().map(|event| event.database_id.clone());
        let id = head.map(|head| head.database_id.clone()).or_else(by_events)?;
        Some(Self::begun(id, first))
    }

    /// By its first event.
    pub(super) fn begun(id: String, first: Option<AuditEvent>) -> Self {
        let first = first.filter(|event| event.action == AuditAction::ChainStarted);
        let named = first.as_ref().map(named).unwrap_or_default();
        Self { id, first, named }
    }

    /// Whether this sink had all of the chain that ended so when this one was begun.
    pub(super) fn was_kept_in(&self, sink: &str, before: &Head) -> bool {
        let detail = |name: &str| self.first.as_ref()?.details.get(name);
        detail(CONTINUES).and_then(|text| read(text)).as_ref() == Some(before)
            && detail(KEPT_IN).is_some_and(|sinks| sinks.split(',').any(|name| name == sink))
    }

    pub(super) fn names(&self, id: &str) -> Option<&Head> {
        self.named.iter().find(|named| named.database_id == id)
    }

    /// What people should know of how it began.
    pub(super) fn notes(&self, (database, environment): (&str, &str)) -> Vec<String> {
        let Some(first) = &self.first else {
            return Vec::new();
        };
        let mut notes = Vec::new();
        if let Some(old) = first.details.get(CONTINUES).and_then(|text| read(text)) {
            notes.push(format!(
                "the chain was begun anew on purpose at {} by {} ({}); it continues the chain {} after event {}",
                first.at,
                first.actor,
                first.reason.as_deref().unwrap_or("no reason was given"),
                old.database_id,
                old.sequence
            ));
        }
        let began = first.details.get("database").map_or("", String::as_str);
        if (began, first.environment.as_str()) != (database, environment) {
            notes.push(format!(
                "the chain was begun as {began} in {}, and this is {database} in {environment}: if this is a clone, give it \
                 a chain of its own with `dbvc audit restart`",
                first.environment
            ));
        }
        notes
    }

    /// An anchor of the same database that is of another chain: one that this one names, or a finding.
    pub(super) fn against_other_anchor(&self, anchor: &Anchor) -> Option<Finding> {
        let head = &anchor.head;
        let finding = |kind, message: String| Finding {
            place: format!("anchor of {}", anchor.at),
            sequence: Some(head.sequence),
            kind,
            message,
            differences: Vec::new(),
        };
        let Some(named) = self.names(&head.database_id) else {
            return Some(finding(
                FindingKind::AnotherChain,
                format!(
                    "it is of the chain {}, and the database keeps {}, which does not name that one: the chain was begun \
                     anew past dbvc, or this is another database",
                    head.database_id, self.id
                ),
            ));
        };
        (named.sequence == head.sequence && named.digest != head.digest).then(|| {
            finding(
                FindingKind::Differs,
                format!(
                    "event {} of the chain before had the digest {}, and the new chain names {}",
                    head.sequence, head.digest, named.digest
                ),
            )
        })
    }
}

/// A chain's end as a detail of an event has it.
pub(super) fn written(head: &Head) -> String {
    format!("{}:{}:{}", head.database_id, head.sequence, head.digest)
}

fn read(text: &str) -> Option<Head> {
    let mut parts = text.rsplitn(3, ':');
    let (digest, sequence, id) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Head {
        database_id: id.to_owned(),
        sequence: sequence.parse().ok()?,
        digest: digest.to_owned(),
    })
}

/// The chains that a first event names.
pub(super) fn named(first: &AuditEvent) -> Vec<Head> {
    let details = [CONTINUES, REPLACES].map(|name| first.details.get(name).map_or("", String::as_str));
    details
        .iter()
        .flat_map(|list| list.split(','))
        .filter_map(read)
        .collect()
}

/// The run that an event is of.
pub(super) fn run_of(text: &str) -> Option<String> {
    let event: AuditEvent = serde_json::from_str(text).ok()?;
    Some(event.run)
}

/// A finding where the settings say which chain this must be.
pub(super) fn pinned(pin: Option<&str>, id: &str) -> Option<Finding> {
    let pin = pin.filter(|pin| *pin != id)?;
    let has = if id.is_empty() {
        "none".to_owned()
    } else {
        format!("the chain {id}")
    };
    Some(about_the_record(
        FindingKind::AnotherChain,
        format!("the settings say that the chain is {pin} (`audit.database_id`), and the database has {has}"),
    ))
}

/// The chains of the same database and environment in a sink, but for this one and those that it names.
pub(super) fn strangers<'k>(
    known: &'k [KnownChain],
    names: (&str, &str),
    chain: Option<&Chain>,
) -> Vec<&'k KnownChain> {
    let began = chain.and_then(|chain| chain.first.as_ref()).map(|first| {
        let database = first.details.get("database").cloned();
        (database.unwrap_or_default(), first.environment.clone())
    });
    known
        .iter()
        .filter(|other| {
            let same_names = other.is_of(names.0, names.1)
                || began
                    .as_ref()
                    .is_some_and(|(database, environment)| other.is_of(database, environment));
            let ours = chain.is_some_and(|chain| {
                chain.id == other.database_id || chain.names(&other.database_id).is_some()
            });
            same_names && !ours
        })
        .collect()
}

/// Whether a sink may get the first event of this chain, or of the one that a first run will begin: not where it has
/// another one of the same database, which this one does not name.
pub(super) async fn may_begin(
    session: &mut dyn Session,
    names: (&str, &str),
    head: Option<&ChainHead>,
    sink: &mut dyn AuditSink,
) -> Result<(), DriverError> {
    let filter = ChainFilter {
        limit: 1,
        ..ChainFilter::default()
    };
    let first = match head {
        Some(_) => session.chain(&filter).await?,
        None => Vec::new(),
    };
    let chain = Chain::of(head, first.first());
    let event = chain.as_ref().and_then(|chain| chain.first.as_ref());
    if head.is_some() && event.is_none() {
        return Ok(());
    }
    let (database, environment) = event.map_or(names, |event| {
        let database = event.details.get("database").map_or("", String::as_str);
        (database, event.environment.as_str())
    });
    let known = sink.chains().await?;
    let others = strangers(&known, (database, environment), chain.as_ref());
    let Some(other) = others.first() else {
        return Ok(());
    };
    let ours = chain.as_ref().map_or_else(
        || "the database keeps none yet".to_owned(),
        |chain| format!("this one is {} and does not name it", chain.id),
    );
    let message = format!(
        "the sink has another chain of {database} in {environment}: {}; {ours}",
        other.database_id
    );
    Err(DriverError::new(ErrorKind::Conflict, Operation::Record, message).with_note(
        "if the database was made anew, cloned or restored, say so with `dbvc audit restart --reason TEXT`; if nobody did \
         that, somebody began the trail anew: `dbvc audit verify` says more",
    ))
}

/// Refuses to ship a chain that the settings do not mean.
pub(super) fn check_pin(pin: Option<&str>, head: &ChainHead) -> Result<(), DriverError> {
    pinned(pin, &head.database_id).map_or(Ok(()), |finding| {
        Err(
            DriverError::new(ErrorKind::Conflict, Operation::Record, finding.message)
                .with_note("after `dbvc audit restart` write the new chain's name into the settings"),
        )
    })
}
