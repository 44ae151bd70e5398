//! Words that may not be committed: paths of one machine, and unfinished code.

use crate::tidy::Workspace;
use crate::tidy::violation::Violation;

// Written in two parts, so that this file keeps its own rule.
const MACHINE_PATHS: &[&str] = &[concat!("/wo", "rk/"), concat!("/tm", "p/"), concat!("/ro", "ot/")];
const UNFINISHED: &[&str] = &[
    concat!("to", "do!"),
    concat!("unimple", "mented!"),
    concat!("db", "g!"),
];

pub(crate) fn check(workspace: &Workspace, found: &mut Vec<Violation>) {
    for file in &workspace.files {
        for (index, line) in file.text.lines().enumerate() {
            let place = (file.path.as_str(), index + 1);
            if let Some(path) = MACHINE_PATHS.iter().find(|path| starts_a_word(line, path)) {
                found.push(Violation::new(
                    place,
                    "machine-path",
                    format!("`{path}` is a path of one machine"),
                    "use a relative path or a temporary folder",
                ));
            }
            let unfinished = UNFINISHED
                .iter()
                .find(|word| file.is_rust() && starts_a_word(line, word));
            if let Some(word) = unfinished {
                found.push(Violation::new(
                    place,
                    "unfinished",
                    format!("`{word}` is left in the code"),
                    "finish it or take it out",
                ));
            }
        }
    }
}

/// Whether `word` is in `line` and is not the tail of a longer path, address or name.
fn starts_a_word(line: &str, word: &str) -> bool {
    let continues = |before: char| before.is_alphanumeric() || "._-~}/$_*".contains(before);
    line.match_indices(word)
        .any(|(at, _)| !line[..at].chars().next_back().is_some_and(continues))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::rules::sample::findings;

    #[test]
    fn a_path_of_one_machine_is_refused_in_any_text() {
        let text = format!("first\nsee {}notes\n", MACHINE_PATHS[0]);
        let what = format!("docs/a.md:2: `{}` is a path of one machine", MACHINE_PATHS[0]);
        assert_eq!(findings(check, &[("docs/a.md", &text)]), [what]);
    }

    #[test]
    fn an_unfinished_macro_is_refused_in_rust_only() {
        let text = format!("fn a() {{ {}() }}", UNFINISHED[0]);
        assert_eq!(findings(check, &[("a.rs", &text), ("a.md", &text)]).len(), 1);
    }

    #[test]
    fn longer_paths_and_addresses_are_fine() {
        for text in [
            "home/work/x",
            "https://example.org/work/x",
            "./tmp/x",
            "$HOME/tmp/x",
            "${DIR}/tmp/x",
        ] {
            assert!(findings(check, &[("a.md", text)]).is_empty(), "{text}");
        }
    }
}
