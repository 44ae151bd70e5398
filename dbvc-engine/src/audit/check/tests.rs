use std::collections::BTreeMap;

use serde_json::Value;

use super::*;
use crate::audit::{AuditAction, AuditActor, AuditEvent, SigningKey};

const KEY: &str = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";

fn event(sequence: u64, previous: &str) -> AuditEvent {
    AuditEvent {
        id: format!("shop:{sequence}"),
        database_id: "shop".into(),
        sequence,
        at: format!("2026-11-21T04:55:{sequence:02}.123Z"),
        action: AuditAction::Completed,
        environment: "production".into(),
        run: "r".into(),
        actor: AuditActor {
            login: "app".into(),
            user: "ann".into(),
            host: "here".into(),
            ci_job: Some("https://ci.example/1".into()),
            git_commit: Some("c0ffee".into()),
            git_branch: Some("main".into()),
        },
        migration: Some(format!("{sequence}.0")),
        script: Some("V1__a.sql".into()),
        checksum: Some("sha256:1".into()),
        plan_digest: Some("p".into()),
        started_at: Some("2026-11-21T04:55:00.000Z".into()),
        duration_ms: Some(12),
        outcome: Some("success".into()),
        error_class: Some("none".into()),
        reason: Some("ticket 4711".into()),
        details: BTreeMap::from([("execution".into(), sequence.to_string())]),
        tool_version: "0.1.0".into(),
        previous: previous.into(),
    }
}

/// A chain of this length; what `change` does to an event happens before it is sealed.
fn chain(length: u64, change: impl Fn(&mut AuditEvent)) -> Vec<Sealed> {
    let mut previous = GENESIS.to_owned();
    (1..=length)
        .map(|sequence| {
            let mut event = event(sequence, &previous);
            change(&mut event);
            let sealed = Sealed::new(&event).expect("sealed");
            previous.clone_from(&sealed.digest);
            sealed
        })
        .collect()
}

fn good() -> Vec<Sealed> {
    let key = SigningKey::from_pem(KEY).expect("a key");
    let mut events = chain(6, |_| {});
    for sealed in &mut events {
        sealed.signature = Some(key.sign(&sealed.digest));
    }
    events
}

fn head(events: &[Sealed]) -> Head {
    Head {
        database_id: "shop".into(),
        sequence: events.len() as u64,
        digest: events.last().expect("an event").digest.clone(),
    }
}

/// As a keeper without a key of its own beside the text gives them.
fn check(events: &[Sealed], head: &Head) -> Vec<Finding> {
    check_with(events, head, None)
}

fn check_with(events: &[Sealed], head: &Head, key: Option<&PublicKey>) -> Vec<Finding> {
    let mut check = ChainCheck::new("target", Some("shop"), key);
    for sealed in events {
        check.event(None, sealed);
    }
    check.end(Some(head)).findings
}

/// Every way to change one leaf of an event's JSON, and to take one away.
fn mutations(text: &str) -> Vec<String> {
    fn leaves(value: &Value, path: &str, into: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    leaves(value, &format!("{path}/{name}"), into);
                }
            }
            _ => into.push(path.to_owned()),
        }
    }
    let value: Value = serde_json::from_str(text).expect("JSON");
    let mut paths = Vec::new();
    leaves(&value, "", &mut paths);
    assert!(paths.len() >= 24, "{paths:?}");
    let mut mutated = Vec::new();
    for path in paths {
        let mut changed = value.clone();
        let leaf = changed.pointer_mut(&path).expect("the leaf");
        *leaf = match &*leaf {
            Value::Number(number) => Value::from(number.as_u64().expect("a number") + 1),
            _ if path == "/action" => Value::from("failed"),
            Value::String(text) => Value::from(format!("{text}x")),
            other => panic!("{other}"),
        };
        mutated.push(changed.to_string());
        let mut gone = value.clone();
        let (parent, name) = path.rsplit_once('/').expect("a path");
        gone.pointer_mut(parent)
            .and_then(Value::as_object_mut)
            .expect("the parent")
            .remove(name);
        mutated.push(gone.to_string());
    }
    mutated.push(text.replace(':', ": "));
    mutated.push(text.replace("\"previous\"", "\"extra\":\"\",\"previous\""));
    mutated.push(String::new());
    mutated
}

/// The same event in canonical form with its own digest, as somebody makes it who knows how.
fn resealed(text: &str) -> Sealed {
    let text = serde_json::from_str::<Value>(text)
        .ok()
        .and_then(|value| serde_json_canonicalizer::to_string(&value).ok())
        .unwrap_or_else(|| text.to_owned());
    Sealed {
        digest: digest(&text),
        text,
        signature: None,
    }
}

#[test]
fn a_whole_chain_has_nothing_wrong() {
    let events = good();
    let key = SigningKey::from_pem(KEY).expect("a key").public_key();
    assert_eq!(check_with(&events, &head(&events), Some(&key)), []);
    let none = Head {
        database_id: "shop".into(),
        sequence: 0,
        digest: GENESIS.into(),
    };
    assert_eq!(check(&[], &none), []);
}

