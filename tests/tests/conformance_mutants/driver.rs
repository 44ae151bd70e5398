//! SQLite's driver with a fault in its sessions.

use std::sync::Arc;

use async_trait::async_trait;
use dbvc_engine::conformance::{BadUrl, Harness, Samples, Scratch, Unavailable};
use dbvc_engine::driver::{Access, Driver, DriverInfo, Session, Target, TargetError, TransactionFit};
use dbvc_engine::error::Result;
use dbvc_engine::sql::Dialect;

use crate::fault::Fault;
use crate::session::MutantSession;
use crate::sqlite::Sqlite;

/// SQLite's harness over a driver with a fault, or without one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mutant {
    pub(crate) fault: Option<Fault>,
}

#[async_trait]
impl Harness for Mutant {
    fn driver(&self) -> Arc<dyn Driver> {
        Arc::new(MutantDriver {
            inner: Sqlite.driver(),
            fault: self.fault,
        })
    }

    async fn fresh(&self) -> Result<Scratch, Unavailable> {
        Sqlite.fresh().await
    }

    fn samples(&self) -> Samples {
        Sqlite.samples()
    }

    fn bad_urls(&self) -> &[BadUrl] {
        &[]
    }
}

#[derive(Debug)]
struct MutantDriver {
    inner: Arc<dyn Driver>,
    fault: Option<Fault>,
}

#[async_trait]
impl Driver for MutantDriver {
    fn info(&self) -> &DriverInfo {
        self.inner.info()
    }

    fn dialect(&self) -> &Dialect {
        self.inner.dialect()
    }

    fn transaction_fit(&self, statement: &str) -> TransactionFit {
        self.inner.transaction_fit(statement)
    }

    fn check(&self, target: &Target) -> Result<(), TargetError> {
        self.inner.check(target)
    }

    async fn connect(&self, target: &Target) -> Result<Box<dyn Session>> {
        let target = if self.fault == Some(Fault::LetsReadersWrite) {
            target.clone().with_access(Access::ReadWrite)
        } else {
            target.clone()
        };
        let inner = self.inner.connect(&target).await?;
        Ok(Box::new(MutantSession {
            inner,
            fault: self.fault,
        }))
    }
}
