//! Files of JSON lines.

use std::sync::Arc;

use async_trait::async_trait;
use dbvc_engine::audit::{AuditDriver, SinkTarget, jsonl};
use dbvc_engine::conformance::Unavailable;
use dbvc_engine::conformance::sinks::{BadTarget, SinkHarness, SinkScratch, target};

pub(crate) struct File;

#[async_trait]
impl SinkHarness for File {
    fn driver(&self) -> Arc<dyn AuditDriver> {
        jsonl::driver()
    }

    fn name(&self) -> &'static str {
        "file"
    }

    async fn fresh(&self) -> Result<SinkScratch, Unavailable> {
        let folder = tempfile::tempdir().map_err(|error| Unavailable::new(error.to_string()))?;
        let url = format!("file:{}/trail.jsonl", folder.path().display());
        Ok(SinkScratch::new(target(&url, &[]), folder))
    }

    fn bad_targets(&self) -> Vec<BadTarget> {
        [
            ("file:", "path"),
            ("file:folder/", "path"),
            ("file:a.jsonl?sync=off", "sync"),
            ("trail.jsonl", "file:"),
        ]
        .map(|(url, named)| BadTarget {
            target: target(url, &[]),
            named,
        })
        .into_iter()
        .chain([BadTarget {
            target: target("file:a.jsonl", &[("rotate", "daily")]),
            named: "rotate",
        }])
        .collect()
    }

    fn unreachable(&self) -> Option<SinkTarget> {
        Some(target("file:no-such-folder/trail.jsonl", &[]))
    }
}
