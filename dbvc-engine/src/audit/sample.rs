//! Chains to try things out with.

use std::collections::BTreeMap;

use super::{AuditAction, AuditActor, AuditEvent, GENESIS, Sealed};

/// A chain of events about a database.
#[cfg(test)]
pub(crate) fn chain(database_id: &str, length: u64) -> Vec<Sealed> {
    chain_with(database_id, length, |_| {})
}

/// The same with each event changed before it is sealed.
pub(crate) fn chain_with(
    database_id: &str,
    length: u64,
    mut change: impl FnMut(&mut AuditEvent),
) -> Vec<Sealed> {
    let mut previous = GENESIS.to_owned();
    let mut chain = Vec::new();
    for sequence in 1..=length {
        let mut event = event(database_id, sequence, &previous);
        change(&mut event);
        let Ok(sealed) = Sealed::new(&event) else { break };
        previous.clone_from(&sealed.digest);
        chain.push(sealed);
    }
    chain
}

fn event(database_id: &str, sequence: u64, previous: &str) -> AuditEvent {
    AuditEvent {
        id: format!("{database_id}:{sequence}"),
        database_id: database_id.to_owned(),
        sequence,
        at: "2026-11-21T04:55:54.123Z".into(),
        action: if sequence % 2 == 1 {
            AuditAction::Started
        } else {
            AuditAction::Completed
        },
        environment: "production".into(),
        run: "01935b1e-0000-7000-8000-000000000001".into(),
        actor: AuditActor {
            login: "app".into(),
            user: "ann".into(),
            host: "build-7".into(),
            ..AuditActor::default()
        },
        migration: Some(format!("V{sequence}")),
        script: Some(format!("V{sequence}__Add_orders.sql")),
        checksum: None,
        plan_digest: None,
        started_at: None,
        duration_ms: Some(17),
        outcome: Some("success".into()),
        error_class: None,
        reason: None,
        details: BTreeMap::new(),
        tool_version: "0.1.0".into(),
        previous: previous.to_owned(),
    }
}
