//! An order in which changes can be made one after another.

use std::collections::{BTreeMap, BTreeSet};

use super::{Change, What};
use crate::schema::{Database, ObjectKey};

/// Sorts by what needs what: an object is made or changed after what it needs afterwards, and removed before what it
/// needed. Where that goes in a circle, or does not matter, by kind and name.
pub(super) fn in_order(changes: Vec<Change>, before: &Database, after: &Database) -> Vec<Change> {
    let mut waiting: BTreeMap<ObjectKey, BTreeSet<ObjectKey>> = changes
        .iter()
        .map(|change| (change.object.clone(), BTreeSet::new()))
        .collect();
    let removed: BTreeSet<&ObjectKey> = changes
        .iter()
        .filter(|change| matches!(change.what, What::Removed { .. }))
        .map(|change| &change.object)
        .collect();
    for change in &changes {
        let key = &change.object;
        let object = if removed.contains(key) {
            None
        } else {
            after.objects.get(key)
        };
        for needed in object.iter().flat_map(|object| &object.requires) {
            wait(&mut waiting, key, needed);
        }
        // What was needed goes only when nothing needs it any more, and before what it needed itself changes.
        let object = before.objects.get(key);
        for needed in object.iter().flat_map(|object| &object.requires) {
            if removed.contains(key) || removed.contains(needed) {
                wait(&mut waiting, needed, key);
            }
        }
    }
    let order = drain(waiting);
    let mut by_key: BTreeMap<ObjectKey, Change> = changes
        .into_iter()
        .map(|change| (change.object.clone(), change))
        .collect();
    order.iter().filter_map(|key| by_key.remove(key)).collect()
}

/// `later` comes after `first`.
fn wait(waiting: &mut BTreeMap<ObjectKey, BTreeSet<ObjectKey>>, later: &ObjectKey, first: &ObjectKey) {
    if later != first
        && waiting.contains_key(first)
        && let Some(set) = waiting.get_mut(later)
    {
        set.insert(first.clone());
    }
}

fn drain(mut waiting: BTreeMap<ObjectKey, BTreeSet<ObjectKey>>) -> Vec<ObjectKey> {
    let mut followers: BTreeMap<ObjectKey, Vec<ObjectKey>> = BTreeMap::new();
    for (later, firsts) in &waiting {
        for first in firsts {
            followers.entry(first.clone()).or_default().push(later.clone());
        }
    }
    let mut ready: BTreeSet<ObjectKey> = waiting
        .iter()
        .filter(|(_, firsts)| firsts.is_empty())
        .map(|(key, _)| key.clone())
        .collect();
    let mut order = Vec::with_capacity(waiting.len());
    while !waiting.is_empty() {
        // In a circle the one that waits for the fewest goes first.
        let next = ready.pop_first().or_else(|| {
            let least = waiting.iter().min_by_key(|(_, firsts)| firsts.len());
            least.map(|(key, _)| key.clone())
        });
        let Some(next) = next else { break };
        waiting.remove(&next);
        for follower in followers.remove(&next).unwrap_or_default() {
            if let Some(firsts) = waiting.get_mut(&follower)
                && firsts.remove(&next)
                && firsts.is_empty()
            {
                ready.insert(follower);
            }
        }
        order.push(next);
    }
    order
}
