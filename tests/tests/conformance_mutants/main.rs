//! The kit, proved by adapters that break a rule: a rule that cannot fail proves nothing.

mod driver;
mod fault;
mod record;
mod session;
#[path = "../harness/sqlite.rs"]
mod sqlite;

use std::sync::Arc;

use dbvc_engine::conformance::{Rule, Stop, Verdict, all, check};

use driver::Mutant;
use fault::{FAULTS, Fault};

fn rule(name: &str) -> Rule {
    let found = all().find(|rule| format!("{}::{}", rule.topic, rule.name) == name);
    *found.unwrap_or_else(|| panic!("there is no rule {name}"))
}

fn verdict(fault: Option<Fault>, name: &str) -> Verdict {
    check(Arc::new(Mutant { fault }), rule(name))
}

#[test]
fn each_fault_is_found_by_its_rule() {
    let unseen: Vec<_> = FAULTS
        .iter()
        .map(|(fault, name)| (fault, name, verdict(Some(*fault), name)))
        .filter(|(.., verdict)| !matches!(verdict, Err(Stop::Broken(_))))
        .collect();
    assert!(unseen.is_empty(), "not found: {unseen:#?}");
}

#[test]
fn without_a_fault_the_same_rules_hold() {
    for (_, name) in FAULTS {
        assert_eq!(verdict(None, name), Ok(()), "{name}");
    }
}
