//! What must hold in every state, and what breaks it: a model that finds nothing wrong proves nothing unless it does find
//! what was put in.

use super::*;

fn fault(way: Way, without: Without) -> Option<Fault> {
    let found = Model { way, without }.search();
    found.err().map(|found| {
        assert!(!found.way.is_empty());
        found.fault
    })
}

#[test]
fn no_state_breaks_a_rule_where_sessions_prove_life() {
    let states = Model {
        way: Way::Direct,
        without: Without::Nothing,
    }
    .search();
    assert!(states.as_ref().is_ok_and(|states| *states > 1_000), "{states:?}");
}

#[test]
fn no_state_breaks_a_rule_behind_a_pooler() {
    let states = Model {
        way: Way::Pooled,
        without: Without::Nothing,
    }
    .search();
    assert!(states.as_ref().is_ok_and(|states| *states > 1_000), "{states:?}");
}

#[test]
fn without_comparing_the_fence_a_robbed_holder_commits() {
    for way in [Way::Direct, Way::Pooled] {
        assert_eq!(
            fault(way, Without::FenceCheck),
            Some(Fault::CommittedWithAnOldFence)
        );
    }
}

#[test]
fn without_pinning_the_fence_a_holder_is_robbed_before_its_commit() {
    for way in [Way::Direct, Way::Pooled] {
        assert_eq!(
            fault(way, Without::FencePin),
            Some(Fault::CommittedWithAnOldFence)
        );
    }
}

#[test]
fn without_moving_the_fence_two_hold_the_same_number() {
    for way in [Way::Direct, Way::Pooled] {
        assert_eq!(
            fault(way, Without::FenceMove),
            Some(Fault::CommittedWithAnOldFence)
        );
    }
}

#[test]
fn without_the_proof_of_life_a_paused_holder_is_robbed() {
    assert_eq!(
        fault(Way::Direct, Without::ProofOfLife),
        Some(Fault::RobbedAlthoughItLives)
    );
}

#[test]
fn without_the_leases_end_a_dead_holders_lock_is_never_had_behind_a_pooler() {
    assert_eq!(
        fault(Way::Pooled, Without::LeaseEnd),
        Some(Fault::NobodyCanEverHaveIt)
    );
}

#[test]
fn without_a_look_at_its_own_clock_a_holder_sends_after_its_lease() {
    for way in [Way::Direct, Way::Pooled] {
        assert_eq!(fault(way, Without::OwnClock), Some(Fault::SentAfterItsLease));
    }
}

#[test]
fn a_counterexample_is_the_shortest_way() {
    let model = Model {
        way: Way::Direct,
        without: Without::FenceCheck,
    };
    let found = model.search().expect_err("a fault");
    assert_eq!(found.way, ["take 0", "break", "begin 0", "commit 0"], "{found:?}");
}
