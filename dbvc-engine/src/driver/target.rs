//! Where to connect, with the secret parts kept from view.

use std::collections::BTreeMap;
use std::fmt;

use percent_encoding::percent_decode_str;
use url::Url;

/// A text that is never shown.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Secret(String);

impl Secret {
    /// Hides `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The hidden text, for the one place that must send it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("****")
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("****")
    }
}

/// What a connection may do to the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing may be written or created.
    ReadOnly,
    /// Migrations may run.
    ReadWrite,
}

/// Where dbvc keeps its own tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordLocation {
    /// The schema, in a database that has schemas.
    pub schema: String,
    /// The prefix of each table's name, in a database that has none.
    pub prefix: String,
}

impl Default for RecordLocation {
    fn default() -> Self {
        Self {
            schema: "version_control".into(),
            prefix: "version_control_".into(),
        }
    }
}

/// Why a target's URL cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// The text is no URL.
    #[error("not a database URL: {reason}")]
    Url {
        /// What is wrong, without the URL's own text, which may hold a password.
        reason: String,
    },
    /// No adapter knows the scheme.
    #[error("no driver for `{scheme}:` URLs; this build has {known}")]
    Scheme {
        /// The scheme found.
        scheme: String,
        /// The schemes that are known, separated by commas.
        known: String,
    },
    /// A part of the URL or one of its options is not usable.
    #[error("{part}: {reason}")]
    Part {
        /// Which part, such as `port` or `sslmode`.
        part: String,
        /// What is wrong with it and what would be right.
        reason: String,
    },
}

/// A database to connect to. Its `Debug` and `Display` never show a password, and neither does [`Target::shown`].
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    url: Url,
    /// What the connection may do.
    pub access: Access,
    /// Where dbvc's own tables are.
    pub record: RecordLocation,
    /// How the connection names itself to the server.
    pub application_name: String,
    stands_for: Option<String>,
    known: bool,
}

/// Options of a URL's query whose value must not be seen.
const SECRET_OPTIONS: [&str; 6] = ["password", "pwd", "sslpassword", "token", "accesstoken", "sslkey"];

/// Whether an option's value must not be seen, however its name is written.
fn is_secret(key: &str) -> bool {
    let plain: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
    SECRET_OPTIONS.contains(&plain.to_ascii_lowercase().as_str())
}

impl Target {
    /// Reads a URL. `sqlite:app.db` and `sqlite::memory:` are accepted as they are commonly written.
    pub fn parse(url: &str) -> Result<Self, TargetError> {
        let parsed = Url::parse(url).map_err(|error| TargetError::Url {
            reason: format!("{}; expected something like {}", wrong(error), example(url)),
        })?;
        Ok(Self {
            url: parsed,
            access: Access::ReadWrite,
            record: RecordLocation::default(),
            application_name: "dbvc".into(),
            stands_for: None,
            known: true,
        })
    }

    /// A target that nobody can connect to, for whoever reads files alone and does not know their database.
    pub fn unknown(scheme: &str) -> Result<Self, TargetError> {
        Self::parse(&format!("{scheme}:unknown")).map(|target| Self {
            known: false,
            ..target
        })
    }

    /// Whether it is known which database this is.
    pub fn is_known(&self) -> bool {
        self.known
    }

    /// The whole URL with its secrets, for the adapter alone.
    pub fn reveal_url(&self) -> &Url {
        &self.url
    }

    /// The URL's scheme.
    pub fn scheme(&self) -> &str {
        self.url.scheme()
    }

    /// The same target with another access.
    #[must_use]
    pub fn with_access(mut self, access: Access) -> Self {
        self.access = access;
        self
    }

    /// The same target with dbvc's tables elsewhere.
    #[must_use]
    pub fn with_record(mut self, record: RecordLocation) -> Self {
        self.record = record;
        self
    }

    /// The same login on the same server with another database.
    #[must_use]
    pub fn with_database(mut self, name: &str) -> Self {
        self.url.set_path(name);
        self
    }

    /// The same, taken by scripts for another database: a scratch database for the one that it stands in for.
    #[must_use]
    pub fn standing_for(mut self, other: &Self) -> Self {
        self.stands_for = Some(other.name_in_scripts());
        self
    }

    /// Whether it stands in for another one.
    pub fn is_stand_in(&self) -> bool {
        self.stands_for.is_some()
    }

    /// The name by which scripts know the database.
    pub fn name_in_scripts(&self) -> String {
        let own = || {
            let name = self.database_name();
            percent_decode_str(&name).decode_utf8_lossy().into_owned()
        };
        self.stands_for.clone().unwrap_or_else(own)
    }

