//! A sink in memory that can be away.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use dbvc_engine::audit::{
    Appended, AuditDriver, AuditDriverInfo, AuditSink, Container, Document, Head, KnownChain, Sealed,
    SinkTarget,
};
use dbvc_engine::driver::{Secret, TargetError};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use dbvc_engine::project::audit::{OnSinkFailure, SinkSettings};

#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) events: Vec<Sealed>,
    pub(crate) documents: Vec<(Container, Document)>,
    pub(crate) away: bool,
    /// After so many batches it goes away.
    pub(crate) batches_left: Option<u32>,
    pub(crate) batches: u32,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct Memory(pub(crate) Arc<Mutex<State>>);

impl Memory {
    pub(crate) fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.0.lock().expect("the state"))
    }

    pub(crate) fn settings(&self, on_failure: OnSinkFailure) -> SinkSettings {
        SinkSettings {
            driver: Arc::new(self.clone()),
            target: SinkTarget {
                name: "memory".into(),
                url: Secret::new("memory:"),
                options: std::collections::BTreeMap::new(),
            },
            on_failure,
        }
    }

    fn here(&self) -> Result<()> {
        if self.with(|state| state.away) {
            return Err(DriverError::new(
                ErrorKind::Unreachable,
                Operation::Connect,
                "it is away",
            ));
        }
        Ok(())
    }
}

const INFO: AuditDriverInfo = AuditDriverInfo {
    name: "memory",
    title: "memory",
    schemes: &["memory"],
    example_url: "memory:",
};

#[async_trait]
impl AuditDriver for Memory {
    fn info(&self) -> &AuditDriverInfo {
        &INFO
    }

    fn check(&self, _: &SinkTarget) -> Result<(), TargetError> {
        Ok(())
    }

    async fn open(&self, _: &SinkTarget) -> Result<Box<dyn AuditSink>> {
        self.here()?;
        Ok(Box::new(self.clone()))
    }
}

#[async_trait]
impl AuditSink for Memory {
    async fn append(&mut self, events: &[Sealed]) -> Result<Appended> {
        self.here()?;
        self.with(|state| {
            state.batches += 1;
            if let Some(left) = &mut state.batches_left {
                *left = left.saturating_sub(1);
                state.away = *left == 0;
            }
            let mut appended = Appended::default();
            for sealed in events {
                let event = sealed.event().expect("a sealed event");
                let place = usize::try_from(event.sequence).expect("a place") - 1;
                if let Some(there) = state.events.get(place) {
                    assert_eq!(there.digest, sealed.digest, "written over");
                    appended.known += 1;
                } else {
                    assert_eq!(state.events.len(), place, "a gap");
                    state.events.push(sealed.clone());
                    appended.new += 1;
                }
            }
            Ok(appended)
        })
    }

    async fn head(&mut self, _: &str) -> Result<Option<Head>> {
        self.here()?;
        Ok(self.with(|state| {
            let last = state.events.last()?;
            let event: dbvc_engine::audit::AuditEvent = serde_json::from_str(&last.text).ok()?;
            Some(Head {
                database_id: event.database_id,
                sequence: event.sequence,
                digest: last.digest.clone(),
            })
        }))
    }

    async fn chains(&mut self) -> Result<Vec<KnownChain>> {
        self.here()?;
        Ok(self
            .with(|state| {
                let first = state.events.first()?;
                let event: dbvc_engine::audit::AuditEvent = serde_json::from_str(&first.text).ok()?;
                Some(KnownChain::of(&event.database_id, &first.text))
            })
            .into_iter()
            .collect())
    }

    async fn read(&mut self, _: &str, after: u64, limit: usize) -> Result<Vec<Sealed>> {
        self.here()?;
        let after = usize::try_from(after).expect("a place");
        Ok(self.with(|state| state.events.iter().skip(after).take(limit).cloned().collect()))
    }

    async fn keep(&mut self, container: Container, documents: &[Document]) -> Result<()> {
        self.here()?;
        self.with(|state| {
            for document in documents {
                state
                    .documents
                    .retain(|(kept, there)| (*kept, &there.id) != (container, &document.id));
                state.documents.push((container, document.clone()));
            }
        });
        Ok(())
    }

    async fn documents(&mut self, _: &str, container: Container, id: Option<&str>) -> Result<Vec<Document>> {
        Ok(self.with(|state| {
            let of = state
                .documents
                .iter()
                .filter(|(kept, there)| *kept == container && id.is_none_or(|id| id == there.id));
            of.map(|(_, document)| document.clone()).collect()
        }))
    }

    fn keeps_documents(&self) -> bool {
        true
    }

    async fn close(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}
