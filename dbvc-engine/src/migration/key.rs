//! What a migration is called, in a project and by people.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::formats::{self, Place};
use super::version::Version;

/// What identifies a migration: its version, or a repeatable one's description. Versions come first in order.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MigrationKey {
    /// Runs once, in the order of versions.
    Versioned(Version),
    /// Runs again whenever its text changes; the description as its file name has it, `customer_views`.
    Repeatable(String),
}

/// A text that names no migration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` names no migration: write a version such as 1.2.0, a file name, or R__description")]
pub struct KeyError {
    text: String,
}

impl MigrationKey {
    /// The version of a versioned migration.
    pub fn version(&self) -> Option<&Version> {
        match self {
            Self::Versioned(version) => Some(version),
            Self::Repeatable(_) => None,
        }
    }
}

impl fmt::Display for MigrationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Versioned(version) => version.fmt(f),
            Self::Repeatable(description) => f.pad(&format!("R__{description}")),
        }
    }
}

impl FromStr for MigrationKey {
    type Err = KeyError;

    /// Reads what people type: `1.1.0`, `V1.1.0`, a file name or path with or without `.sql`, a stem such as
    /// `20251127_143000_add_user_preferences`, `R__views`.
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let bad = || KeyError { text: text.into() };
        let typed = text.trim().trim_end_matches(['/', '\\']);
        if let Ok(version) = Version::detect(typed) {
            return Ok(Self::Versioned(version));
        }
        let mut parts = typed.rsplit(['/', '\\']);
        let file = parts.next().unwrap_or(typed);
        let bare = file.strip_prefix(['V', 'v', 'B', 'U']).unwrap_or(file);
        if let Ok(version) = Version::detect(bare) {
            return Ok(Self::Versioned(version));
        }
        let has_extension = file.to_ascii_lowercase().ends_with(".sql");
        let named = if has_extension {
            file.to_owned()
        } else {
            format!("{file}.sql")
        };
        let place = Place {
            folder: parts.next(),
            file: &named,
            rollback: false,
        };
        // A folder of Diesel's is typed without the file inside it.
        let name = match formats::recognise(place) {
            Some(Ok(name)) => Some(name),
            _ => formats::diesel_folder(file),
        };
        let name = name.ok_or_else(bad)?;
        match name.version {
            Some(version) => Version::detect(&version).map(Self::Versioned).map_err(|_| bad()),
            None => Ok(Self::Repeatable(name.description)),
        }
    }
}

impl Serialize for MigrationKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for MigrationKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // Exactly what Display wrote; a description may hold what a typed name may not.
        match text.strip_prefix("R__") {
            Some(description) => Ok(Self::Repeatable(description.to_owned())),
            None => Version::detect(&text)
                .map(Self::Versioned)
                .map_err(serde::de::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> MigrationKey {
        text.parse().expect(text)
    }

    #[test]
    fn what_people_type_finds_the_version() {
        for text in [
            "1.1.0",
            "V1.1.0",
            "1.1",
            "V1.1.0__Add_customer_analytics",
            "V1.1.0__Add_customer_analytics.sql",
            "database/migrations/V1.1.0__Add_customer_analytics.sql",
            "V1.1.0__Add_customer_analytics_rollback.sql",
            "U1.1.0__Add_customer_analytics.sql",
            " 1.1.0 ",
        ] {
            assert_eq!(key(text), key("1.1.0"), "{text}");
        }
        assert_eq!(
            key("20251127_143000_add_user_preferences").to_string(),
            "20251127_143000"
        );
        assert_eq!(key("0001_init.up.sql"), key("1"));
        assert_eq!(key("2024-01-02-030405_posts/up.sql"), key("20240102030405"));
        assert_eq!(key("2024-01-02-030405_posts"), key("20240102030405"));
    }

    #[test]
    fn a_repeatable_is_typed_as_its_file_is_called() {
        assert_eq!(key("R__views"), MigrationKey::Repeatable("views".into()));
        assert_eq!(key("sql/R__views.sql").to_string(), "R__views");
    }

    #[test]
    fn versions_come_before_repeatables() {
        assert!(key("99.0.0") < key("R__a"));
        assert!(key("R__a") < key("R__b"));
    }

    #[test]
    fn what_names_nothing_is_refused() {
        for text in ["", "latest", "V", "add_users", "V1.1.0_add"] {
            assert!(text.parse::<MigrationKey>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn json_gives_back_the_same_key() {
        for text in ["1.2.0-rc.1", "20251127_143000", "R__two__parts"] {
            let wanted = match text.strip_prefix("R__") {
                Some(description) => MigrationKey::Repeatable(description.into()),
                None => key(text),
            };
            let json = serde_json::to_string(&wanted).expect("to JSON");
            assert_eq!(json, format!("\"{text}\""));
            assert_eq!(
                serde_json::from_str::<MigrationKey>(&json).expect("from JSON"),
                wanted
            );
        }
    }
}
