//! The rules, one file per topic.

mod append;
mod documents;
mod open;
mod read;
mod refuse;
mod secrets;
mod writers;

use super::SinkRule;

/// `sink_rules!("append": a, b)`: the functions `a` and `b` as rules about appending.
macro_rules! sink_rules {
    ($topic:literal: $($name:ident),+ $(,)?) => {
        pub(super) const RULES: &[$crate::conformance::sinks::SinkRule] = &[$($crate::conformance::sinks::SinkRule {
            topic: $topic,
            name: stringify!($name),
            run: |world| Box::pin($name(world)),
        }),+];
    };
}

use sink_rules;

/// All rules.
pub fn all() -> impl Iterator<Item = &'static SinkRule> {
    [
        open::RULES,
        append::RULES,
        refuse::RULES,
        read::RULES,
        writers::RULES,
        documents::RULES,
        secrets::RULES,
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
    }
}
