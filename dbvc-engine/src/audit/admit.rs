//! What every sink checks before it writes: whole events of one chain, in order, that go on from what it has.

use std::collections::BTreeMap;

use super::{AuditEvent, GENESIS, Head, Sealed};
use crate::error::{DriverError, ErrorKind, Operation, Result};

/// An event that a sink may write: its digest is its text's.
#[derive(Debug, Clone)]
pub struct Admitted<'a> {
    /// As it is to be kept.
    pub sealed: &'a Sealed,
    /// What is in it.
    pub event: AuditEvent,
}

/// Reads events that are to be appended. They must be whole, of one chain, and each the next of the one before; otherwise
/// the error is of the kind [`ErrorKind::Statement`] and names the event.
pub fn admit(events: &[Sealed]) -> Result<Vec<Admitted<'_>>> {
    let mut admitted: Vec<Admitted<'_>> = Vec::with_capacity(events.len());
    for (index, sealed) in events.iter().enumerate() {
        let event = sealed.event().map_err(|error| {
            let place = admitted.last().map_or_else(
                || format!("event {} of these", index + 1),
                |before| format!("the event after {}", before.event.id),
            );
            refused(ErrorKind::Statement, format!("{place} cannot be kept: {error}"))
        })?;
        if let Some(before) = admitted.last() {
            follows(before, &event)?;
        }
        admitted.push(Admitted { sealed, event });
    }
    Ok(admitted)
}

fn follows(before: &Admitted<'_>, event: &AuditEvent) -> Result<()> {
    let (left, right) = (&before.event, event);
    let why = if left.database_id != right.database_id {
        "it is of another chain"
    } else if right.sequence != left.sequence + 1 {
        "it is not the next one"
    } else if right.previous != before.sealed.digest {
        "it does not carry that one's digest"
    } else {
        return Ok(());
    };
    let message = format!("{} cannot follow {}: {why}", right.id, left.id);
    Err(refused(ErrorKind::Statement, message))
}

/// How many of the events the sink has already, judged by the end of its chain. The first one behind that must be the
/// next; otherwise the error is of the kind [`ErrorKind::Conflict`].
pub fn known(head: Option<&Head>, events: &[Admitted<'_>]) -> Result<usize> {
    let (end, digest) = head.map_or((0, GENESIS), |head| (head.sequence, head.digest.as_str()));
    let known = events.iter().take_while(|one| one.event.sequence <= end).count();
    let Some(next) = events.get(known) else {
        return Ok(known);
    };
    if next.event.sequence != end + 1 {
        let message = format!(
            "{} would leave a gap: the chain ends here with event {end}",
            next.event.id
        );
        return Err(refused(ErrorKind::Conflict, message));
    }
    if known == 0 && next.event.previous != digest {
        let message = format!(
            "{} does not follow event {end} here: that one's digest is {digest}, and it carries {}",
            next.event.id, next.event.previous
        );
        return Err(refused(ErrorKind::Conflict, message));
    }
    Ok(known)
}

/// Compares events that the sink has with what it keeps, given as places with digests.
pub fn same(events: &[Admitted<'_>], kept: &[(u64, String)]) -> Result<()> {
    let kept: BTreeMap<u64, &str> = kept
        .iter()
        .map(|(sequence, digest)| (*sequence, digest.as_str()))
        .collect();
    for one in events {
        match kept.get(&one.event.sequence) {
            Some(digest) if *digest == one.sealed.digest => {}
            Some(digest) => return Err(conflict(&one.event.id, digest, &one.sealed.digest)),
            None => {
                let message = format!(
                    "{} is missing here, though later events of its chain are kept",
                    one.event.id
                );
                return Err(refused(ErrorKind::Conflict, message));
            }
        }
    }
    Ok(())
}

/// An event is there with another digest.
pub fn conflict(id: &str, kept: &str, offered: &str) -> DriverError {
    let message = format!("{id} is kept with the digest {kept}, and the one to append has {offered}");
    refused(ErrorKind::Conflict, message)
        .with_note("one of the two was changed, or two databases share an id; nothing was written over")
}

fn refused(kind: ErrorKind, message: String) -> DriverError {
    DriverError::new(kind, Operation::Record, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::sample::chain;

    fn head(sealed: &Sealed) -> Head {
        let event = sealed.event().expect("an event");
        Head {
            database_id: event.database_id,
            sequence: event.sequence,
            digest: sealed.digest.clone(),
        }
    }

    #[test]
    fn a_chain_in_order_is_admitted() {
        assert_eq!(admit(&chain("shop", 3)).expect("a chain").len(), 3);
    }

    #[test]
    fn what_is_no_chain_is_refused_with_the_events_name() {
        let whole = chain("shop", 4);
        let gap = [whole[0].clone(), whole[2].clone()];
        let mixed = [whole[0].clone(), chain("till", 2)[1].clone()];
        let mut edited = whole.clone();
        edited[1].text = edited[1].text.replace("ann", "bob");
        for (events, says) in [
            (gap.as_slice(), "shop:3 cannot follow shop:1"),
            (mixed.as_slice(), "till:2"),
            (edited.as_slice(), "after shop:1"),
        ] {
            let error = admit(events).expect_err(says);
            assert_eq!(error.kind, ErrorKind::Statement);
            assert!(error.message.contains(says), "{error}");
        }
    }

    #[test]
    fn the_end_of_the_chain_says_what_is_known() {
        let whole = chain("shop", 4);
        let admitted = admit(&whole[1..]).expect("a chain");
        assert_eq!(known(Some(&head(&whole[2])), &admitted).expect("known"), 2);
        assert_eq!(known(Some(&head(&whole[0])), &admitted).expect("new"), 0);
        assert_eq!(known(Some(&head(&whole[3])), &admitted).expect("all"), 3);
        assert_eq!(
            known(None, &admitted).expect_err("a gap").kind,
            ErrorKind::Conflict
        );
    }

    #[test]
    fn a_fork_is_a_conflict() {
        let (ours, theirs) = (chain("shop", 2), chain("shop", 1));
        let mut end = head(&theirs[0]);
        end.digest = "f".repeat(64);
        let error = known(Some(&end), &admit(&ours[1..]).expect("a chain")).expect_err("a fork");
        assert_eq!(error.kind, ErrorKind::Conflict);
    }

    #[test]
    fn another_digest_is_named_beside_the_kept_one() {
        let events = chain("shop", 1);
        let kept = [(1, "e".repeat(64))];
        let error = same(&admit(&events).expect("a chain"), &kept).expect_err("a conflict");
        assert!(error.message.contains(&events[0].digest) && error.message.contains(&kept[0].1));
    }
}
