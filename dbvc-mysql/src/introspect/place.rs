//! What everything in a database is read against.

use std::collections::HashMap;

/// The database and what the server makes of names of character sets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Place {
    /// The database's name.
    pub(super) database: String,
    /// Its collation.
    pub(super) collation: String,
    /// Each character set's own collation.
    pub(super) collations: HashMap<String, String>,
    /// What compares texts in programs that a session of dbvc's makes.
    pub(super) usual: String,
}

impl Place {
    /// A collation's name as the servers write it now: `utf8` was three bytes wide and is called so since MySQL 8.0.30 and
    /// MariaDB 10.6.
    #[allow(clippy::unused_self, reason = "it reads as what the place makes of a name")]
    pub(super) fn canonical(&self, collation: &str) -> String {
        match collation.strip_prefix("utf8_") {
            Some(rest) => format!("utf8mb3_{rest}"),
            None => collation.to_owned(),
        }
    }

    /// The collation that a character set has by itself.
    pub(super) fn collation_of(&self, charset: &str) -> String {
        let charset = if charset == "utf8" { "utf8mb3" } else { charset };
        let found = self.collations.get(charset);
        found.map_or_else(|| format!("{charset}_general_ci"), |it| self.canonical(it))
    }

    #[cfg(test)]
    pub(super) fn sample() -> Self {
        let collations = [
            ("utf8mb4", "utf8mb4_general_ci"),
            ("utf8mb3", "utf8mb3_general_ci"),
            ("latin1", "latin1_swedish_ci"),
        ];
        Self {
            database: "shop".into(),
            collation: "utf8mb4_general_ci".into(),
            collations: collations
                .map(|(charset, collation)| (charset.into(), collation.into()))
                .into(),
            usual: "utf8mb4_general_ci".into(),
        }
    }
}