    /// Sets the password where the URL has none.
    #[must_use]
    pub fn with_password(mut self, password: &Secret) -> Self {
        if self.url.password().is_none() {
            // `Url` escapes what a URL may not hold, and takes a `%` for an escape that is there already.
            let escaped = password.reveal().replace('%', "%25");
            // A URL without a host cannot hold a password; then there is nothing to authenticate to.
            let _ = self.url.set_password(Some(&escaped));
        }
        self
    }

    /// The URL with `****` in place of every secret.
    pub fn shown(&self) -> String {
        let mut url = self.url.clone();
        if url.password().is_some() {
            let _ = url.set_password(Some("****"));
        }
        if url.query().is_some() {
            let pairs: Vec<(String, String)> = url
                .query_pairs()
                .map(|(k, v)| (k.into_owned(), v.into_owned()))
                .collect();
            url.query_pairs_mut().clear().extend_pairs(
                pairs
                    .iter()
                    .map(|(key, value)| (key.as_str(), if is_secret(key) { "****" } else { value.as_str() })),
            );
        }
        url.to_string()
    }

    /// The name of the database: the last part of the path, or the file's name.
    pub fn database_name(&self) -> String {
        let path = self.url.path();
        path.rsplit('/').next().unwrap_or(path).to_owned()
    }

    /// The URL's options.
    pub fn options(&self) -> BTreeMap<String, String> {
        self.url
            .query_pairs()
            .map(|(k, v)| (k.into_owned(), v.into_owned()))
            .collect()
    }

    /// Removes this target's secrets from a text that a server or a library wrote.
    pub fn redact(&self, text: &str) -> String {
        let mut clean = text.to_owned();
        let mut secrets: Vec<String> = self.url.password().into_iter().map(ToOwned::to_owned).collect();
        secrets.extend(
            self.url
                .query_pairs()
                .filter(|(key, _)| is_secret(key))
                .map(|(_, value)| value.into_owned()),
        );
        let plain: Vec<String> = secrets
            .iter()
            .map(|secret| percent_decode_str(secret).decode_utf8_lossy().into_owned())
            .collect();
        secrets.extend(plain);
        for secret in secrets.iter().filter(|secret| secret.len() > 2) {
            clean = clean.replace(secret.as_str(), "****");
        }
        clean
    }
}

fn wrong(error: url::ParseError) -> String {
    match error {
        url::ParseError::RelativeUrlWithoutBase => "it does not begin with a scheme".to_owned(),
        other => other.to_string(),
    }
}

/// What a URL with the scheme of this one looks like. A scheme is no secret.
fn example(url: &str) -> String {
    let scheme = url
        .split_once("://")
        .map(|(scheme, _)| scheme)
        .filter(|scheme| !scheme.is_empty() && scheme.chars().all(|letter| letter.is_ascii_alphanumeric()));
    match scheme {
        Some(scheme) => format!("`{scheme}://user@host:port/database`, with a number as the port"),
        None => "`postgres://user@host/database` or `sqlite:app.db`".to_owned(),
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target")
            .field("url", &self.shown())
            .field("access", &self.access)
            .field("record", &self.record)
            .finish_non_exhaustive()
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown() {
        let target = Target::parse("postgres://ann:hunter2@db/app?sslpassword=hunter3").expect("a URL");
        for shown in [format!("{target}"), format!("{target:?}"), target.shown()] {
            assert!(!shown.contains("hunter"), "{shown}");
        }
    }

    #[test]
    fn a_password_that_is_put_in_arrives_as_it_is() {
        let word = "%40:/?#[]@ +é%zz";
        let target = Target::parse("postgres://ann@db/app")
            .expect("a URL")
            .with_password(&Secret::new(word));
        let inside = target.reveal_url().password().expect("a password");
        assert_eq!(percent_decode_str(inside).decode_utf8_lossy(), word);
    }

    #[test]
    fn words_of_a_server_are_redacted() {
        let target = Target::parse("postgres://ann:hunter2@db/app").expect("a URL");
        assert_eq!(target.redact("cannot use hunter2"), "cannot use ****");
    }

    #[test]
    fn a_password_with_odd_characters_is_redacted_in_both_spellings() {
        let target = Target::parse("postgres://ann:p%40ss%2Fword@db/app").expect("a URL");
        assert_eq!(target.redact("p@ss/word or p%40ss%2Fword"), "**** or ****");
    }

    #[test]
    fn a_bad_url_is_not_repeated() {
        let error = Target::parse("hunter2@host").expect_err("no URL").to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }
}
