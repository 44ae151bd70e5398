//! Which commit and branch the files are of, without running git: as the CI service's variables say, else as the files in
//! `.git` do (gitrepository-layout(5)).

use std::fs;
use std::path::{Path, PathBuf};

use crate::config::Surroundings;

/// Each service's variables: the commit, and where the branch may be.
const SERVICES: [(&str, &[&str]); 6] = [
    ("GITHUB_SHA", &["GITHUB_HEAD_REF", "GITHUB_REF_NAME"]),
    (
        "CI_COMMIT_SHA",
        &["CI_COMMIT_BRANCH", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME"],
    ),
    ("BUILD_SOURCEVERSION", &["BUILD_SOURCEBRANCHNAME"]),
    ("BITBUCKET_COMMIT", &["BITBUCKET_BRANCH"]),
    ("CIRCLE_SHA1", &["CIRCLE_BRANCH"]),
    ("GIT_COMMIT", &["GIT_BRANCH"]),
];

/// The commit and the branch, as far as they are known.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Checkout {
    pub(crate) commit: Option<String>,
    pub(crate) branch: Option<String>,
}

impl Checkout {
    pub(crate) fn of(surroundings: &Surroundings) -> Self {
        let get = |name: &str| surroundings.variable(name).map(ToOwned::to_owned);
        for (commit, branches) in SERVICES {
            if let Some(commit) = get(commit) {
                return Self {
                    commit: Some(commit),
                    branch: branches.iter().find_map(|name| get(name)),
                };
            }
        }
        folder(&surroundings.directory)
            .and_then(|folder| Self::read(&folder))
            .unwrap_or_default()
    }

    fn read(folder: &Path) -> Option<Self> {
        let head = line(&folder.join("HEAD"))?;
        let Some(name) = head.strip_prefix("ref: ").map(str::trim) else {
            return Some(Self {
                commit: is_commit(&head).then_some(head),
                branch: None,
            });
        };
        // A worktree's branches are in the repository that it belongs to.
        let common = line(&folder.join("commondir")).map(|path| folder.join(path));
        let commit = std::iter::once(folder)
            .chain(common.as_deref())
            .find_map(|place| {
                let loose = line(&place.join(name)).filter(|commit| is_commit(commit));
                loose.or_else(|| packed(place, name))
            });
        Some(Self {
            commit,
            branch: name.strip_prefix("refs/heads/").map(ToOwned::to_owned),
        })
    }
}

/// The folder that git keeps its files in, of the directory or of one above it.
fn folder(directory: &Path) -> Option<PathBuf> {
    let git = directory
        .ancestors()
        .map(|above| above.join(".git"))
        .find(|git| git.exists())?;
    if git.is_dir() {
        return Some(git);
    }
    let path = line(&git)?;
    let path = path.strip_prefix("gitdir:")?.trim();
    Some(git.parent()?.join(path))
}

fn packed(place: &Path, name: &str) -> Option<String> {
    let text = fs::read_to_string(place.join("packed-refs")).ok()?;
    text.lines()
        .filter_map(|line| line.split_once(' '))
        .find(|(commit, packed)| *packed == name && is_commit(commit))
        .map(|(commit, _)| commit.to_owned())
}

fn line(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    text.lines().next().map(|line| line.trim().to_owned())
}

fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

    fn at(directory: &Path) -> Checkout {
        Checkout::of(&Surroundings {
            directory: directory.to_owned(),
            ..Surroundings::default()
        })
    }

    fn write(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    #[test]
    fn a_branch_is_found_from_a_folder_below() {
        let folder = tempfile::tempdir().expect("a folder");
        let git = folder.path().join(".git");
        write(&git.join("HEAD"), "ref: refs/heads/feature/x\n");
        write(&folder.path().join("db/dbvc.toml"), "");
        let below = folder.path().join("db");
        assert_eq!(at(&below).branch.as_deref(), Some("feature/x"));
        assert_eq!(at(&below).commit, None, "nothing is committed yet");
        write(
            &git.join("packed-refs"),
            &format!("# pack-refs\n{COMMIT} refs/heads/feature/x\n^{COMMIT}\n"),
        );
        assert_eq!(at(&below).commit.as_deref(), Some(COMMIT));
        let newer = COMMIT.replace('0', "f");
        write(&git.join("refs/heads/feature/x"), &format!("{newer}\n"));
        assert_eq!(at(&below).commit, Some(newer));
    }

    #[test]
    fn a_worktree_and_a_detached_head_are_read_too() {
        let folder = tempfile::tempdir().expect("a folder");
        let git = folder.path().join("main/.git");
        write(&git.join("refs/heads/b"), COMMIT);
        write(&git.join("worktrees/w/HEAD"), "ref: refs/heads/b\n");
        write(&git.join("worktrees/w/commondir"), "../..\n");
        write(
            &folder.path().join("w/.git"),
            "gitdir: ../main/.git/worktrees/w\n",
        );
        let wanted = Checkout {
            commit: Some(COMMIT.to_owned()),
            branch: Some("b".to_owned()),
        };
        assert_eq!(at(&folder.path().join("w")), wanted);
        write(&git.join("HEAD"), COMMIT);
        let detached = at(&folder.path().join("main"));
        assert_eq!(
            (detached.commit.as_deref(), detached.branch),
            (Some(COMMIT), None)
        );
    }

    #[test]
    fn outside_of_a_repository_nothing_is_known_and_the_ci_services_word_counts_first() {
        let folder = tempfile::tempdir().expect("a folder");
        write(&folder.path().join(".git/HEAD"), "nonsense");
        let mut surroundings = Surroundings {
            directory: folder.path().to_owned(),
            ..Surroundings::default()
        };
        assert_eq!(Checkout::of(&surroundings), Checkout::default());
        for (name, value) in [("GITHUB_SHA", "abc"), ("GITHUB_REF_NAME", "main")] {
            surroundings.variables.insert(name.to_owned(), value.to_owned());
        }
        let checkout = Checkout::of(&surroundings);
        assert_eq!(
            (checkout.commit.as_deref(), checkout.branch.as_deref()),
            (Some("abc"), Some("main"))
        );
    }
}
