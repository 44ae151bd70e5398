//! `docs/reference/cli.md`, written from the help.

use std::fmt::Write as _;
use std::process::Command;

use clap::CommandFactory as _;
use dbvc_cli::args::Args;

use super::{root, writing};

const HEAD: &str = "\
# The command line

Written from the program's own help by `cargo xtask docs --write`.
";

/// What `dbvc … --help` says.
pub(crate) fn help(words: &[&str]) -> String {
    let output = Command::new(dbvc_tests::binary())
        .args(words)
        .arg("--help")
        .env_clear()
        .env("COLUMNS", "100")
        .output()
        .expect("dbvc");
    assert!(output.status.success(), "{words:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Every flag that a command shares with all others is said once, with `dbvc` itself.
fn page() -> String {
    let mut text = HEAD.to_owned();
    section(&mut text, &[], &help(&[]));
    let mut commands = vec![(Vec::new(), Args::command())];
    while let Some((path, command)) = commands.pop() {
        let mut below: Vec<_> = command
            .get_subcommands()
            .map(|command| {
                let mut path: Vec<String> = path.clone();
                path.push(command.get_name().to_owned());
                (path, command.clone())
            })
            .collect();
        if !path.is_empty() {
            let words: Vec<&str> = path.iter().map(String::as_str).collect();
            section(&mut text, &words, &without_global(&help(&words)));
        }
        below.reverse();
        commands.extend(below);
    }
    text
}

fn section(page: &mut String, words: &[&str], help: &str) {
    let name = ["dbvc"]
        .iter()
        .chain(words)
        .copied()
        .collect::<Vec<_>>()
        .join(" ");
    let body: Vec<&str> = help.trim_end().lines().map(str::trim_end).collect();
    let body = body.join("\n");
    write!(page, "\n## {name}\n\n```text\n{body}\n```\n").expect("writing to a text cannot fail");
}

/// A command's help without the paragraphs of flags that all commands have.
fn without_global(help: &str) -> String {
    let shared = ["Project:", "Limits:", "Confirmation:", "Output:"];
    let kept: Vec<&str> = help
        .split("\n\n")
        .filter(|paragraph| !shared.iter().any(|heading| paragraph.starts_with(heading)))
        .collect();
    kept.join("\n\n")
}

#[test]
fn the_page_of_the_command_line_is_what_the_help_says() {
    let path = root().join("docs/reference/cli.md");
    let wanted = page();
    if writing() {
        std::fs::write(&path, &wanted).expect("it can be written");
        return;
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == wanted,
        "docs/reference/cli.md is not what the help says; `cargo xtask docs --write` writes it"
    );
}
