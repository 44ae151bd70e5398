//! How long a sink may take for what it is asked: nobody waits for ever for one that does not answer.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;

use super::SinkSettings;
use crate::audit::{Appended, AuditSink, Container, Document, Finding, Head, KnownChain, Sealed};
use crate::error::{DriverError, ErrorKind, Operation, Result};

/// How long a sink may take to open and to say where it ends.
const CALL: Duration = Duration::from_secs(30);

/// How long it may take for one batch.
const BATCH: Duration = Duration::from_mins(5);

/// What a call takes beside the time for which it tries again.
const BESIDE: Duration = Duration::from_secs(10);

/// Calls to its service that a sink makes for one batch, at most.
const CALLS: u32 = 12;

/// How long a sink may take.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// To open, and to say where it ends.
    call: Duration,
    /// For one batch.
    batch: Duration,
}

impl Patience {
    /// Longer where its settings say that it tries again for longer.
    fn with(settings: &SinkSettings) -> Self {
        let own = settings.driver.patience(&settings.target).unwrap_or_default();
        Self {
            call: CALL.max(own + BESIDE),
            batch: BATCH.max(own * CALLS),
        }
    }
}

/// Opens a sink. Each call to it ends in time: [`ErrorKind::Unreachable`] where it does not answer.
pub(super) async fn open(settings: &SinkSettings) -> Result<Box<dyn AuditSink>> {
    opened(settings, Patience::with(settings)).await
}

/// The same for a look in passing, for which nobody waits long, whatever its settings say.
pub(super) async fn glance(settings: &SinkSettings) -> Result<Box<dyn AuditSink>> {
    let patience = Patience {
        call: CALL,
        batch: BATCH,
    };
    opened(settings, patience).await
}

async fn opened(settings: &SinkSettings, patience: Patience) -> Result<Box<dyn AuditSink>> {
    let sink = within(patience.call, settings.driver.open(&settings.target)).await?;
    Ok(Box::new(Timed { sink, patience }))
}

/// All that a sink took is durable; a goodbye that fails or is not heard changes nothing.
pub(super) async fn goodbye(sink: Box<dyn AuditSink>) {
    let _ = sink.close().await;
}

async fn within<T>(patience: Duration, work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(patience, work).await.unwrap_or_else(|_| {
        Err(DriverError::new(
            ErrorKind::Unreachable,
            Operation::Record,
            format!("the sink did not answer within {} s", patience.as_secs()),
        ))
    })
}

/// A sink of which each call ends in time.
#[derive(Debug)]
struct Timed {
    sink: Box<dyn AuditSink>,
    patience: Patience,
}

#[async_trait]
impl AuditSink for Timed {
    async fn append(&mut self, events: &[Sealed]) -> Result<Appended> {
        within(self.patience.batch, self.sink.append(events)).await
    }

    async fn head(&mut self, database_id: &str) -> Result<Option<Head>> {
        within(self.patience.call, self.sink.head(database_id)).await
    }

    async fn chains(&mut self) -> Result<Vec<KnownChain>> {
        within(self.patience.batch, self.sink.chains()).await
    }

    async fn read(&mut self, database_id: &str, after: u64, limit: usize) -> Result<Vec<Sealed>> {
        within(self.patience.batch, self.sink.read(database_id, after, limit)).await
    }

    fn remarks(&mut self) -> Vec<Finding> {
        self.sink.remarks()
    }

    async fn keep(&mut self, container: Container, documents: &[Document]) -> Result<()> {
        within(self.patience.batch, self.sink.keep(container, documents)).await
    }

    async fn documents(
        &mut self,
        database_id: &str,
        container: Container,
        id: Option<&str>,
    ) -> Result<Vec<Document>> {
        within(
            self.patience.batch,
            self.sink.documents(database_id, container, id),
        )
        .await
    }

    async fn kept(&mut self, database_id: &str, container: Container) -> Result<BTreeMap<String, String>> {
        within(self.patience.batch, self.sink.kept(database_id, container)).await
    }

    fn keeps_documents(&self) -> bool {
        self.sink.keeps_documents()
    }

