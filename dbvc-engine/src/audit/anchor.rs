//! Anchors: heads of chains, kept outside of the database as witnesses.

use serde::{Deserialize, Serialize};

use super::Head;

/// The head of a chain at one moment, for a place that whoever may write the database may not write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Anchor {
    /// The database's name in the project.
    pub database: String,
    /// The environment's name.
    pub environment: String,
    /// The head.
    #[serde(flatten)]
    pub head: Head,
    /// When it was written down, in UTC.
    pub at: String,
    /// The head's signature, where a key is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
}

impl Anchor {
    /// The anchor as one line of JSON.
    pub fn to_line(&self) -> String {
        serde_json_canonicalizer::to_string(self).unwrap_or_default()
    }
}

/// Reads anchors, one on each line; empty lines are passed over. An error names the line.
pub fn read_anchors(text: &str) -> Result<Vec<Anchor>, String> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(index, line)| {
            serde_json::from_str(line).map_err(|error| format!("line {} is no anchor: {error}", index + 1))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_anchor_survives_its_line_and_a_bad_line_is_named() {
        let anchor = Anchor {
            database: "shop".into(),
            environment: "production".into(),
            head: Head {
                database_id: "c0ffee".into(),
                sequence: 7,
                digest: "ab".repeat(32),
            },
            at: "2026-11-21T04:55:54.123Z".into(),
            signature: None,
        };
        let text = format!("{}\n\n", anchor.to_line());
        assert_eq!(read_anchors(&text), Ok(vec![anchor]));
        let error = read_anchors(&format!("{text}oops")).expect_err("no anchor");
        assert!(error.starts_with("line 3 "), "{error}");
    }
}
