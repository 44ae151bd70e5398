//! SQLite files.

use std::sync::Arc;

use async_trait::async_trait;
use dbvc_engine::audit::{AuditDriver, SinkTarget};
use dbvc_engine::conformance::Unavailable;
use dbvc_engine::conformance::sinks::{BadTarget, SinkHarness, SinkScratch, target};

pub(crate) struct Sqlite;

#[async_trait]
impl SinkHarness for Sqlite {
    fn driver(&self) -> Arc<dyn AuditDriver> {
        dbvc_sqlite::audit_driver()
    }

    fn name(&self) -> &'static str {
        "sqlite"
    }

    async fn fresh(&self) -> Result<SinkScratch, Unavailable> {
        let folder = tempfile::tempdir().map_err(|error| Unavailable::new(error.to_string()))?;
        let url = format!("sqlite:{}/trail.db", folder.path().display());
        Ok(SinkScratch::new(target(&url, &[]), folder))
    }

    fn bad_targets(&self) -> Vec<BadTarget> {
        [
            ("sqlite:", "path"),
            ("sqlite::memory:", "memory"),
            ("sqlite:a.db?mode=x", "mode"),
        ]
        .map(|(url, named)| BadTarget {
            target: target(url, &[]),
            named,
        })
        .into_iter()
        .chain([BadTarget {
            target: target("sqlite:a.db", &[("pasword", "x")]),
            named: "pasword",
        }])
        .collect()
    }

    fn unreachable(&self) -> Option<SinkTarget> {
        Some(target("sqlite:no-such-folder/trail.db", &[]))
    }
}
