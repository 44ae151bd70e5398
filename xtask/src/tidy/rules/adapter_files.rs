//! Every database adapter has the same files: who knows one knows all.

use crate::tidy::Workspace;
use crate::tidy::violation::Violation;

/// What each adapter has, as `name.rs` or as a folder `name/` with a `mod.rs`, and what is in it.
const FILES: &[(&str, &str)] = &[
    ("lib", "the crate's documentation and its `driver()`"),
    ("driver", "the `Driver`: name, schemes, dialect"),
    ("connect", "from a target to a connection"),
    ("session", "the `Session`: capabilities and server facts"),
    ("execute", "running statements, transactions, cancelling"),
    ("error", "the server's errors as kinds, codes and positions"),
    ("lock", "lease, fence and native lock"),
    ("record", "the history tables"),
    ("introspect", "reading the catalogue"),
    ("resolve", "finding out what became of a broken-off statement"),
];

pub(crate) fn check(workspace: &Workspace, found: &mut Vec<Violation>) {
    for package in workspace
        .packages
        .iter()
        .filter(|package| package.is_database_adapter())
    {
        let folder = package.folder();
        for (name, meaning) in FILES {
            let places = [
                format!("{folder}src/{name}.rs"),
                format!("{folder}src/{name}/mod.rs"),
            ];
            if !workspace.files.iter().any(|file| places.contains(&file.path)) {
                found.push(Violation::new(
                    (&places[0], 1),
                    "adapter-files",
                    format!("`{}` has no `{name}.rs`", package.name),
                    format!("every adapter keeps there: {meaning}"),
                ));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::package::Package;
    use crate::tidy::rules::sample::findings_in;
    use crate::tidy::source::SourceFile;

    fn adapter(name: &str, files: &[String]) -> Workspace {
        let packages = vec![Package {
            name: name.to_owned(),
            manifest: format!("{name}/Cargo.toml"),
            dependencies: Vec::new(),
        }];
        Workspace {
            files: files.iter().map(|path| SourceFile::new(path, "")).collect(),
            packages,
        }
    }

    fn all_but(missing: &str) -> Vec<String> {
        let names = FILES
            .iter()
            .map(|(name, _)| *name)
            .filter(|name| *name != missing);
        names.map(|name| format!("dbvc-acme/src/{name}.rs")).collect()
    }

    #[test]
    fn a_missing_file_is_named() {
        let workspace = adapter("dbvc-acme", &all_but("lock"));
        assert_eq!(
            findings_in(check, &workspace),
            ["dbvc-acme/src/lock.rs:1: `dbvc-acme` has no `lock.rs`"]
        );
    }

    #[test]
    fn a_folder_stands_for_its_file() {
        let mut files = all_but("introspect");
        files.push("dbvc-acme/src/introspect/mod.rs".to_owned());
        assert!(findings_in(check, &adapter("dbvc-acme", &files)).is_empty());
    }

    #[test]
    fn an_audit_sink_is_no_database() {
        assert!(findings_in(check, &adapter("dbvc-cosmos", &[])).is_empty());
    }
}
