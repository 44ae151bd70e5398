//! Versions and lints live in the root manifest only; every member says `workspace = true`.

use toml::{Table, Value};

use crate::tidy::Workspace;
use crate::tidy::source::SourceFile;
use crate::tidy::violation::Violation;

const KINDS: &[&str] = &["dependencies", "dev-dependencies", "build-dependencies"];

pub(crate) fn check(workspace: &Workspace, found: &mut Vec<Violation>) {
    for package in &workspace.packages {
        let Some(file) = workspace.files.iter().find(|file| file.path == package.manifest) else {
            continue;
        };
        let Ok(manifest) = file.text.parse::<Table>() else {
            continue;
        };
        if !inherits(manifest.get("lints")) {
            found.push(Violation::new(
                (&file.path, 1),
                "lints",
                format!("`{}` does not take the workspace's lints", package.name),
                "add `[lints]` with `workspace = true`",
            ));
        }
        dependencies(file, &manifest, found);
        let targets = manifest.get("target").and_then(Value::as_table);
        for target in targets
            .into_iter()
            .flat_map(Table::values)
            .filter_map(Value::as_table)
        {
            dependencies(file, target, found);
        }
    }
}

fn dependencies(file: &SourceFile, table: &Table, found: &mut Vec<Violation>) {
    for kind in KINDS {
        let Some(entries) = table.get(*kind).and_then(Value::as_table) else {
            continue;
        };
        for (name, _) in entries.iter().filter(|(_, value)| !inherits(Some(*value))) {
            found.push(Violation::new(
                (&file.path, line_of(&file.text, name)),
                "dependency-version",
                format!("`{name}` has a version or path of its own"),
                "put it into `[workspace.dependencies]` and write `workspace = true` here",
            ));
        }
    }
}

fn inherits(value: Option<&Value>) -> bool {
    value
        .and_then(|value| value.get("workspace"))
        .and_then(Value::as_bool)
        == Some(true)
}

fn line_of(text: &str, name: &str) -> usize {
    let starts = |line: &str| {
        line.trim_start_matches(['"', '\'']).starts_with(name) || line.contains(&format!(".{name}]"))
    };
    text.lines().position(starts).map_or(1, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::package::Package;
    use crate::tidy::rules::sample::findings_in;

    fn about(text: &str) -> Vec<String> {
        let packages = vec![Package {
            name: "acme".to_owned(),
            manifest: "acme/Cargo.toml".to_owned(),
            dependencies: Vec::new(),
        }];
        let files = vec![SourceFile::new("acme/Cargo.toml", text)];
        findings_in(check, &Workspace { files, packages })
    }

    #[test]
    fn a_version_of_its_own_is_refused_in_every_table() {
        let text = "[lints]\nworkspace = true\n[dependencies]\nserde = \"1\"\n[dev-dependencies]\ntoml = { path = \"x\" }\n\
                    [target.'cfg(unix)'.dependencies.nix]\nversion = \"1\"\n";
        assert_eq!(
            about(text),
            [
                "acme/Cargo.toml:4: `serde` has a version or path of its own",
                "acme/Cargo.toml:6: `toml` has a version or path of its own",
                "acme/Cargo.toml:7: `nix` has a version or path of its own",
            ]
        );
    }

    #[test]
    fn missing_lints_are_refused() {
        assert_eq!(
            about("[package]\n"),
            ["acme/Cargo.toml:1: `acme` does not take the workspace's lints"]
        );
    }

    #[test]
    fn inheriting_everything_is_fine() {
        let text = "[lints]\nworkspace = true\n[dependencies]\nserde.workspace = true\n\
                    toml = { workspace = true, features = [\"x\"] }\n";
        assert!(about(text).is_empty());
    }
}
