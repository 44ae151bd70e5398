//! The drivers that a binary was built with. There is no global one: whoever has a `main` makes a [`Registry`].

use std::sync::Arc;

use crate::audit::AuditDriver;
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

/// A driver, or one that is shared already.
pub trait IntoDriver {
    /// The driver to share.
    fn into_driver(self) -> Arc<dyn Driver>;
}

impl<D: Driver> IntoDriver for D {
    fn into_driver(self) -> Arc<dyn Driver> {
        Arc::new(self)
    }
}

impl IntoDriver for Arc<dyn Driver> {
    fn into_driver(self) -> Arc<dyn Driver> {
        self
    }
}

/// A kind of sink for the audit trail, or one that is shared already.
pub trait IntoAuditDriver {
    /// The driver to share.
    fn into_audit_driver(self) -> Arc<dyn AuditDriver>;
}

impl<D: AuditDriver> IntoAuditDriver for D {
    fn into_audit_driver(self) -> Arc<dyn AuditDriver> {
        Arc::new(self)
    }
}

impl IntoAuditDriver for Arc<dyn AuditDriver> {
    fn into_audit_driver(self) -> Arc<dyn AuditDriver> {
        self
    }
}

/// A URL of a sink that no audit driver of this binary answers to.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no audit sink for {asked}; {known}{}", nearest.as_ref().map(|near| format!("; did you mean `{near}:`?")).unwrap_or_default())]
pub struct UnknownSink {
    /// What was asked for, without what may be secret: the scheme, if there is one.
    pub asked: String,
    /// A sentence part that lists what there is.
    pub known: String,
    /// The scheme that looks most like it.
    pub nearest: Option<String>,
}

/// The drivers of one binary, in the order in which they were added.
#[derive(Debug, Clone, Default)]
pub struct Registry {
    drivers: Vec<Arc<dyn Driver>>,
    audit: Vec<Arc<dyn AuditDriver>>,
}

impl Registry {
    /// A registry without drivers.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same with one more driver. Where two answer to one scheme, the one added last does.
    #[must_use]
    pub fn with(mut self, driver: impl IntoDriver) -> Self {
        self.drivers.push(driver.into_driver());
        self
    }

    /// The same with one more kind of sink for the audit trail. Where two answer to one URL, the one added last does.
    #[must_use]
    pub fn with_audit(mut self, driver: impl IntoAuditDriver) -> Self {
        self.audit.push(driver.into_audit_driver());
        self
    }

    /// The kinds of sinks.
    pub fn audit_drivers(&self) -> impl Iterator<Item = &dyn AuditDriver> {
        self.audit.iter().map(AsRef::as_ref)
    }

    /// The kind of sink that a URL, or a connection string, is of.
    pub fn audit_for_url(&self, url: &str) -> Result<Arc<dyn AuditDriver>, UnknownSink> {
        let found = self.audit.iter().rev().find(|driver| driver.answers_to(url));
        found.cloned().ok_or_else(|| self.unknown_sink(url))
    }

    fn unknown_sink(&self, url: &str) -> UnknownSink {
        let scheme = url
            .split_once(':')
            .map_or("", |(scheme, _)| scheme)
            .to_ascii_lowercase();
        // What has no scheme may be anything, a key as well.
        let is_scheme = scheme
            .chars()
            .all(|one| one.is_ascii_alphanumeric() || "+-.".contains(one))
            && !scheme.is_empty()
            && scheme.len() <= 30;
        let infos = self.audit_drivers().map(AuditDriver::info);
        let kinds: Vec<String> = infos
            .map(|info| format!("{} ({}:)", info.title, info.schemes.join(":, ")))
            .collect();
        let schemes = self
            .audit_drivers()
            .flat_map(|driver| driver.info().schemes.iter().copied());
        UnknownSink {
            asked: if is_scheme {
                format!("`{scheme}:`")
            } else {
                "a text without a URL's scheme".to_owned()
            },
            known: if kinds.is_empty() {
                "this build has none".to_owned()
            } else {
                format!("this build has {}", kinds.join(", "))
            },
            nearest: is_scheme.then(|| nearest(&scheme, schemes)).flatten(),
        }
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
        UnknownDriver {
            asked: asked.to_owned(),
            known: self.known(),
            nearest: nearest(&asked.to_ascii_lowercase(), all.iter().copied()),
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

fn nearest(asked: &str, words: impl Iterator<Item = &'static str>) -> Option<String> {
    words
        .map(|word| (strsim::jaro_winkler(asked, word), word))
        .filter(|(likeness, _)| *likeness > 0.85)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, word)| word.to_owned())
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

    #[test]
    fn a_sink_is_found_by_its_urls_scheme() {
        let registry = Registry::new().with_audit(crate::audit::jsonl::driver());
        let driver = registry.audit_for_url("FILE:audit.jsonl").expect("known");
        assert_eq!(driver.info().name, "file");
    }

    #[test]
    fn an_unknown_sink_lists_the_known_and_hides_what_may_be_a_key() {
        let registry = Registry::new().with_audit(crate::audit::jsonl::driver());
        let text = registry
            .audit_for_url("fil:audit.jsonl")
            .expect_err("unknown")
            .to_string();
        assert_eq!(
            text,
            "no audit sink for `fil:`; this build has JSON Lines file (file:); did you mean `file:`?"
        );
        let text = registry
            .audit_for_url("AccountKey=hunter2;")
            .expect_err("unknown")
            .to_string();
        assert!(!text.contains("hunter2"), "{text}");
        let text = registry
            .audit_for_url("ann hunter2:x")
            .expect_err("unknown")
            .to_string();
        assert!(!text.contains("hunter2"), "{text}");
    }
}
