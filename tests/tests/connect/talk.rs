//! Connecting, and what was said.

use dbvc_engine::driver::{Driver, Limits, Session, Target};
use dbvc_engine::error::{DriverError, ErrorKind};
use url::Url;

/// An address with other parts than the one that a server has.
#[derive(Clone)]
pub(crate) struct Address(pub(crate) Url);

impl Address {
    pub(crate) fn of(url: &str) -> Self {
        Self(Url::parse(url).unwrap())
    }

    pub(crate) fn host(mut self, host: &str) -> Self {
        self.0.set_host(Some(host)).unwrap();
        self
    }

    pub(crate) fn database(mut self, name: &str) -> Self {
        self.0.set_path(name);
        self
    }

    pub(crate) fn login(mut self, user: &str, password: Option<&str>) -> Self {
        self.0.set_username(user).unwrap();
        let escaped = password.map(|word| word.replace('%', "%25"));
        self.0.set_password(escaped.as_deref()).unwrap();
        self
    }

    pub(crate) fn with(mut self, option: &str, value: &str) -> Self {
        self.0.query_pairs_mut().append_pair(option, value);
        self
    }

    fn driver(&self) -> Box<dyn Driver> {
        match self.0.scheme() {
            "postgres" | "postgresql" => Box::new(dbvc_postgres::driver()),
            _ => Box::new(dbvc_mysql::driver()),
        }
    }

    pub(crate) async fn try_connect(&self) -> Result<Box<dyn Session>, DriverError> {
        self.driver()
            .connect(&Target::parse(self.0.as_str()).unwrap())
            .await
    }

    pub(crate) async fn connect(&self) -> Box<dyn Session> {
        let connected = self.try_connect().await;
        connected.unwrap_or_else(|error| panic!("{}: {error:?}", self.0))
    }

    /// The first cell that a query gives.
    pub(crate) async fn ask(&self, sql: &str) -> Option<String> {
        let mut session = self.connect().await;
        let rows = session.query(sql, &Limits::default()).await.unwrap();
        session.close().await.unwrap();
        rows.cells.first()?.last()?.clone()
    }

    /// How the refusal reads: the message, and each note on a line of its own. No password is in it.
    pub(crate) async fn refused(&self, kind: ErrorKind) -> String {
        let Err(error) = self.try_connect().await else {
            panic!("{} was let in", self.0)
        };
        assert_eq!(error.kind, kind, "{error:?}");
        let words = format!("{error}\n{}", error.notes.join("\n"));
        let shown = format!("{words} {error:?}");
        for secret in ["hunter2", "dbvc-test"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(!error.notes.is_empty(), "nothing says what to do: {words}");
        words
    }

    /// The same, where the words hold `part`.
    pub(crate) async fn refused_with(&self, kind: ErrorKind, part: &str) {
        let words = self.refused(kind).await;
        assert!(words.contains(part), "not {part:?} in: {words}");
    }
}
