//! `cargo xtask picture`: draws the README's picture from what dbvc really prints.

mod ansi;
mod svg;

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};

use crate::demo;

/// What is typed. One migration is written in between, with a misspelt column.
const SESSION: &[&[&str]] = &[&["migrate"], &["status"], &["migrate"]];

/// Written before the last command.
const BROKEN: &str = "CREATE TABLE label (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL
);
CREATE INDEX label_by_name ON label (nmae);
";

/// Runs the session on a fresh copy of `examples/notes` and writes `docs/images/session.svg`.
pub(crate) fn run(root: &Path, _arguments: &[String]) -> Result<ExitCode, String> {
    demo::build(root)?;
    let folder = root.join("target").join("picture");
    let words = |what: &str, error: &std::io::Error| format!("cannot {what}: {error}");
    demo::fresh_copy(&root.join("examples").join("notes"), &folder)
        .map_err(|error| words("copy the example", &error))?;
    let binary = root.join("target").join("debug").join("dbvc");
    let mut lines = Vec::new();
    for (index, arguments) in SESSION.iter().enumerate() {
        if index + 1 == SESSION.len() {
            fs::write(folder.join("migrations/V1.6.0__Add_labels.sql"), BROKEN)
                .and_then(|()| {
                    fs::write(
                        folder.join("rollback/V1.6.0__Add_labels_rollback.sql"),
                        "DROP TABLE label;\n",
                    )
                })
                .map_err(|error| words("write the failing migration", &error))?;
        }
        if index > 0 {
            lines.push(Vec::new());
        }
        lines.push(ansi::typed(&format!("dbvc {}", arguments.join(" "))));
        // Both outputs in the order in which a terminal would show them.
        let output = Command::new("sh")
            .args(["-c", "exec \"$0\" --color always \"$@\" 2>&1"])
            .arg(&binary)
            .args(*arguments)
            .current_dir(&folder)
            .output()
            .map_err(|error| words("run dbvc", &error))?;
        let text = String::from_utf8_lossy(&output.stdout);
        lines.extend(text.trim_end().lines().map(ansi::line));
    }
    let path = root.join("docs").join("images").join("session.svg");
    fs::write(&path, svg::draw(&lines)).map_err(|error| words("write the picture", &error))?;
    println!("wrote {}", path.display());
    Ok(ExitCode::SUCCESS)
}
