//! A sink that is a file: one event a line, and nothing but lines added.
//!
//! Each line is the JSON of a [`Sealed`]: its `text` is the event's canonical form, so that
//! `jq -j .text | sha256sum` of a line gives the line's `digest`.

mod lock;
mod trail;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use percent_encoding::percent_decode_str;

use super::{
    Appended, AuditDriver, AuditDriverInfo, AuditSink, Finding, Head, KnownChain, Provisioned, Sealed,
    SinkTarget,
};
use crate::driver::TargetError;
use crate::error::{DriverError, ErrorKind, Operation, Result};
use trail::Trail;

static INFO: AuditDriverInfo = AuditDriverInfo {
    name: "file",
    title: "JSON Lines file",
    schemes: &["file"],
    example_url: "file:audit/events.jsonl",
};

/// Files of JSON lines.
#[derive(Debug, Clone, Copy, Default)]
pub struct JsonLinesDriver;

/// The driver for files of JSON lines.
pub fn driver() -> Arc<dyn AuditDriver> {
    Arc::new(JsonLinesDriver)
}

#[async_trait]
impl AuditDriver for JsonLinesDriver {
    fn info(&self) -> &AuditDriverInfo {
        &INFO
    }

    fn check(&self, target: &SinkTarget) -> Result<(), TargetError> {
        path_of(target).map(|_| ())
    }

    async fn open(&self, target: &SinkTarget) -> Result<Box<dyn AuditSink>> {
        let path = path_of(target).map_err(|error| {
            DriverError::new(ErrorKind::Unsupported, Operation::Connect, error.to_string())
        })?;
        let trail = blocking(move || Trail::open(path)).await?;
        Ok(Box::new(JsonLines {
            trail: Arc::new(Mutex::new(trail)),
        }))
    }

    async fn provision(&self, target: &SinkTarget) -> Result<Provisioned> {
        let path = path_of(target).map_err(|error| {
            DriverError::new(ErrorKind::Unsupported, Operation::Connect, error.to_string())
        })?;
        let (name, there) = (format!("file {}", path.display()), path.exists());
        let mut provisioned = Provisioned::default();
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty())
            && !folder.exists()
        {
            let made = folder.to_owned();
            blocking(move || std::fs::create_dir_all(&made).map_err(|error| unmade(&made, &error))).await?;
            provisioned.made.push(format!("folder {}", folder.display()));
        }
        self.open(target).await?.close().await?;
        if there {
            provisioned.found.push(name);
        } else {
            provisioned.made.push(name);
        }
        Ok(provisioned)
    }
}

/// The file that a URL names: `file:audit.jsonl`, `file:./audit.jsonl`, `file:///var/log/audit.jsonl`.
fn path_of(target: &SinkTarget) -> Result<PathBuf, TargetError> {
    let part = |part: &str, reason: &str| TargetError::Part {
        part: part.to_owned(),
        reason: reason.to_owned(),
    };
    if let Some(option) = target.options.keys().next() {
        return Err(part(option, "unknown option; a file has none"));
    }
    let written = target.url.reveal();
    let rest = match written.split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("file") => rest,
        _ => return Err(part("url", "expected something like `file:audit/events.jsonl`")),
    };
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    if let Some((_, options)) = rest.split_once('?') {
        let name = options.split(['=', '&']).next().unwrap_or_default();
        return Err(part(name, "unknown option; a file has none"));
    }
    let path = percent_decode_str(rest)
        .decode_utf8()
        .map_err(|_| part("path", "not valid UTF-8 once decoded"))?;
    if path.is_empty() || path.ends_with('/') || path.contains('\0') {
        return Err(part("path", "no file is named; write `file:audit/events.jsonl`"));
    }
    Ok(PathBuf::from(path.into_owned()))
}

fn unmade(folder: &std::path::Path, error: &std::io::Error) -> DriverError {
    let message = format!("cannot make the folder {}: {error}", folder.display());
    DriverError::new(ErrorKind::Denied, Operation::Connect, message)
}

/// An open file.
#[derive(Debug)]
struct JsonLines {
    trail: Arc<Mutex<Trail>>,
}

impl JsonLines {
    async fn with<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Trail) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let trail = self.trail.clone();
        blocking(move || work(&mut trail.lock().unwrap_or_else(PoisonError::into_inner))).await
    }
}

#[async_trait]
impl AuditSink for JsonLines {
    async fn append(&mut self, events: &[Sealed]) -> Result<Appended> {
        let events = events.to_vec();
        self.with(move |trail| trail.append(&events)).await
    }

    async fn head(&mut self, database_id: &str) -> Result<Option<Head>> {
        let database_id = database_id.to_owned();
        self.with(move |trail| trail.head(&database_id)).await
    }

    async fn read(&mut self, database_id: &str, after: u64, limit: usize) -> Result<Vec<Sealed>> {
        let database_id = database_id.to_owned();
        self.with(move |trail| trail.read(&database_id, after, limit))
            .await
    }

    async fn chains(&mut self) -> Result<Vec<KnownChain>> {
        self.with(Trail::chains).await
    }

    fn remarks(&mut self) -> Vec<Finding> {
        let mut trail = self.trail.lock().unwrap_or_else(PoisonError::into_inner);
        trail.remarks()
    }

    async fn close(self: Box<Self>) -> Result<()> {
        Ok(())
    }
}

/// Waits for the disk on a thread where that holds up nobody.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(DriverError::new(
            ErrorKind::Cancelled,
            Operation::Record,
            error.to_string(),
        )),
    }
}

#[cfg(test)]
mod tests;
