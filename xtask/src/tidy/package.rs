//! The workspace's packages, as cargo knows them.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

/// One member of the workspace.
#[derive(Debug, Clone, Default)]
pub(crate) struct Package {
    pub(crate) name: String,
    /// Its `Cargo.toml`, relative to the workspace's root.
    pub(crate) manifest: String,
    /// Names of everything it depends on, of every kind (normal, build, test).
    pub(crate) dependencies: Vec<String>,
}

/// Packages that stand beside the adapters; every other `dbvc-*` package is an adapter.
const NOT_ADAPTERS: &[&str] = &[
    "dbvc-engine",
    "dbvc-cli",
    "dbvc-server",
    "dbvc-plugin",
    "dbvc-tests",
    "dbvc-benches",
];

/// Adapters for something that is not a database with migrations.
const NOT_DATABASES: &[&str] = &["dbvc-cosmos"];

impl Package {
    pub(crate) fn is_adapter(&self) -> bool {
        self.name.starts_with("dbvc-") && !NOT_ADAPTERS.contains(&self.name.as_str())
    }

    pub(crate) fn is_database_adapter(&self) -> bool {
        self.is_adapter() && !NOT_DATABASES.contains(&self.name.as_str())
    }

    /// The folder of the package, with a slash at its end; empty for a package at the root.
    pub(crate) fn folder(&self) -> &str {
        self.manifest.strip_suffix("Cargo.toml").unwrap_or(&self.manifest)
    }
}

/// Asks `cargo metadata` for the members.
pub(crate) fn members(root: &Path) -> Result<Vec<Package>, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let answer = Command::new(cargo)
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root)
        .output()
        .map_err(|error| format!("cannot run cargo metadata: {error}"))?;
    if !answer.status.success() {
        return Err(format!(
            "cargo metadata failed: {}",
            String::from_utf8_lossy(&answer.stderr).trim()
        ));
    }
    let metadata: Value = serde_json::from_slice(&answer.stdout)
        .map_err(|error| format!("cargo metadata answered something that is not JSON: {error}"))?;
    // Cargo's own spelling of the root: it may differ from ours by links or, on Windows, by a prefix.
    let base = text(&metadata["workspace_root"]);
    Ok(array(&metadata["packages"])
        .iter()
        .map(|package| read(package, &base))
        .collect())
}

fn read(package: &Value, base: &str) -> Package {
    let manifest = text(&package["manifest_path"]);
    let manifest = manifest
        .strip_prefix(base)
        .unwrap_or(&manifest)
        .replace('\\', "/");
    Package {
        name: text(&package["name"]),
        manifest: manifest.trim_start_matches('/').to_owned(),
        dependencies: array(&package["dependencies"])
            .iter()
            .map(|one| text(&one["name"]))
            .collect(),
    }
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_names_the_members_of_this_workspace() {
        let members = members(&crate::workspace_root()).expect("cargo metadata answers");
        let engine = members
            .iter()
            .find(|package| package.name == "dbvc-engine")
            .expect("the engine");
        assert_eq!(engine.manifest, "dbvc-engine/Cargo.toml");
        assert_eq!(engine.folder(), "dbvc-engine/");
        assert!(engine.dependencies.iter().any(|name| name == "thiserror"));
    }

    #[test]
    fn what_is_not_listed_as_something_else_is_an_adapter() {
        let named = |name: &str| Package {
            name: name.to_owned(),
            ..Package::default()
        };
        assert!(named("dbvc-oracle").is_database_adapter());
        assert!(named("dbvc-cosmos").is_adapter());
        assert!(!named("dbvc-cosmos").is_database_adapter());
        assert!(!named("dbvc-engine").is_adapter());
        assert!(!named("xtask").is_adapter());
    }
}
