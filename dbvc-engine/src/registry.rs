//! The drivers that a binary was built with. There is no global one: whoever has a `main` makes a [`Registry`].

use std::sync::Arc;

use crate::driver::Driver;

/// A name or URL scheme that no driver of this binary answers to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no driver for `{asked}`; {known}{}", nearest.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default())]
pub struct UnknownDriver {
    /// What was asked for.
    pub asked: String,
    /// A sentence part that lists what there is.
    pub known: String,
    /// The scheme or name that looks most like it.
    pub nearest: Option<String>,
}

/// The drivers of one binary, in the order in which they were added.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    drivers: Vec<Arc<dyn Driver>>,
}

impl Registry {
    /// A registry without drivers.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with one more driver. Where two answer to one scheme, the one added last does.
    #[must_use]
    pub fn with(self, driver: impl Driver) -> Self {
        self.with_shared(Arc::new(driver))
    }

    /// The same with one more driver that is shared already.
    #[must_use]
    pub fn with_shared(mut self, driver: Arc<dyn Driver>) -> Self {
        self.drivers.push(driver);
        self
    }

    /// The drivers.
    pub fn drivers(&self) -> impl Iterator<Item = &dyn Driver> {
        self.drivers.iter().map(AsRef::as_ref)
    }

    /// The driver that was added first.
    pub fn first(&self) -> Option<Arc<dyn Driver>> {
        self.drivers.first().cloned()
    }

    /// The driver for URLs of this scheme, in any letter case.
    pub fn for_scheme(&self, scheme: &str) -> Result<Arc<dyn Driver>, UnknownDriver> {
        self.find(scheme, |driver| driver.info().schemes.to_vec())
    }

    /// The driver of this name, as `dbvc.toml` writes it, or with this scheme.
    pub fn for_name(&self, name: &str) -> Result<Arc<dyn Driver>, UnknownDriver> {
        self.find(name, |driver| {
            let info = driver.info();
            std::iter::once(info.name)
                .chain(info.schemes.iter().copied())
                .collect()
        })
    }

    fn find(
        &self,
        asked: &str,
        words: impl Fn(&dyn Driver) -> Vec<&'static str>,
    ) -> Result<Arc<dyn Driver>, UnknownDriver> {
        let answers = |driver: &dyn Driver| words(driver).iter().any(|word| word.eq_ignore_ascii_case(asked));
        let found = self.drivers.iter().rev().find(|driver| answers(driver.as_ref()));
        found.cloned().ok_or_else(|| self.unknown(asked, &words))
    }

    fn unknown(&self, asked: &str, words: &impl Fn(&dyn Driver) -> Vec<&'static str>) -> UnknownDriver {
        let all: Vec<&str> = self.drivers().flat_map(words).collect();
        let asked_small = asked.to_ascii_lowercase();
        let nearest = all
            .iter()
            .map(|word| (strsim::jaro_winkler(&asked_small, word), *word))
            .filter(|(likeness, _)| *likeness > 0.85)
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map(|(_, word)| word.to_owned());
        UnknownDriver {
            asked: asked.to_owned(),
            known: self.known(),
            nearest,
        }
    }

    fn known(&self) -> String {
        if self.drivers.is_empty() {
            return "this build has no drivers".into();
        }
        let titles: Vec<String> = self
            .drivers()
            .map(|driver| {
                let info = driver.info();
                format!("{} ({}:)", info.title, info.schemes.join(":, "))
            })
            .collect();
        format!("this build has {}", titles.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;

    use super::*;
    use crate::driver::{Capabilities, DriverInfo, Session, Target, TargetError, TransactionFit};
    use crate::error::{DriverError, ErrorKind, Operation};
    use crate::sql::Dialect;

    #[derive(Debug)]
    struct Fake(DriverInfo);

    #[async_trait]
    impl Driver for Fake {
        fn info(&self) -> &DriverInfo {
            &self.0
        }
        fn dialect(&self) -> &Dialect {
            &Dialect::STANDARD
        }
        fn transaction_fit(&self, _statement: &str) -> TransactionFit {
            TransactionFit::Fits
        }
        fn check(&self, _target: &Target) -> Result<(), TargetError> {
            Ok(())
        }
        async fn connect(&self, _target: &Target) -> Result<Box<dyn Session>, DriverError> {
            Err(DriverError::new(
                ErrorKind::Unreachable,
                Operation::Connect,
                "fake",
            ))
        }
    }

    fn fake(name: &'static str, title: &'static str, schemes: &'static [&'static str]) -> Fake {
        Fake(DriverInfo {
            name,
            title,
            schemes,
            example_url: "",
            capabilities: Capabilities::NONE,
        })
    }

    fn two() -> Registry {
        Registry::new()
            .with(fake("sqlite", "SQLite", &["sqlite"]))
            .with(fake("postgres", "PostgreSQL", &["postgres", "postgresql"]))
    }

    #[test]
    fn every_scheme_of_a_driver_finds_it() {
        for scheme in ["postgres", "postgresql", "PostgreSQL"] {
            assert_eq!(two().for_scheme(scheme).expect("known").info().name, "postgres");
        }
    }

    #[test]
    fn an_unknown_scheme_lists_the_known_and_the_nearest() {
        let error = two().for_scheme("postgre").expect_err("unknown");
        assert_eq!(error.nearest.as_deref(), Some("postgres"));
        let text = error.to_string();
        assert!(
            text.contains("SQLite (sqlite:), PostgreSQL (postgres:, postgresql:)"),
            "{text}"
        );
    }

    #[test]
    fn what_looks_like_nothing_known_suggests_nothing() {
        assert_eq!(two().for_scheme("oracle").expect_err("unknown").nearest, None);
    }

    #[test]
    fn the_driver_added_last_wins_a_scheme() {
        let registry = two().with(fake("acme", "Acme", &["postgres"]));
        assert_eq!(
            registry.for_scheme("postgres").expect("known").info().name,
            "acme"
        );
    }

    #[test]
    fn an_empty_registry_says_so() {
        let text = Registry::new()
            .for_name("sqlite")
            .expect_err("unknown")
            .to_string();
        assert_eq!(text, "no driver for `sqlite`; this build has no drivers");
    }
}
