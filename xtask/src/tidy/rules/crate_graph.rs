//! Adapters depend on the engine and never on each other; nothing depends on the command line tool.

use crate::tidy::Workspace;
use crate::tidy::package::Package;
use crate::tidy::violation::Violation;

const ENGINE: &str = "dbvc-engine";
const CLI: &str = "dbvc-cli";
/// The one member that drives the finished tool.
const SUITE: &str = "dbvc-tests";

pub(crate) fn check(workspace: &Workspace, found: &mut Vec<Violation>) {
    let members = &workspace.packages;
    for package in members {
        let inside = package
            .dependencies
            .iter()
            .filter(|name| members.iter().any(|one| one.name == **name));
        for dependency in inside {
            if let Some(mend) = forbidden(package, dependency, members) {
                found.push(Violation::new(
                    (&package.manifest, line_of(workspace, package, dependency)),
                    "crate-graph",
                    format!("`{}` depends on `{dependency}`", package.name),
                    mend,
                ));
            }
        }
    }
}

/// Why the edge may not be there, said as what to do instead.
fn forbidden(package: &Package, dependency: &str, members: &[Package]) -> Option<&'static str> {
    let is_adapter = |name: &str| members.iter().any(|one| one.name == name && one.is_adapter());
    if package.name == ENGINE {
        return Some("the engine stands below every other crate: turn the edge round");
    }
    if package.is_adapter() && dependency != ENGINE {
        return Some("an adapter depends on `dbvc-engine` only: move what both need into the engine");
    }
    if dependency == CLI && package.name != SUITE && !package.folder().starts_with("examples/") {
        return Some("only the tests and a vendor's binary may use the command line tool");
    }
    if package.name == "dbvc-server" && is_adapter(dependency) {
        return Some("the server takes a registry: let its binary choose the adapters");
    }
    None
}

fn line_of(workspace: &Workspace, package: &Package, dependency: &str) -> usize {
    let manifest = workspace.files.iter().find(|file| file.path == package.manifest);
    let position = manifest.and_then(|file| file.text.lines().position(|line| line.starts_with(dependency)));
    position.map_or(1, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::rules::sample::findings_in;
    use crate::tidy::source::SourceFile;

    fn workspace(edges: &[(&str, &[&str])]) -> Workspace {
        let package = |(name, dependencies): &(&str, &[&str])| Package {
            name: (*name).to_owned(),
            manifest: format!("{name}/Cargo.toml"),
            dependencies: dependencies.iter().map(|one| (*one).to_owned()).collect(),
        };
        Workspace {
            files: Vec::new(),
            packages: edges.iter().map(package).collect(),
        }
    }

    #[test]
    fn an_adapter_may_not_use_another() {
        let mut workspace = workspace(&[
            ("dbvc-engine", &[]),
            ("dbvc-sqlite", &["dbvc-engine"]),
            ("dbvc-postgres", &["dbvc-engine", "dbvc-sqlite"]),
        ]);
        workspace.files.push(SourceFile::new(
            "dbvc-postgres/Cargo.toml",
            "[dependencies]\ndbvc-sqlite.workspace = true\n",
        ));
        assert_eq!(
            findings_in(check, &workspace),
            ["dbvc-postgres/Cargo.toml:2: `dbvc-postgres` depends on `dbvc-sqlite`"]
        );
    }

    #[test]
    fn the_engine_uses_no_other_member() {
        let workspace = workspace(&[("dbvc-engine", &["dbvc-sqlite", "serde"]), ("dbvc-sqlite", &[])]);
        assert_eq!(findings_in(check, &workspace).len(), 1);
    }

    #[test]
    fn only_tests_and_examples_use_the_command_line_tool() {
        let mut workspace = workspace(&[
            ("dbvc-cli", &[]),
            ("dbvc-tests", &["dbvc-cli"]),
            ("xtask", &["dbvc-cli"]),
            ("acme", &["dbvc-cli"]),
        ]);
        workspace.packages[3].manifest = "examples/acme/Cargo.toml".to_owned();
        assert_eq!(
            findings_in(check, &workspace),
            ["xtask/Cargo.toml:1: `xtask` depends on `dbvc-cli`"]
        );
    }
}
