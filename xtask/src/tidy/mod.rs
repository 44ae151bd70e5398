//! House rules as code. Each rule is one file in `rules/` and one line in [`RULES`].

mod package;
mod rules;
mod source;
mod violation;

use std::path::Path;
use std::process::ExitCode;

use package::Package;
use source::SourceFile;
use violation::Violation;

/// Everything a rule may look at.
#[derive(Debug, Default)]
pub(crate) struct Workspace {
    pub(crate) files: Vec<SourceFile>,
    pub(crate) packages: Vec<Package>,
}

/// A rule reads the workspace and appends what it finds.
type Rule = fn(&Workspace, &mut Vec<Violation>);

const RULES: &[Rule] = &[
    rules::file_length::check,
    rules::function_length::check,
    rules::module_names::check,
    rules::floors::check,
    rules::crate_graph::check,
    rules::adapter_files::check,
    rules::forbidden_text::check,
    rules::quiet_engine::check,
    rules::manifests::check,
    rules::yaml::check,
];

/// Prints one line per violation; fails when there is one.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<ExitCode, String> {
    if let Some(argument) = arguments.first() {
        return Err(format!("tidy takes no arguments, got `{argument}`"));
    }
    let workspace = Workspace {
        files: source::tracked(root)?,
        packages: package::members(root)?,
    };
    let violations = check(&workspace);
    for violation in &violations {
        println!("{violation}");
    }
    println!("{}", summary(&workspace, violations.len()));
    Ok(if violations.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn check(workspace: &Workspace) -> Vec<Violation> {
    let mut found = Vec::new();
    for rule in RULES {
        rule(workspace, &mut found);
    }
    found.sort();
    found
}

fn summary(workspace: &Workspace, violations: usize) -> String {
    let mut lengths: Vec<usize> = workspace
        .files
        .iter()
        .filter(|file| file.is_rust())
        .map(SourceFile::line_count)
        .collect();
    lengths.sort_unstable();
    let median = lengths.get(lengths.len() / 2).copied().unwrap_or(0);
    let longest = lengths.last().copied().unwrap_or(0);
    format!(
        "tidy: {} Rust files, median {median} lines (aim: at most 150), longest {longest}, {violations} violations",
        lengths.len()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_summary_reports_the_median_length() {
        let files = [3, 1, 2]
            .map(|lines| SourceFile::new("a.rs", &"//\n".repeat(lines)))
            .to_vec();
        let line = summary(
            &Workspace {
                files,
                packages: Vec::new(),
            },
            0,
        );
        assert!(line.starts_with("tidy: 3 Rust files, median 2 lines"), "{line}");
    }

    #[test]
    fn violations_come_sorted_by_place() {
        let long = "//\n".repeat(401);
        let files = vec![SourceFile::new("b.rs", &long), SourceFile::new("a.rs", &long)];
        let found = check(&Workspace {
            files,
            packages: Vec::new(),
        });
        let places: Vec<_> = found.iter().map(|violation| violation.path.as_str()).collect();
        assert_eq!(places, ["a.rs", "b.rs"]);
    }
}
