//! Which git branch is checked out. Read from `.git` itself, so that no git need be installed.

use std::path::{Path, PathBuf};

/// The branch that is checked out in the work tree around `directory`; none outside of one and on a detached head.
pub(super) fn current(directory: &Path) -> Option<String> {
    let git = directory
        .ancestors()
        .map(|folder| folder.join(".git"))
        .find(|git| git.exists())?;
    let head = std::fs::read_to_string(git_folder(&git)?.join("HEAD")).ok()?;
    let branch = head.trim().strip_prefix("ref: refs/heads/")?;
    Some(branch.to_owned())
}

/// In a linked work tree `.git` is a file that names the folder (gitrepository-layout, "gitfile").
fn git_folder(git: &Path) -> Option<PathBuf> {
    if git.is_dir() {
        return Some(git.to_owned());
    }
    let text = std::fs::read_to_string(git).ok()?;
    let folder = Path::new(text.trim().strip_prefix("gitdir: ")?).to_owned();
    Some(git.parent()?.join(folder))
}

/// Whether a branch belongs to a pattern, in which `*` stands for any text, slashes too.
pub(super) fn matches(pattern: &str, branch: &str) -> bool {
    glob::Pattern::new(pattern).is_ok_and(|pattern| pattern.matches(branch))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_people_expect() {
        for (pattern, branch, wanted) in [
            ("main", "main", true),
            ("main", "maintenance", false),
            ("release/*", "release/1.2", true),
            ("release/*", "release/1/2", true),
            ("release/*", "release", false),
            ("*", "feature/x", true),
            ("v[0-9]*", "v2", true),
        ] {
            assert_eq!(matches(pattern, branch), wanted, "{pattern} {branch}");
        }
    }

    #[test]
    fn the_branch_is_found_from_a_subfolder() {
        let folder = tempfile::tempdir().expect("a folder");
        let git = folder.path().join(".git");
        std::fs::create_dir_all(&git).expect("made");
        std::fs::write(git.join("HEAD"), "ref: refs/heads/release/1.2\n").expect("written");
        let below = folder.path().join("a/b");
        std::fs::create_dir_all(&below).expect("made");
        assert_eq!(current(&below).as_deref(), Some("release/1.2"));
    }

    #[test]
    fn a_linked_work_tree_and_a_detached_head_are_understood() {
        let folder = tempfile::tempdir().expect("a folder");
        let real = folder.path().join("real");
        let tree = folder.path().join("tree");
        std::fs::create_dir_all(&real).expect("made");
        std::fs::create_dir_all(&tree).expect("made");
        std::fs::write(tree.join(".git"), "gitdir: ../real\n").expect("written");
        std::fs::write(real.join("HEAD"), "ref: refs/heads/topic\n").expect("written");
        assert_eq!(current(&tree).as_deref(), Some("topic"));
        std::fs::write(real.join("HEAD"), "0123456789abcdef\n").expect("written");
        assert_eq!(current(&tree), None);
    }
}
