//! What a project says about its audit trail.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::audit::{AuditDriver, PublicKey, SigningKey, SinkTarget};

/// What a run does where a sink is away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnSinkFailure {
    /// It refuses to begin; where the sink goes away later, it ends with [`crate::project::ExitClass::AuditUnavailable`].
    Block,
    /// It goes on, and `status` tells what waits to be shipped.
    Spool,
    /// It goes on and warns.
    #[default]
    Warn,
}

/// One sink.
#[derive(Debug, Clone)]
pub struct SinkSettings {
    /// What kind it is.
    pub driver: Arc<dyn AuditDriver>,
    /// Where it is.
    pub target: SinkTarget,
    /// What a run does where it is away.
    pub on_failure: OnSinkFailure,
}

/// What a project says about its audit trail. Without sinks the trail is in the database's own record only.
#[derive(Debug, Clone, Default)]
pub struct AuditSettings {
    /// Where events are shipped to.
    pub sinks: Vec<SinkSettings>,
    /// Signs events when a run ends, and before they are shipped.
    pub signing_key: Option<SigningKey>,
    /// Checks signatures; the signing key's own where none is given.
    pub public_key: Option<PublicKey>,
    /// The chain that the database must keep, by its name; any where it is not said.
    pub database_id: Option<String>,
    /// Settings and rules that were overridden for this run, as people call them: `--out-of-order`.
    pub overrides: Vec<String>,
    /// Nothing is to be shipped here, whatever sinks there are.
    pub switched_off: bool,
    /// Why the settings cannot be used, for a command that does without them. Nothing is told to the trail by the way
    /// then: nobody knows which sinks must be asked first.
    pub unusable: Option<String>,
}

impl AuditSettings {
    /// The key that checks signatures, where there is one.
    pub fn checking_key(&self) -> Option<PublicKey> {
        self.public_key
            .clone()
            .or_else(|| self.signing_key.as_ref().map(SigningKey::public_key))
    }
}
