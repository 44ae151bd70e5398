//! A database in which much happens.

use std::time::Duration;

use dbvc_engine::audit::{AuditAction, SinkTarget};
use dbvc_engine::driver::{
    Access, Actor, Draft, Identity, LockAttempt, LockOwner, LockRequest, Session, Target,
};
use dbvc_engine::lock::{LEASE, LOCK_NAME};
use dbvc_engine::migration::DirectoryLayout;
use dbvc_engine::observe::Silent;
use dbvc_engine::project::audit::{AuditSettings, OnSinkFailure, SinkSettings};
use dbvc_engine::project::{Context, Settings};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// Events that are written with one message.
const AT_ONCE: u64 = 50;

/// A SQLite file with a record.
pub(crate) struct Shop {
    folder: TempDir,
}

impl Shop {
    pub(crate) async fn new() -> Self {
        let shop = Self {
            folder: tempfile::tempdir().expect("a folder"),
        };
        let identity = Identity {
            database: "shop".into(),
            environment: "test".into(),
            tool_version: "0".into(),
        };
        let mut session = shop.session().await;
        session.install(&identity).await.expect("a record");
        session.close().await.expect("closed");
        shop
    }

    async fn session(&self) -> Box<dyn Session> {
        let target = self.target().with_access(Access::ReadWrite);
        dbvc_sqlite::driver().connect(&target).await.expect("a session")
    }

    fn target(&self) -> Target {
        let path = self.folder.path().join("shop.db");
        Target::parse(&format!("sqlite:{}", path.display())).expect("a URL")
    }

    /// So many events, as runs write them.
    pub(crate) async fn happens(&self, count: u64) {
        let context = self.context_with(Vec::new());
        let mut session = self.session().await;
        let request = LockRequest {
            name: LOCK_NAME.into(),
            owner: LockOwner {
                run: context.run,
                actor: context.actor.clone(),
                pid: context.pid,
                purpose: "test".into(),
            },
            ttl: LEASE,
        };
        let LockAttempt::Acquired(lease) = session.try_lock(&request).await.expect("an answer") else {
            panic!("somebody holds the lock");
        };
        let mut left = count;
        while left > 0 {
            let part = left.min(AT_ONCE);
            let drafts: Vec<Draft> = (0..part)
                .map(|number| context.event(AuditAction::Backup).with("number", number).draft())
                .collect();
            session.append(&lease.fence, &drafts).await.expect("told");
            left -= part;
        }
        session.unlock(&lease).await.expect("unlocked");
        session.close().await.expect("closed");
    }

    /// With this one sink.
    pub(crate) fn context(&self, sink: &SinkTarget) -> Context<'static> {
        self.context_with(vec![SinkSettings {
            driver: dbvc_cosmos::audit_driver(),
            target: sink.clone(),
            on_failure: OnSinkFailure::Spool,
        }])
    }

    fn context_with(&self, sinks: Vec<SinkSettings>) -> Context<'static> {
        let layout = DirectoryLayout {
            root: self.folder.path().into(),
            migrations: self.folder.path().into(),
            ..DirectoryLayout::default()
        };
        Context {
            driver: dbvc_sqlite::driver(),
            target: self.target(),
            settings: Settings {
                lock_wait: Duration::from_secs(5),
                lock_patience: Duration::from_secs(5),
                audit: AuditSettings {
                    sinks,
                    ..AuditSettings::default()
                },
                ..Settings::new("shop", "test", layout)
            },
            observer: &Silent,
            cancel: CancellationToken::new(),
            actor: Actor::default(),
            pid: std::process::id(),
            run: Uuid::now_v7(),
            tool_version: "0".into(),
            reason: None,
        }
    }
}
