//! Anchors as notes in the project's git repository, in `refs/notes/dbvc-audit`.

use std::path::Path;
use std::process::Command;

use dbvc_engine::audit::{Anchor, read_anchors};
use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::project::{ExitClass, Failed};

use crate::codes;
use crate::stop::{Failing, Stop};

/// The notes' name, below `refs/notes/`.
const NOTES: &str = "--ref=dbvc-audit";

/// Adds a line to the note of the newest commit.
pub(super) fn write(root: &Path, line: &str) -> Failing<()> {
    git(root, &["notes", NOTES, "append", "-m", line]).map(|_| ())
}

/// Every anchor of every note.
pub(super) fn read(root: &Path) -> Result<Vec<Anchor>, Stop> {
    let list = git(root, &["notes", NOTES, "list"])?;
    let mut anchors = Vec::new();
    for note in list.lines().filter_map(|line| line.split_whitespace().next()) {
        let text = git(root, &["cat-file", "blob", note])?;
        let found = read_anchors(&text).map_err(|error| failed(&format!("the note {note}: {error}")))?;
        anchors.extend(found);
    }
    if anchors.is_empty() {
        let problem = Diagnostic::error(codes::GIT_NOTES, "the project's git notes hold no anchors")
            .note("there is none in refs/notes/dbvc-audit")
            .help(
                "`git fetch origin refs/notes/dbvc-audit:refs/notes/dbvc-audit` brings those that others pushed; \
                 `dbvc audit anchor --to git` writes one",
            );
        return Err(Failed::one(ExitClass::Usage, problem).into());
    }
    Ok(anchors)
}

fn git(root: &Path, words: &[&str]) -> Failing<String> {
    let output = Command::new("git").arg("-C").arg(root).args(words).output();
    let output = output.map_err(|error| failed(&format!("git cannot be run: {error}")))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn failed(why: &str) -> Failed {
    let problem = Diagnostic::error(codes::GIT_NOTES, "anchors in git notes cannot be used")
        .note(why)
        .help("the project must be in a git repository with a commit; `--to FILE` needs none");
    Failed::one(ExitClass::Usage, problem)
}
