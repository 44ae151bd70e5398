//! Files in YAML can be read: a workflow with a slip in it does not run, and nobody is told.

use std::path::Path;

use crate::tidy::Workspace;
use crate::tidy::violation::Violation;

pub(crate) fn check(workspace: &Workspace, found: &mut Vec<Violation>) {
    for file in &workspace.files {
        let is_yaml = Path::new(&file.path)
            .extension()
            .is_some_and(|extension| extension == "yml" || extension == "yaml");
        if !is_yaml {
            continue;
        }
        if let Err(error) = serde_yaml_ng::from_str::<serde_yaml_ng::Value>(&file.text) {
            let line = error.location().map_or(1, |place| place.line());
            found.push(Violation::new(
                (&file.path, line),
                "yaml",
                format!("cannot be read: {error}"),
                "quote a text that has a `:` before a blank or at its end",
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::rules::sample::findings;

    #[test]
    fn a_workflow_that_cannot_be_read_is_found() {
        let found = findings(
            check,
            &[
                ("a.yml", "jobs:\n  - run: cargo test -- cosmos::\n    env: {}\n"),
                ("b.yaml", "jobs:\n  - run: \"cargo test -- cosmos::\"\n"),
                ("c.md", "- run: a::\n  b: c\n"),
            ],
        );
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("a.yml:2: cannot be read"), "{found:?}");
    }
}
