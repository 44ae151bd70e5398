//! Rust files stay short enough to read in one sitting.

use crate::tidy::Workspace;
use crate::tidy::violation::Violation;

const MOST_LINES: usize = 400;

pub(crate) fn check(workspace: &Workspace, found: &mut Vec<Violation>) {
    for file in workspace.files.iter().filter(|file| file.is_rust()) {
        let lines = file.line_count();
        if lines > MOST_LINES {
            found.push(Violation::new(
                (&file.path, MOST_LINES + 1),
                "file-length",
                format!("{lines} lines, at most {MOST_LINES} are allowed"),
                "split it where it holds two ideas",
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::rules::sample::findings;

    #[test]
    fn a_file_of_401_lines_is_too_long() {
        let long = "//\n".repeat(401);
        assert_eq!(
            findings(check, &[("a.rs", &long)]),
            ["a.rs:401: 401 lines, at most 400 are allowed"]
        );
    }

    #[test]
    fn a_file_of_400_lines_and_a_long_text_are_fine() {
        let full = "//\n".repeat(400);
        let prose = "word\n".repeat(2000);
        assert!(findings(check, &[("a.rs", &full), ("guide.md", &prose)]).is_empty());
    }
}
