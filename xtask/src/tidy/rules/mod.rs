//! One file per rule.

pub(super) mod adapter_files;
pub(super) mod crate_graph;
pub(super) mod file_length;
pub(super) mod floors;
pub(super) mod forbidden_text;
pub(super) mod function_length;
pub(super) mod manifests;
pub(super) mod module_names;
pub(super) mod quiet_engine;
pub(super) mod yaml;

#[cfg(test)]
mod sample {
    use crate::tidy::source::SourceFile;
    use crate::tidy::violation::Violation;
    use crate::tidy::{Rule, Workspace};

    /// What a rule says about files given as (path, text), each finding as `path:line: what`.
    pub(super) fn findings(rule: Rule, files: &[(&str, &str)]) -> Vec<String> {
        let files = files
            .iter()
            .map(|(path, text)| SourceFile::new(path, text))
            .collect();
        findings_in(
            rule,
            &Workspace {
                files,
                packages: Vec::new(),
            },
        )
    }

    pub(super) fn findings_in(rule: Rule, workspace: &Workspace) -> Vec<String> {
        let mut found: Vec<Violation> = Vec::new();
        rule(workspace, &mut found);
        found
            .iter()
            .map(|one| format!("{}:{}: {}", one.path, one.line, one.what))
            .collect()
    }
}
