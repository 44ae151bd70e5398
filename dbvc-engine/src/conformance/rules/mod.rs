//! The rules, one file per topic.

mod audit;
mod cancel;
mod chain;
mod connect;
mod copy;
mod execute;
mod fence;
mod history;
mod install;
mod limits;
mod lock;
mod lost_lock;
mod overview;
mod position;
mod read_only;
mod resolve;
mod secrets;
mod snapshots;
mod split;
mod states;
mod trail;
mod transaction;
mod turn;
mod unit;

use super::Rule;

/// All rules.
pub fn all() -> impl Iterator<Item = &'static Rule> {
    [
        connect::RULES,
        read_only::RULES,
        install::RULES,
        history::RULES,
        states::RULES,
        lock::RULES,
        lost_lock::RULES,
        fence::RULES,
        transaction::RULES,
        unit::RULES,
        turn::RULES,
        execute::RULES,
        copy::RULES,
        position::RULES,
        cancel::RULES,
        limits::RULES,
        split::RULES,
        resolve::RULES,
        overview::RULES,
        secrets::RULES,
        snapshots::RULES,
        audit::RULES,
        chain::RULES,
        trail::RULES,
    ]
    .into_iter()
    .flatten()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::all;

    #[test]
    fn every_rule_has_a_name_of_its_own() {
        let names: BTreeSet<String> = all().map(|rule| rule.trial("acme")).collect();
        assert_eq!(names.len(), all().count());
        assert!(names.len() >= 100, "{}", names.len());
    }
}
