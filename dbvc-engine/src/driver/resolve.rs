//! What became of a statement whose run broke off.

use std::fmt::Display;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::Rows;
use crate::error::Result;
use crate::sql::Statement;

/// What the server and its catalogue say of a statement that was under way when its run broke off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// It is still running on the server, in the session of this name.
    Running(String),
    /// Its effect is there.
    Done(String),
    /// Its effect is not there; it can be run.
    Absent(String),
    /// Half of it is there: an invalid index. The statement given removes that, and then it can be run.
    Leftover {
        /// What was found.
        found: String,
        /// The statement that removes it.
        cleanup: String,
    },
    /// It cannot be told. The text says what was looked at.
    Unknown(String),
}

/// What a catalogue that knows things by their names is asked of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question<T> {
    /// Whether something is there, after a statement that makes it or takes it away.
    Presence {
        /// Something that the catalogue can be asked for; it shows itself by its kind and name.
        thing: T,
        /// The statement makes it.
        makes: bool,
    },
    /// Nothing: running it again does no harm.
    Repeatable(&'static str),
    /// Nothing: there is no place to look. The text says so.
    Nowhere(String),
}

impl<T: Display> Question<T> {
    /// What is to be looked for.
    pub fn thing(&self) -> Option<&T> {
        match self {
            Self::Presence { thing, .. } => Some(thing),
            Self::Repeatable(_) | Self::Nowhere(_) => None,
        }
    }

    /// What the answer means: how many such things the catalogue has, in the first cell of all.
    pub fn effect(&self, answers: &[Rows]) -> Effect {
        match self {
            Self::Presence { thing, makes } => {
                let count = answers
                    .first()
                    .and_then(|rows| rows.cells.first()?.first()?.as_deref());
                let there = count.is_some_and(|count| count != "0");
                let found = format!("{thing} is {}", if there { "there" } else { "not there" });
                if there == *makes {
                    Effect::Done(found)
                } else {
                    Effect::Absent(found)
                }
            }
            Self::Repeatable(why) => Effect::Absent((*why).to_owned()),
            Self::Nowhere(looked) => Effect::Unknown(looked.clone()),
        }
    }
}

/// The part of a session that finds out what became of a broken-off statement.
#[async_trait]
pub trait Resolver: Send {
    /// Looks for `statement`, last run by the session named `session` if that is known.
    async fn effect(&mut self, statement: &Statement, session: Option<&str>) -> Result<Effect> {
        let _ = (statement, session);
        Ok(Effect::Unknown(
            "this database's catalogue cannot be asked".into(),
        ))
    }
    /// A session of this server, other than this one, that still applies units of dbvc's: its name. Who lost the
    /// connection at a unit asks before it looks into the history, which may say something else a moment later.
    async fn at_work(&mut self) -> Result<Option<String>> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_is_there_and_what_is_dropped_is_not() {
        let counted = |count: &str| {
            [Rows {
                columns: Vec::new(),
                cells: vec![vec![Some(count.to_owned())]],
            }]
        };
        let there = || "table t is there".to_owned();
        let not_there = || "table t is not there".to_owned();
        for (makes, count, expected) in [
            (true, "1", Effect::Done(there())),
            (true, "0", Effect::Absent(not_there())),
            (false, "0", Effect::Done(not_there())),
            (false, "2", Effect::Absent(there())),
        ] {
            let question = Question::Presence {
                thing: "table t",
                makes,
            };
            assert_eq!(question.effect(&counted(count)), expected);
        }
        let again: Question<&str> = Question::Repeatable("no harm");
        assert_eq!(again.effect(&[]), Effect::Absent("no harm".into()));
    }
}
