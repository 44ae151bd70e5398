//! One statement of a script.

use serde::{Deserialize, Serialize};

use crate::text::{LineColumn, Origin};

/// One statement, as it is sent, with the place it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// From the first token to the last, placeholders filled in, without the terminator.
    pub sql: String,
    /// Where the first token stands in the file.
    pub origin: Origin,
    /// Placeholders that were filled in, in order of place.
    pub substitutions: Vec<Substitution>,
}

/// A placeholder's value inside a statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Substitution {
    /// Byte offset of the value in [`Statement::sql`].
    pub at: usize,
    /// Length of the value in bytes.
    pub length: usize,
    /// What the file says, `${name}`.
    pub written: String,
}

impl Statement {
    /// A statement without placeholders.
    pub fn new(sql: impl Into<String>, origin: Origin) -> Self {
        Self {
            sql: sql.into(),
            origin,
            substitutions: Vec::new(),
        }
    }

    /// The place in the file of byte `offset` of [`Statement::sql`]; a place inside a placeholder's value is the
    /// placeholder's own.
    pub fn locate(&self, offset: usize) -> Origin {
        let mut place = self.origin;
        let mut read = 0;
        for substitution in &self.substitutions {
            if offset < substitution.at || (offset == substitution.at && substitution.length > 0) {
                break;
            }
            place = advance(place, &self.sql[read..substitution.at]);
            if offset < substitution.at + substitution.length {
                return place;
            }
            place = advance(place, &substitution.written);
            read = substitution.at + substitution.length;
        }
        let end = floor_char_boundary(&self.sql, offset);
        advance(place, &self.sql[read..end.max(read)])
    }
}

fn advance(from: Origin, text: &str) -> Origin {
    Origin {
        offset: from.offset + text.len() as u64,
        at: from.at.after(text),
    }
}

fn floor_char_boundary(text: &str, offset: usize) -> usize {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    end
}

impl From<Origin> for LineColumn {
    fn from(origin: Origin) -> Self {
        origin.at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_after_a_placeholder_is_counted_as_written() {
        let statement = Statement {
            sql: "create table app.t(x int)".into(),
            origin: Origin::START,
            substitutions: vec![Substitution {
                at: 13,
                length: 3,
                written: "${schema}".into(),
            }],
        };
        assert_eq!(statement.locate(14).at.column, 14);
        assert_eq!(statement.locate(17).at.column, 24);
        assert_eq!(statement.locate(17).offset, 23);
    }
}
