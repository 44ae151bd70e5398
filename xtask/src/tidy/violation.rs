//! One broken house rule.

use std::fmt;

/// Where a rule is broken and how to mend it; prints as `path:line: rule: what; how to mend`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Violation {
    pub(crate) path: String,
    /// Counted from 1.
    pub(crate) line: usize,
    pub(crate) rule: &'static str,
    pub(crate) what: String,
    pub(crate) mend: String,
}

impl Violation {
    pub(crate) fn new(
        (path, line): (&str, usize),
        rule: &'static str,
        what: impl Into<String>,
        mend: impl Into<String>,
    ) -> Self {
        Self {
            path: path.to_owned(),
            line,
            rule,
            what: what.into(),
            mend: mend.into(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            path,
            line,
            rule,
            what,
            mend,
        } = self;
        write!(out, "{path}:{line}: {rule}: {what}; {mend}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_place_rule_finding_and_cure_on_one_line() {
        let violation = Violation::new(("src/lib.rs", 7), "print", "`println!` here", "tell the observer");
        assert_eq!(
            violation.to_string(),
            "src/lib.rs:7: print: `println!` here; tell the observer"
        );
    }
}
