//! `docs/reference/diagnostics.md` and the exit codes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::root;

/// The codes in a text: `DBVC` and four digits.
fn codes(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices("DBVC").filter_map(|(at, _)| {
        let code = text.get(at..at + 8)?;
        code[4..]
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then_some(code)
    })
}

/// Every code that the product can say: those in the sources of the crates, without their tests.
fn of_the_sources() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for package in ["dbvc-engine", "dbvc-cli", "dbvc-sqlite", "dbvc-postgres"] {
        let mut folders = vec![root().join(package).join("src")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(&folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else if !is_test(&path) {
                    let text = std::fs::read_to_string(&path).expect("a source file");
                    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
                    // Only quoted ones are said; those in comments are about others.
                    found.extend(
                        codes(code)
                            .filter(|found| code.contains(&format!("\"{found}\"")))
                            .map(ToOwned::to_owned),
                    );
                }
            }
        }
    }
    found
}

fn is_test(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.components().any(|part| part.as_os_str() == "tests")
        || name == "tests.rs"
        || name.ends_with("_tests.rs")
}

fn page(name: &str) -> String {
    let path: PathBuf = root().join("docs/reference").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_code_is_listed_once_and_none_is_dead() {
    let page = page("diagnostics.md");
    let rows: Vec<String> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .flat_map(codes)
        .map(ToOwned::to_owned)
        .collect();
    let listed: BTreeSet<String> = rows.iter().cloned().collect();
    assert_eq!(listed.len(), rows.len(), "a code is listed twice");
    let said = of_the_sources();
    let unlisted: Vec<_> = said.difference(&listed).collect();
    let dead: Vec<_> = listed.difference(&said).collect();
    assert!(unlisted.is_empty(), "not in diagnostics.md: {unlisted:?}");
    assert!(dead.is_empty(), "in diagnostics.md and said by nothing: {dead:?}");
}

#[test]
fn the_exit_codes_of_the_page_are_those_of_the_help() {
    let page = page("exit-codes.md");
    let help = super::reference::help(&[]);
    let listed: Vec<u32> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| ")?.split(' ').next()?.parse().ok())
        .collect();
    let (_, words) = help.split_once("Exit codes:").expect("the help has them");
    let said: Vec<u32> = words
        .split(['·', '\n'])
        .filter_map(|part| part.trim().split(' ').next()?.parse().ok())
        .collect();
    assert_eq!(listed, said);
}