    async fn close(self: Box<Self>) -> Result<()> {
        within(CALL.min(self.patience.call), self.sink.close()).await
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use async_trait::async_trait;

    use super::*;
    use crate::audit::{AuditDriver, AuditDriverInfo, SinkTarget};
    use crate::driver::{Secret, TargetError};
    use crate::project::audit::OnSinkFailure;

    /// Tries again for as long as this.
    #[derive(Debug)]
    struct Patient(Option<Duration>);

    #[async_trait]
    impl AuditDriver for Patient {
        fn info(&self) -> &AuditDriverInfo {
            &AuditDriverInfo {
                name: "patient",
                title: "Patient",
                schemes: &["patient"],
                example_url: "patient:",
            }
        }

        fn check(&self, _: &SinkTarget) -> Result<(), TargetError> {
            Ok(())
        }

        fn patience(&self, _: &SinkTarget) -> Option<Duration> {
            self.0
        }

        async fn open(&self, _: &SinkTarget) -> Result<Box<dyn AuditSink>> {
            std::future::pending().await
        }
    }

    /// Opens, and never answers again.
    #[derive(Debug)]
    struct Silent;

    #[async_trait]
    impl AuditSink for Silent {
        async fn append(&mut self, _: &[Sealed]) -> Result<Appended> {
            std::future::pending().await
        }

        async fn head(&mut self, _: &str) -> Result<Option<Head>> {
            std::future::pending().await
        }

        async fn chains(&mut self) -> Result<Vec<KnownChain>> {
            std::future::pending().await
        }

        async fn read(&mut self, _: &str, _: u64, _: usize) -> Result<Vec<Sealed>> {
            std::future::pending().await
        }

        async fn keep(&mut self, _: Container, _: &[Document]) -> Result<()> {
            std::future::pending().await
        }

        async fn documents(&mut self, _: &str, _: Container, _: Option<&str>) -> Result<Vec<Document>> {
            std::future::pending().await
        }

        async fn close(self: Box<Self>) -> Result<()> {
            std::future::pending().await
        }
    }

    fn settings(own: Option<Duration>) -> SinkSettings {
        SinkSettings {
            driver: Arc::new(Patient(own)),
            target: SinkTarget {
                name: "p".into(),
                url: Secret::new("patient:"),
                options: std::collections::BTreeMap::new(),
            },
            on_failure: OnSinkFailure::Warn,
        }
    }

    #[test]
    fn a_sink_that_tries_again_for_long_is_not_cut_short() {
        for (own, longest) in [(None, 30), (Some(5), 30), (Some(600), 610)] {
            let own = own.map(Duration::from_secs);
            let patience = Patience::with(&settings(own));
            assert_eq!(patience.call.as_secs(), longest, "{own:?}");
            assert!(patience.batch >= patience.call * 5, "{patience:?}");
        }
    }

    #[tokio::test]
    async fn whoever_does_not_answer_is_named_with_the_time_that_was_waited() {
        let waited = within(Duration::ZERO, Patient(None).open(&settings(None).target)).await;
        let error = waited.expect_err("nobody answers");
        assert_eq!(error.kind, ErrorKind::Unreachable);
        assert!(error.message.contains("within 0 s"), "{error}");
    }

    #[tokio::test]
    async fn no_call_to_a_sink_that_falls_silent_lasts_for_ever() {
        fn ended<T: std::fmt::Debug>(call: &str, answer: Result<T>) {
            let error = answer.expect_err(call);
            assert_eq!(error.kind, ErrorKind::Unreachable, "{call}");
        }
        let sink = Box::new(Silent);
        let patience = Patience {
            call: Duration::from_millis(1),
            batch: Duration::from_millis(1),
        };
        let mut sink: Box<dyn AuditSink> = Box::new(Timed { sink, patience });
        let of = Container::Migrations;
        ended("append", sink.append(&[]).await);
        ended("head", sink.head("shop").await);
        ended("chains", sink.chains().await);
        ended("read", sink.read("shop", 0, 1).await);
        ended("keep", sink.keep(of, &[]).await);
        ended("documents", sink.documents("shop", of, None).await);
        ended("kept", sink.kept("shop", of).await);
        ended("close", sink.close().await);
    }
}
