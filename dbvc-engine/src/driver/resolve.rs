//! What became of a statement whose run broke off.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

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