#[test]
fn every_change_of_every_field_of_every_event_is_found_and_named() {
    let events = good();
    let mut tried = 0;
    for at in 0..events.len() {
        for text in mutations(&events[at].text) {
            let mut edited = events.clone();
            edited[at].text.clone_from(&text);
            let found = check(&edited, &head(&events));
            assert!(
                found.iter().any(|one| one.sequence == Some(at as u64 + 1)),
                "{text}: {found:?}"
            );
            let mut sealed_again = events.clone();
            sealed_again[at] = resealed(&text);
            let found = check(&sealed_again, &head(&events));
            assert!(!found.is_empty(), "event {} as {text}", at + 1);
            tried += 2;
        }
        let mut edited = events.clone();
        edited[at].digest = digest("other");
        assert!(!check(&edited, &head(&events)).is_empty());
    }
    assert!(tried > 600, "{tried}");
}

#[test]
fn every_deletion_insertion_repetition_and_swap_is_found() {
    let events = good();
    let head = head(&events);
    for at in 0..events.len() {
        let mut deleted = events.clone();
        deleted.remove(at);
        assert!(!check(&deleted, &head).is_empty(), "deleted {at}");
        let mut repeated = events.clone();
        repeated.insert(at, events[at].clone());
        assert!(!check(&repeated, &head).is_empty(), "repeated {at}");
        let mut truncated = events.clone();
        truncated.truncate(at);
        assert!(!check(&truncated, &head).is_empty(), "truncated to {at}");
        for other in 0..events.len() {
            let mut inserted = events.clone();
            let previous = if at == 0 { GENESIS } else { &events[at - 1].digest };
            inserted.insert(
                at,
                Sealed::new(&event(other as u64 + 1, previous)).expect("sealed"),
            );
            assert!(!check(&inserted, &head).is_empty(), "inserted {other} at {at}");
            if at != other {
                let mut swapped = events.clone();
                swapped.swap(at, other);
                assert!(!check(&swapped, &head).is_empty(), "swapped {at} and {other}");
            }
        }
    }
}

#[test]
fn a_chain_written_anew_is_found_by_its_head_and_by_its_signatures() {
    let events = good();
    let key = SigningKey::from_pem(KEY).expect("a key").public_key();
    for from in 1..=6 {
        let rewritten = chain(6, |event| {
            if event.sequence >= from {
                event.actor.user = "bob".into();
            }
        });
        assert!(!check(&rewritten, &head(&events)).is_empty(), "by an anchor");
        let mut with_old_signatures = rewritten.clone();
        for (new, old) in with_old_signatures.iter_mut().zip(&events) {
            new.signature.clone_from(&old.signature);
        }
        let found = check_with(&with_old_signatures, &head(&rewritten), Some(&key));
        assert!(
            found.iter().any(|one| one.kind == FindingKind::BadSignature),
            "{found:?}"
        );
        let found = check_with(&rewritten, &head(&rewritten), Some(&key));
        assert!(
            found.iter().all(|one| one.kind == FindingKind::Unsigned),
            "{found:?}"
        );
        assert!(!found.is_empty());
    }
}

#[test]
fn a_signature_that_was_taken_away_or_exchanged_is_found() {
    let events = good();
    let key = SigningKey::from_pem(KEY).expect("a key").public_key();
    for at in 0..events.len() {
        let mut bare = events.clone();
        bare[at].signature = None;
        let found = check_with(&bare, &head(&events), Some(&key));
        assert!(
            found.len() == 1 && found[0].sequence == Some(at as u64 + 1),
            "{found:?}"
        );
        let mut exchanged = events.clone();
        exchanged[at]
            .signature
            .clone_from(&events[(at + 1) % 6].signature);
        let found = check_with(&exchanged, &head(&events), Some(&key));
        assert_eq!(found[0].kind, FindingKind::BadSignature, "{found:?}");
    }
}

#[test]
fn a_key_in_the_table_that_is_not_the_events_is_found() {
    let events = good();
    let mut check = ChainCheck::new("target", None, None);
    for (index, sealed) in events.iter().enumerate() {
        let key = if index == 2 { 30 } else { index as u64 + 1 };
        check.event(Some(key), sealed);
    }
    let found = check.end(None).findings;
    assert!(found.iter().any(|one| one.sequence == Some(30)), "{found:?}");
}

#[test]
fn an_event_of_another_chain_is_found() {
    let foreign = chain(2, |event| {
        event.database_id = "other".into();
        event.id = format!("other:{}", event.sequence);
    });
    let found = check(&foreign, &head(&foreign));
    assert!(
        found.iter().all(|one| one.kind == FindingKind::Foreign),
        "{found:?}"
    );
    assert_eq!(found.len(), 2);
}

#[test]
fn two_texts_are_told_apart_field_by_field() {
    let one = &good()[0].text;
    let other = one
        .replace("\"ann\"", "\"bob\"")
        .replace("\"c0ffee\"", "\"cafe\"");
    assert_eq!(
        differences(("the database", one), ("cosmos", &other)),
        [
            "actor.gitCommit: `c0ffee` in the database, `cafe` in cosmos",
            "actor.user: `ann` in the database, `bob` in cosmos",
        ]
    );
    assert!(differences(("a", one), ("b", one)).is_empty());
    assert_eq!(differences(("a", "{"), ("b", "[")).len(), 1);
}
