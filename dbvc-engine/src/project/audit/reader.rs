//! A place that events are read from, kept open for whoever follows it.

use super::log::{from_sink, from_target, unavailable};
use super::patience::{goodbye, open};
use super::ship::BATCH;
use super::stands::chain_by_events;
use super::{Log, LogFilter, SinkSettings};
use crate::audit::{AuditSink, Head, Sealed};
use crate::diagnostic::Diagnostic;
use crate::driver::{Access, Session};
use crate::error::{DriverError, ErrorKind};
use crate::project::{Context, ExitClass, Failed};

/// The database's own record or a sink, open for reading.
#[derive(Debug)]
pub struct Reader<'a> {
    context: &'a Context<'a>,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Target(Box<dyn Session>),
    Sink {
        sink: Box<dyn AuditSink>,
        settings: SinkSettings,
        /// The chain; none where the database keeps no trail.
        chain: Option<String>,
    },
}

impl<'a> Reader<'a> {
    /// Opens the database, or the sink that is named. Which chain of a sink is meant is asked of the database; where that
    /// is away, of the sink, which has one of that database and environment.
    pub async fn open(context: &'a Context<'a>, from: Option<&SinkSettings>) -> Result<Self, Failed> {
        let asked = context.connect(Access::ReadOnly).await;
        let place = match from {
            None => Place::Target(asked?),
            Some(settings) => {
                let asked = ask(context, asked).await;
                let opened = open(settings).await;
                let mut sink = opened.map_err(|error| unavailable(settings, &error))?;
                let chain = match asked {
                    Ok(chain) => chain,
                    Err(away) => Some(chain_of(context, settings, sink.as_mut(), away).await?),
                };
                Place::Sink {
                    sink,
                    settings: settings.clone(),
                    chain,
                }
            }
        };
        Ok(Self { context, place })
    }

    /// Reads events, oldest first. With a limit from the chain's end backwards, so that a long chain costs no more than
    /// what is looked at.
    pub async fn read(&mut self, filter: &LogFilter) -> Result<Log, Failed> {
        let Some(head) = self.head().await? else {
            return Ok(Log::default());
        };
        let mut log = match filter.limit {
            Some(limit) => self.newest(&head, filter, limit).await?,
            None => self.forward(filter.after, u64::MAX, filter).await?,
        };
        if let Some(limit) = filter.limit {
            log.events.drain(..log.events.len().saturating_sub(limit));
        }
        log.head = Some(head);
        Ok(log)
    }

    /// Says goodbye.
    pub async fn close(self) {
        match self.place {
            Place::Target(session) => drop(session.close().await),
            Place::Sink { sink, .. } => goodbye(sink).await,
        }
    }

    /// Part by part from the end, each twice as long as the one before, until enough is found.
    async fn newest(&mut self, head: &Head, filter: &LogFilter, limit: usize) -> Result<Log, Failed> {
        // What stands behind the head does not belong there, and is shown all the same.
        let mut end = u64::MAX;
        let mut length = u64::from(BATCH);
        let mut start = head.sequence.saturating_sub(length).max(filter.after);
        let mut found = Log::default();
        loop {
            let mut part = self.forward(start, end, filter).await?;
            part.events.append(&mut found.events);
            part.unreadable.append(&mut found.unreadable);
            found = part;
            if start <= filter.after || found.events.len() >= limit {
                return Ok(found);
            }
            end = start;
            length = length.saturating_mul(2);
            start = start.saturating_sub(length).max(filter.after);
        }
    }

    /// Behind `after`, up to `end` and that included.
    async fn forward(&mut self, mut after: u64, end: u64, filter: &LogFilter) -> Result<Log, Failed> {
        let mut log = Log::default();
        loop {
            let batch = self.batch(after).await?;
            let Some((last, _)) = batch.last() else {
                return Ok(log);
            };
            after = after.max(*last).max(after + 1);
            for read in batch {
                if read.0 <= end {
                    log.take(read, filter);
                }
            }
            if after >= end {
                return Ok(log);
            }
        }
    }

    async fn batch(&mut self, after: u64) -> Result<Vec<(u64, Sealed)>, Failed> {
        match &mut self.place {
            Place::Target(session) => {
                let read = from_target(session.as_mut(), after).await;
                if read
                    .as_ref()
                    .is_err_and(|error| error.kind == ErrorKind::NotInstalled)
                {
                    self.context.trail_stands(session.as_mut()).await?;
                }
                read.map_err(|error| Failed::driver(&self.context.target, &error))
            }
            Place::Sink {
                sink,
                settings,
                chain: Some(chain),
            } => {
                let read = from_sink(sink.as_mut(), chain, after).await;
                read.map_err(|error| unavailable(settings, &error))
            }
            Place::Sink { .. } => Ok(Vec::new()),
        }
    }

    async fn head(&mut self) -> Result<Option<Head>, Failed> {
        match &mut self.place {
            Place::Target(session) => {
                let head = session.chain_head().await;
                let head = head.map_err(|error| Failed::driver(&self.context.target, &error))?;
                if head.is_none() {
                    self.context.trail_stands(session.as_mut()).await?;
                }
                Ok(head.map(Head::from))
            }
            Place::Sink {
                sink,
                settings,
                chain: Some(chain),
            } => {
                let head = sink.head(chain).await;
                head.map_err(|error| unavailable(settings, &error))
            }
            Place::Sink { .. } => Ok(None),
        }
    }
}

/// The name of the database's chain, by its events where the head is gone. The database is left at once.
async fn ask(
    context: &Context<'_>,
    connected: Result<Box<dyn Session>, Failed>,
) -> Result<Option<String>, Failed> {
    let mut session = connected?;
    let failed = |error: DriverError| Failed::driver(&context.target, &error);
    let mut chain = session
        .chain_head()
        .await
        .map_err(failed)?
        .map(|head| head.database_id);
    if chain.is_none() {
        chain = chain_by_events(session.as_mut()).await;
    }
    if chain.is_none() {
        context.trail_stands(session.as_mut()).await?;
    }
    let _ = session.close().await;
    Ok(chain)
}

/// The one chain that a sink keeps of this database and environment. Where it has none or several, the database itself
/// must say which, and why it does not is the answer.
async fn chain_of(
    context: &Context<'_>,
    settings: &SinkSettings,
    sink: &mut dyn AuditSink,
    away: Failed,
) -> Result<String, Failed> {
    if away.exit != ExitClass::Connection {
        return Err(away);
    }
    let (database, environment) = context.names();
    let known = sink
        .chains()
        .await
        .map_err(|error| unavailable(settings, &error))?;
    let mut chains: Vec<String> = known
        .into_iter()
        .filter(|chain| chain.is_of(database, environment))
        .map(|chain| chain.database_id)
        .collect();
    match (chains.pop(), chains.len()) {
        (Some(chain), 0) => {
            let told = away.diagnostics.first().map(|one| one.message.clone());
            let note = Diagnostic::warning(
                "DBVC8022",
                format!("{database} is away: this is what the sink has"),
            )
            .note(told.unwrap_or_default());
            context.observer.on(&crate::observe::Event::Diagnostic(&note));
            Ok(chain)
        }
        (last, more) => {
            let mut away = away;
            let count = more + usize::from(last.is_some());
            let name = &settings.target.name;
            if let Some(first) = away.diagnostics.first_mut() {
                first.notes.push(format!(
                    "the sink {name} keeps {count} chains of {database} in {environment}, and only the database can say which is its"
                ));
            }
            Err(away)
        }
    }
}
