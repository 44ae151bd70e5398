//! A database of a test's own.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use dbvc_engine::driver::{
    Actor, Driver, Identity, Lease, LockAttempt, LockOwner, LockRequest, Session, Target,
};
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use uuid::Uuid;

/// A fresh database.
pub(crate) struct Place {
    pub(crate) url: String,
}

impl Place {
    /// None, and a word about it, where there is no server.
    pub(crate) async fn new() -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let Ok(server) = std::env::var("DBVC_TEST_POSTGRES_URL") else {
            assert!(
                !std::env::var("DBVC_REQUIRE_SERVER").is_ok_and(|list| list.contains("postgres")),
                "DBVC_REQUIRE_SERVER asks for postgres, and DBVC_TEST_POSTGRES_URL is not set"
            );
            let test = std::thread::current().name().unwrap_or("a test").to_owned();
            let told = format!("SKIPPED {test}: DBVC_TEST_POSTGRES_URL is not set\n");
            std::io::stderr().write_all(told.as_bytes()).unwrap();
            return None;
        };
        let name = format!(
            "adapter_{}_{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        );
        let mut maintenance = PgConnection::connect(&server).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(format!(
            "CREATE DATABASE {name} TEMPLATE template0"
        )))
        .execute(&mut maintenance)
        .await
        .unwrap();
        let mut url = url::Url::parse(&server).unwrap();
        url.set_path(&name);
        Some(Self { url: url.into() })
    }

    /// A copy of it, to be changed. Nobody may be connected.
    pub(crate) async fn copy(&self) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("{}_copy_{}", self.name(), COUNT.fetch_add(1, Ordering::Relaxed));
        let sql = format!("CREATE DATABASE {name} TEMPLATE {}", self.name());
        let server = std::env::var("DBVC_TEST_POSTGRES_URL").unwrap();
        let mut maintenance = PgConnection::connect(&server).await.unwrap();
        // A connection that was closed a moment ago may still be there on the server.
        let mut tries = 0;
        while let Err(error) = sqlx::raw_sql(AssertSqlSafe(sql.clone()))
            .execute(&mut maintenance)
            .await
        {
            tries += 1;
            assert!(tries < 100, "{error}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let mut url = url::Url::parse(&server).unwrap();
        url.set_path(&name);
        Self { url: url.into() }
    }

    /// Takes it away, whoever is still connected.
    pub(crate) async fn remove(self) {
        let server = std::env::var("DBVC_TEST_POSTGRES_URL").unwrap();
        let mut maintenance = PgConnection::connect(&server).await.unwrap();
        let sql = format!("DROP DATABASE {} WITH (FORCE)", self.name());
        sqlx::raw_sql(AssertSqlSafe(sql))
            .execute(&mut maintenance)
            .await
            .unwrap();
    }

    /// The database's name.
    pub(crate) fn name(&self) -> String {
        self.target().database_name()
    }

    pub(crate) fn target(&self) -> Target {
        Target::parse(&self.url).unwrap()
    }

    pub(crate) async fn session(&self) -> Box<dyn Session> {
        driver().connect(&self.target()).await.unwrap()
    }

    /// A session with the record made and the lock taken.
    pub(crate) async fn locked(&self) -> (Box<dyn Session>, Lease) {
        let mut session = self.session().await;
        session.install(&identity()).await.unwrap();
        let lease = acquired(session.try_lock(&request("locked")).await.unwrap());
        (session, lease)
    }

    /// A plain connection, to look at what the adapter did.
    pub(crate) async fn plain(&self) -> PgConnection {
        PgConnection::connect(&self.url).await.unwrap()
    }

    /// The first cell of a query's answer.
    pub(crate) async fn cell(&self, sql: &str) -> String {
        let row = sqlx::query(AssertSqlSafe(format!("SELECT ({sql})::text")))
            .persistent(false)
            .fetch_one(&mut self.plain().await)
            .await
            .unwrap();
        sqlx::Row::get::<Option<String>, _>(&row, 0).unwrap_or_default()
    }

    /// Runs what may fail, all of it or nothing.
    pub(crate) async fn try_run(&self, sql: &str) -> Result<(), sqlx::Error> {
        let ran = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&mut self.plain().await)
            .await;
        ran.map(drop)
    }

    pub(crate) async fn run(&self, sql: &str) {
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned()))
            .execute(&mut self.plain().await)
            .await
            .unwrap_or_else(|error| panic!("{error} in {sql}"));
    }
}

pub(crate) fn driver() -> Arc<dyn Driver> {
    Arc::new(dbvc_postgres::driver())
}

pub(crate) fn identity() -> Identity {
    Identity {
        database: "shop".into(),
        environment: "test".into(),
        tool_version: "0.0.0".into(),
    }
}

pub(crate) fn actor() -> Actor {
    Actor {
        user: "ann".into(),
        host: "here".into(),
        ci_job: None,
        git_commit: None,
        git_branch: None,
    }
}

pub(crate) fn request(purpose: &str) -> LockRequest {
    LockRequest {
        name: "migrate".into(),
        owner: LockOwner {
            run: Uuid::now_v7(),
            actor: actor(),
            pid: std::process::id(),
            purpose: purpose.into(),
        },
        ttl: Duration::from_secs(30),
    }
}

pub(crate) fn acquired(attempt: LockAttempt) -> Lease {
    match attempt {
        LockAttempt::Acquired(lease) => lease,
        LockAttempt::Held(holder) => panic!("held by {holder:?}"),
    }
}
