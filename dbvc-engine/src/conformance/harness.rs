//! What an adapter gives so that the kit can prove it.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;

use super::Samples;
use crate::driver::{Driver, Target};

/// Why there is nothing to run a rule against.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unavailable(pub String);

impl Unavailable {
    /// With a reason that says what is missing and how to mend it.
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

impl fmt::Display for Unavailable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Says what there is in a database that nobody has written to, and should not be.
pub type Untouched = Box<dyn Fn() -> Result<(), String> + Send + Sync>;

/// An empty database for one rule alone.
pub struct Scratch {
    /// How to connect to it, to read and write.
    pub target: Target,
    /// Looks from outside whether anything was made, such as a file; none where only the server could tell.
    pub untouched: Option<Untouched>,
    /// Removes the database when it is dropped.
    pub guard: Box<dyn Any + Send + Sync>,
}

impl Scratch {
    /// A database that is removed when `guard` is dropped, which happens outside every asynchronous runtime.
    pub fn new(target: Target, guard: impl Any + Send + Sync) -> Self {
        Self {
            target,
            untouched: None,
            guard: Box::new(guard),
        }
    }

    /// The same with a look from outside.
    #[must_use]
    pub fn with_untouched(mut self, untouched: Untouched) -> Self {
        self.untouched = Some(untouched);
        self
    }
}

impl fmt::Debug for Scratch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Scratch")
            .field("target", &self.target)
            .finish_non_exhaustive()
    }
}

/// A target with a wrong password that is easy to recognise.
#[derive(Debug, Clone)]
pub struct Planted {
    /// The server is right, the password is not.
    pub target: Target,
    /// The password, as a person would type it.
    pub password: String,
}

/// A URL that cannot be used.
#[derive(Debug, Clone, Copy)]
pub struct BadUrl {
    /// The URL.
    pub url: &'static str,
    /// A word that the message must hold, so that the reader knows which part is meant.
    pub named: &'static str,
}

/// An adapter under proof. What is `None` or empty here makes the rules that need it show as not run.
#[async_trait]
pub trait Harness: Send + Sync + 'static {
    /// The adapter.
    fn driver(&self) -> Arc<dyn Driver>;
    /// What the trials are called by and `DBVC_REQUIRE_SERVER` names: the driver's name, unless it speaks to servers of
    /// several kinds.
    fn name(&self) -> &'static str {
        self.driver().info().name
    }
    /// An empty database.
    async fn fresh(&self) -> Result<Scratch, Unavailable>;
    /// The few statements that differ between databases.
    fn samples(&self) -> Samples;
    /// The server with a wrong password.
    async fn planted(&self) -> Result<Planted, Unavailable> {
        Err(Unavailable::new("this database asks for no password"))
    }
    /// An address where no server answers.
    fn unreachable(&self) -> Option<Target> {
        None
    }
    /// The server, and the name of a database that it does not have.
    async fn unknown_database(&self) -> Result<Target, Unavailable> {
        Err(Unavailable::new(
            "this database has no server that could know others",
        ))
    }
    /// URLs that the adapter's check must refuse.
    fn bad_urls(&self) -> &[BadUrl] {
        &[]
    }
}
