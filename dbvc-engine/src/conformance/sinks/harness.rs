//! What a sink gives so that the kit can prove it.

use std::any::Any;
use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;

use crate::audit::{AuditDriver, SinkTarget};
use crate::conformance::Unavailable;
use crate::driver::Secret;

/// An empty sink for one rule alone, with nothing provisioned yet.
pub struct SinkScratch {
    /// How to open it.
    pub target: SinkTarget,
    /// Removes it when it is dropped.
    pub guard: Box<dyn Any + Send + Sync>,
}

impl SinkScratch {
    /// A sink that is removed when `guard` is dropped, which happens outside every asynchronous runtime.
    pub fn new(target: SinkTarget, guard: impl Any + Send + Sync) -> Self {
        Self {
            target,
            guard: Box::new(guard),
        }
    }
}

impl std::fmt::Debug for SinkScratch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SinkScratch")
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}

/// A sink that cannot be opened with this secret, which is easy to recognise.
#[derive(Debug, Clone)]
pub struct SinkPlanted {
    /// Where it is; opening it must fail.
    pub target: SinkTarget,
    /// The secret in it.
    pub secret: String,
}

/// A description of a sink that cannot be used.
#[derive(Debug, Clone)]
pub struct BadTarget {
    /// The description.
    pub target: SinkTarget,
    /// A word that the message must hold, so that the reader knows which part is meant.
    pub named: &'static str,
}

/// A sink under proof. What is `None` or empty here makes the rules that need it show as not run.
#[async_trait]
pub trait SinkHarness: Send + Sync + 'static {
    /// The kind of sink.
    fn driver(&self) -> Arc<dyn AuditDriver>;
    /// What the trials are called by and `DBVC_REQUIRE_SERVER` names.
    fn name(&self) -> &'static str;
    /// An empty sink.
    async fn fresh(&self) -> Result<SinkScratch, Unavailable>;
    /// Descriptions that the check must refuse.
    fn bad_targets(&self) -> Vec<BadTarget> {
        Vec::new()
    }
    /// A sink with a wrong secret.
    async fn planted(&self) -> Result<SinkPlanted, Unavailable> {
        Err(Unavailable::new("this sink asks for no secret"))
    }
    /// A place where no sink answers.
    fn unreachable(&self) -> Option<SinkTarget> {
        None
    }
}

/// A sink's description.
pub fn target(url: &str, options: &[(&str, &str)]) -> SinkTarget {
    let options = options
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Secret::new(*value)));
    SinkTarget {
        name: "trail".into(),
        url: Secret::new(url),
        options: options.collect::<BTreeMap<_, _>>(),
    }
}
