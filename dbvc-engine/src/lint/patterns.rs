//! Names with `*` in them.

use glob::{MatchOptions, Pattern, PatternError};
use serde::Serialize;

/// Patterns of names: `*` stands for any text, `?` for one character. Upper and lower case are the same, because some
/// databases make them so.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(transparent)]
pub struct Patterns(#[serde(serialize_with = "as_texts")] Vec<Pattern>);

impl Patterns {
    /// Reads patterns.
    ///
    /// # Errors
    /// The first one that is none.
    pub fn read<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, PatternError> {
        texts
            .into_iter()
            .map(Pattern::new)
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Patterns that stand in this code.
    pub(super) fn known(texts: &[&str]) -> Self {
        Self(texts.iter().filter_map(|text| Pattern::new(text).ok()).collect())
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether one of them fits.
    pub fn fit(&self, name: &str) -> bool {
        let options = MatchOptions {
            case_sensitive: false,
            require_literal_separator: false,
            require_literal_leading_dot: false,
        };
        self.0.iter().any(|pattern| pattern.matches_with(name, options))
    }

    /// All of them, for people.
    pub fn shown(&self) -> String {
        let texts: Vec<&str> = self.0.iter().map(Pattern::as_str).collect();
        texts.join(", ")
    }
}

fn as_texts<S: serde::Serializer>(patterns: &[Pattern], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(patterns.iter().map(Pattern::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_text_and_case_does_not_count() {
        let patterns = Patterns::known(&["*_hk", "hk_*"]);
        for name in ["customer_hk", "HK_Customer", "_hk"] {
            assert!(patterns.fit(name), "{name}");
        }
        assert!(!patterns.fit("customer_hkey"));
        assert_eq!(patterns.shown(), "*_hk, hk_*");
    }

    #[test]
    fn what_is_no_pattern_is_refused() {
        assert!(Patterns::read(["fine_*", "[open"]).is_err());
    }
}
