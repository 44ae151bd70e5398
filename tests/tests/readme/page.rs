//! A page's sessions: what is typed, what comes back, and the files that the reader is told to write.
//!
//! - A fence ```` ```console ```` is run; `$ ` begins a command, `> ` continues it, and a line `...` in its output
//!   stands for any number of lines. A command that fails ends with the line `[exit code N]`.
//! - A fence such as ```` ```sql file=migrations/V1__x.sql ```` is written to that file.
//! - `<!-- with examples/notes -->` copies that folder, `<!-- on postgres -->` gives an empty database in `DB_HOST`
//!   and the like, `<!-- on mariadb -->` one in `DATABASE_HOST` and the like, and `<!-- not run -->` before a fence leaves it alone.

/// A part of a page, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Part {
    /// Text that means nothing here.
    Text(String),
    /// A file to write: its path and its text.
    File(String, String),
    /// A command and its output.
    Command(String, Vec<String>),
    /// A folder to copy.
    With(String),
    /// A database on a server is wanted.
    OnPostgres,
    /// The same on MariaDB.
    OnMariaDb,
}

/// Reads a page.
pub(crate) fn read(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut lines = text.lines().peekable();
    let mut skip = false;
    while let Some(line) = lines.next() {
        if let Some(folder) = line
            .strip_prefix("<!-- with ")
            .and_then(|rest| rest.strip_suffix(" -->"))
        {
            parts.push(Part::With(folder.to_owned()));
        } else if line == "<!-- on postgres -->" {
            parts.push(Part::OnPostgres);
        } else if line == "<!-- on mariadb -->" {
            parts.push(Part::OnMariaDb);
        }
        parts.push(Part::Text(line.to_owned()));
        let Some(info) = line.strip_prefix("```").filter(|info| !info.is_empty()) else {
            skip = line == "<!-- not run -->" || (skip && line.is_empty());
            continue;
        };
        let body: Vec<String> = lines
            .by_ref()
            .take_while(|line| *line != "```")
            .map(ToOwned::to_owned)
            .collect();
        if let Some((_, file)) = info.split_once(" file=") {
            parts.push(Part::File(file.to_owned(), body.join("\n") + "\n"));
        } else if info == "console" && !skip {
            parts.extend(commands(&body));
        } else {
            parts.extend(body.into_iter().map(Part::Text));
        }
        parts.push(Part::Text("```".to_owned()));
        skip = false;
    }
    parts
}

fn commands(body: &[String]) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for line in body {
        match (line.strip_prefix("$ "), parts.last_mut()) {
            (Some(command), _) => parts.push(Part::Command(command.to_owned(), Vec::new())),
            (None, Some(Part::Command(command, output))) => match line.strip_prefix("> ") {
                Some(more) if output.is_empty() => {
                    command.push('\n');
                    command.push_str(more);
                }
                _ => output.push(line.clone()),
            },
            (None, _) => panic!("a session begins with a command, and not with `{line}`"),
        }
    }
    parts
}

/// The page's text.
pub(crate) fn write(parts: &[Part]) -> String {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Text(line) => text.push_str(line),
            Part::File(_, body) => text.push_str(body.trim_end_matches('\n')),
            Part::Command(command, output) => {
                text.push_str("$ ");
                text.push_str(&command.replace('\n', "\n> "));
                for line in output {
                    text.push('\n');
                    text.push_str(line);
                }
            }
            Part::With(_) | Part::OnPostgres | Part::OnMariaDb => continue,
        }
        text.push('\n');
    }
    text
}

#[test]
fn a_page_that_is_read_and_written_is_the_same() {
    let text = "# T\n<!-- with examples/notes -->\n```console\n$ a \\\n> b\nout\n\n$ c\n```\n\n```sql file=x\nselect 1;\n```\nend\n";
    let parts = read(text);
    assert_eq!(write(&parts), text);
    assert!(parts.contains(&Part::Command(
        "a \\\nb".into(),
        vec!["out".into(), String::new()]
    )));
    assert!(parts.contains(&Part::File("x".into(), "select 1;\n".into())));
}
