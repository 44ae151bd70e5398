//! Databases to try things in.

use dbvc_engine::diff::{DiffOptions, Difference, diff};
use dbvc_engine::driver::{Altered, Driver as _, Heard, Limits, Notice, Scratch, Target, Written};
use dbvc_engine::schema::Database;
use dbvc_engine::sql::{Dialect, SegmentKind, Statement, split};
use dbvc_engine::text::Origin;
use tokio::sync::Mutex;

const SHOP: &str = include_str!("shop.sql");

/// A database that is dropped at the end.
pub(crate) struct Place(Box<dyn Scratch>);

struct Deaf;

impl Heard for Deaf {
    fn notice(&mut self, _: Notice) {}
    fn progress(&mut self, _: u32) {}
}

/// The server that is named for tests.
pub(crate) fn server() -> Target {
    let url = std::env::var(crate::URL).expect("the harness has looked");
    Target::parse(&url).unwrap()
}

/// A scratch database beside this one. They are made one after another: each is a copy of `model`, and whoever copies it
/// wants it alone.
pub(crate) async fn scratch(beside: &Target) -> Box<dyn Scratch> {
    static TURN: Mutex<()> = Mutex::const_new(());
    let _turn = TURN.lock().await;
    dbvc_mssql::driver().scratch(beside, None).await.unwrap()
}

impl Place {
    pub(crate) async fn empty() -> Self {
        Self(scratch(&server()).await)
    }

    pub(crate) async fn shop() -> Self {
        let place = Self::empty().await;
        place.run(SHOP).await;
        place
    }

    /// Another one with this schema.
    pub(crate) async fn with(schema: &Database) -> Self {
        let place = Self::empty().await;
        place.run(&written(schema).sql).await;
        place
    }

    pub(crate) fn target(&self) -> &Target {
        self.0.target()
    }

    pub(crate) async fn run(&self, script: &str) {
        if let Err(told) = self.try_run(script).await {
            panic!("{told}");
        }
    }

    /// Runs a script batch by batch.
    pub(crate) async fn try_run(&self, script: &str) -> Result<(), String> {
        let mut session = dbvc_mssql::driver().connect(self.target()).await.unwrap();
        for placed in split(script, &Dialect::MSSQL) {
            if placed.segment.kind != SegmentKind::Statement {
                continue;
            }
            let batch = Statement::new(placed.code(script), Origin::START);
            let outcome = session.execute(&[batch], &Limits::default(), &mut Deaf).await;
            if let Some(failure) = outcome.failure {
                return Err(format!("{:?}\n{}", failure.cause, placed.code(script)));
            }
        }
        session.close().await.unwrap();
        Ok(())
    }

    pub(crate) async fn read(&self) -> Database {
        let mut session = dbvc_mssql::driver().connect(self.target()).await.unwrap();
        let database = session.introspect().await.unwrap();
        session.close().await.unwrap();
        database
    }

    pub(crate) async fn remove(self) {
        self.0.remove().await.unwrap();
    }
}

pub(crate) fn written(database: &Database) -> Written {
    dbvc_mssql::driver().ddl().unwrap().create(database)
}

pub(crate) fn way(before: &Database, after: &Database) -> Altered {
    dbvc_mssql::driver().ddl().unwrap().alter(before, after).unwrap()
}

pub(crate) fn between(before: &Database, after: &Database) -> Difference {
    diff(before, after, DiffOptions::default())
}
