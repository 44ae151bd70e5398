//! A database of its own for each test, on each server that there is.

use std::io::Write as _;
use std::sync::atomic::{AtomicU32, Ordering};

use dbvc_engine::driver::{
    Actor, Driver, Fence, Identity, LockAttempt, LockOwner, LockRequest, Notice, Session, Target,
};
use dbvc_engine::sql::Statement;
use dbvc_engine::text::Origin;
use mysql_async::Conn;
use mysql_async::prelude::Queryable as _;

const SERVERS: [(&str, &str); 2] = [
    ("mariadb", "DBVC_TEST_MARIADB_URL"),
    ("mysql", "DBVC_TEST_MYSQL_URL"),
];

/// An empty database on one of the servers.
pub(crate) struct Place {
    pub(crate) server: &'static str,
    pub(crate) url: String,
}

/// One place on each server.
///
/// # Panics
/// Where a server is required and missing.
pub(crate) async fn places() -> Vec<Place> {
    let required = std::env::var("DBVC_REQUIRE_SERVER").unwrap_or_default();
    let mut places = Vec::new();
    for (server, variable) in SERVERS {
        let Some(url) = std::env::var(variable).ok().filter(|url| !url.is_empty()) else {
            assert!(
                !required.split(',').any(|one| one == server),
                "{server} is required: set {variable}"
            );
            // Not `eprintln!`: the test harness would swallow it for a test that passes.
            let _ = writeln!(std::io::stderr(), "SKIPPED on {server}: {variable} is not set");
            continue;
        };
        places.push(Place::new(server, &url).await);
    }
    places
}

/// A connection without dbvc.
pub(crate) async fn plain(url: &str) -> Conn {
    Conn::from_url(url.replacen("mariadb:", "mysql:", 1))
        .await
        .unwrap()
}

impl Place {
    async fn new(server: &'static str, url: &str) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!(
            "adapter_{}_{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let mut conn = plain(url).await;
        conn.query_drop(format!("DROP DATABASE IF EXISTS {name}"))
            .await
            .unwrap();
        conn.query_drop(format!("CREATE DATABASE {name} CHARACTER SET utf8mb4"))
            .await
            .unwrap();
        let mut url = url::Url::parse(url).unwrap();
        url.set_path(&name);
        Self {
            server,
            url: url.into(),
        }
    }

    /// Another one on the same server.
    pub(crate) async fn beside(&self) -> Self {
        Self::new(self.server, &self.url).await
    }

    /// Drops it.
    pub(crate) async fn remove(self) {
        let mut conn = plain(&self.url).await;
        let name = self.url.rsplit('/').next().unwrap();
        conn.query_drop(format!("DROP DATABASE {name}")).await.unwrap();
        conn.disconnect().await.unwrap();
    }

    pub(crate) fn target(&self) -> Target {
        Target::parse(&self.url).unwrap()
    }

    pub(crate) async fn session(&self) -> Box<dyn Session> {
        dbvc_mysql::driver().connect(&self.target()).await.unwrap()
    }

    /// A session with the record and the lock.
    pub(crate) async fn locked(&self) -> (Box<dyn Session>, Fence) {
        let mut session = self.session().await;
        session.install(&identity()).await.unwrap();
        match session.try_lock(&request()).await.unwrap() {
            LockAttempt::Acquired(lease) => (session, lease.fence),
            LockAttempt::Held(holder) => panic!("{holder:?}"),
        }
    }
}

pub(crate) fn identity() -> Identity {
    Identity {
        database: "app".into(),
        environment: "test".into(),
        tool_version: "0".into(),
    }
}

pub(crate) fn request() -> LockRequest {
    LockRequest {
        name: "dbvc".into(),
        owner: LockOwner {
            run: uuid::Uuid::now_v7(),
            actor: Actor::default(),
            pid: 1,
            purpose: "test".into(),
        },
        ttl: std::time::Duration::from_mins(1),
    }
}

pub(crate) fn statement(sql: &str) -> Statement {
    Statement::new(sql, Origin::START)
}

/// Hears what the server says.
#[derive(Default)]
pub(crate) struct Ears(pub(crate) Vec<Notice>);

impl dbvc_engine::driver::Heard for Ears {
    fn notice(&mut self, notice: Notice) {
        self.0.push(notice);
    }

    fn progress(&mut self, _: u32) {}
}
