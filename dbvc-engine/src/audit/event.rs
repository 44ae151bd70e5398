//! One event of the audit trail.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::driver::{Actor, Draft};

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuditAction {
    /// The record was made, or an older one began to keep the trail: the first event of every chain.
    ChainStarted,
    /// A run began.
    RunStarted,
    /// A run ended well.
    RunCompleted,
    /// A run ended badly.
    RunFailed,
    /// A migration or its undo script began.
    Started,
    /// A migration is in the schema.
    Completed,
    /// A migration failed.
    Failed,
    /// A migration was undone.
    RolledBack,
    /// A plan was made and kept for approval.
    Planned,
    /// A plan was approved.
    Approved,
    /// Migrations were declared present.
    Baseline,
    /// The record was compared with the files.
    Verified,
    /// The record was corrected.
    Fixed,
    /// Another run's lock was taken away by a person.
    LockBroken,
    /// A snapshot of the schema was taken.
    Snapshot,
    /// The schema was found changed past dbvc.
    DriftFound,
    /// A change past dbvc was accepted.
    DriftApproved,
    /// A backup was made.
    Backup,
    /// A backup was restored.
    Restored,
    /// A setting was overridden for one run.
    ConfigurationOverridden,
}

impl AuditAction {
    /// All of them, in the order in which they are explained.
    pub const ALL: [Self; 20] = [
        Self::ChainStarted,
        Self::RunStarted,
        Self::RunCompleted,
        Self::RunFailed,
        Self::Started,
        Self::Completed,
        Self::Failed,
        Self::RolledBack,
        Self::Planned,
        Self::Approved,
        Self::Baseline,
        Self::Verified,
        Self::Fixed,
        Self::LockBroken,
        Self::Snapshot,
        Self::DriftFound,
        Self::DriftApproved,
        Self::Backup,
        Self::Restored,
        Self::ConfigurationOverridden,
    ];

    /// Its word in the events: `run-started`.
    pub fn word(self) -> String {
        let word = serde_json::to_value(self).unwrap_or_default();
        word.as_str().unwrap_or_default().to_owned()
    }
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AuditActor {
    /// The database login.
    pub login: String,
    /// The person's or service's name on the machine.
    pub user: String,
    /// The machine.
    pub host: String,
    /// The CI job's address or name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ci_job: Option<String>,
    /// The commit that the files are of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git_commit: Option<String>,
    /// The branch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git_branch: Option<String>,
}

/// An event. Ids, digests, counts and durations: never the SQL's values, never a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuditEvent {
    /// The chain's name and the place in it: `shop:42`.
    pub id: String,
    /// The chain: the database's id in the record's inventory, the same for as long as the record lives.
    pub database_id: String,
    /// Its place in the chain, from 1, without gaps.
    pub sequence: u64,
    /// When, by the server's clock, in UTC with milliseconds: `2026-11-21T04:55:54.123Z`.
    pub at: String,
    /// What happened.
    pub action: AuditAction,
    /// The environment's name.
    pub environment: String,
    /// The run it belongs to.
    pub run: String,
    /// Who did it.
    pub actor: AuditActor,
    /// The migration's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub migration: Option<String>,
    /// The file's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub script: Option<String>,
    /// The migration's checksum, or a snapshot's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub checksum: Option<String>,
    /// The digest of the plan that the run carries out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan_digest: Option<String>,
    /// When what it tells of began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub started_at: Option<String>,
    /// How long that took.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_ms: Option<u64>,
    /// `success`, `failure`, or `partial`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<String>,
    /// The kind of error, without its words: they may hold values.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_class: Option<String>,
    /// Why, as the person said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What only some actions have: counts, versions, digests.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<String, String>,
    /// dbvc's version.
    pub tool_version: String,
    /// The digest of the event before it; [`super::GENESIS`] for the first.
    pub previous: String,
}

/// `ann@build-7 as app`; the login only where it is another name than the user's, and nothing for nobody.
impl std::fmt::Display for AuditActor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.user.is_empty() || !self.host.is_empty() {
            write!(f, "{}@{}", self.user, self.host)?;
        }
        if !self.login.is_empty() && self.login != self.user {
            write!(f, " as {}", self.login)?;
        }
        Ok(())
    }
}

impl AuditActor {
    /// Who runs dbvc, without the login: the database knows that.
    pub fn of(actor: &Actor) -> Self {
        Self {
            login: String::new(),
            user: actor.user.clone(),
            host: actor.host.clone(),
            ci_job: actor.ci_job.clone(),
            git_commit: actor.git_commit.clone(),
            git_branch: actor.git_branch.clone(),
        }
    }
}

/// `layoutBefore` is `layout before`, and `rolled-back` is `rolled back`.
fn spoken(name: &str) -> String {
    let mut words = String::new();
    for letter in name.chars() {
        match letter {
            '-' => words.push(' '),
            upper if upper.is_ascii_uppercase() => {
                words.push(' ');
                words.push(upper.to_ascii_lowercase());
            }
            other => words.push(other),
        }
    }
    words
}

impl AuditEvent {
    /// An event that has no place in a chain yet.
    pub fn new(action: AuditAction, run: uuid::Uuid, actor: &Actor) -> Self {
        Self {
            id: String::new(),
            database_id: String::new(),
            sequence: 0,
            at: String::new(),
            action,
            environment: String::new(),
            run: run.to_string(),
            actor: AuditActor::of(actor),
            migration: None,
            script: None,
            checksum: None,
            plan_digest: None,
            started_at: None,
            duration_ms: None,
            outcome: None,
            error_class: None,
            reason: None,
            details: BTreeMap::new(),
            tool_version: String::new(),
            previous: String::new(),
        }
    }

    /// The same with one more of its details.
    #[must_use]
    #[allow(
        clippy::needless_pass_by_value,
        reason = "numbers and words are given as they are"
    )]
    pub fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.details.insert(name.to_owned(), value.to_string());
        self
    }

    /// What it is about, in words: its script or migration, else what its details tell.
    pub fn about(&self) -> String {
        if let Some(name) = self.script.as_ref().or(self.migration.as_ref()) {
            return name.clone();
        }
        let details = self.details.iter();
        let told: Vec<String> = details
            .map(|(name, value)| format!("{} {value}", spoken(name)))
            .collect();
        told.join(", ")
    }

    /// How it ended, in words; the kind of error where there is one.
    pub fn ended(&self) -> String {
        let ended = self.error_class.as_ref().or(self.outcome.as_ref());
        ended.map_or_else(String::new, |word| spoken(word))
    }

    /// What is handed to a record to be appended.
    pub fn draft(&self) -> Draft {
        match serde_json::to_value(self) {
            Ok(serde_json::Value::Object(fields)) => Draft(fields),
            // Its fields are texts, numbers and texts by name, which JSON has.
            _ => Draft(serde_json::Map::new()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_read_words_and_no_field_names() {
        let actor = Actor::default();
        let mut event =
            AuditEvent::new(AuditAction::LockBroken, uuid::Uuid::nil(), &actor).with("holderUser", "ann");
        event.error_class = Some("rolled-back".into());
        assert_eq!(event.about(), "holder user ann");
        assert_eq!(event.ended(), "rolled back");
        event.script = Some("V1__a-B.sql".into());
        assert_eq!(event.about(), "V1__a-B.sql");
    }
}
