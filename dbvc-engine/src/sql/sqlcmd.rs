//! Lines for `sqlcmd` in a script: none can run here.

use super::{ScriptError, Statement, go::ends_word};

/// The commands that begin with a colon (`sqlcmd` reference, "sqlcmd commands"; SQLCMD mode of Management Studio).
const COMMANDS: [(&str, &str); 17] = [
    (
        "r",
        "put the other file's text into this script or into a migration of its own",
    ),
    (
        "setvar",
        "declare a placeholder, `placeholders.name = \"value\"` in dbvc.toml, and write `${name}` where the script has \
         `$(name)`",
    ),
    (
        "connect",
        "a migration runs in the database that dbvc is connected to; remove the line, and give other databases \
         migrations of their own",
    ),
    (
        "on error",
        "remove it: a run stops at the first error, and takes back what it did",
    ),
    (
        "out",
        "remove it; dbvc writes what the server says to its own output",
    ),
    (
        "error",
        "remove it; dbvc writes what the server says to its own output",
    ),
    (
        "perftrace",
        "remove it; dbvc writes what the server says to its own output",
    ),
    ("exit", "remove it, and what follows it; a script runs to its end"),
    ("quit", "remove it, and what follows it; a script runs to its end"),
    (
        "reset",
        "remove it, and the part of the batch before it, which `:reset` throws away",
    ),
    ("ed", "remove it; it only means something at a keyboard"),
    ("list", "remove it; it only means something at a keyboard"),
    ("listvar", "remove it; it only means something at a keyboard"),
    ("help", "remove it; it only means something at a keyboard"),
    ("serverlist", "remove it; it only means something at a keyboard"),
    ("xml", "remove it; it only changes what sqlcmd shows"),
    (
        "!!",
        "a migration runs no commands of the operating system; run them outside",
    ),
];

/// Whether a line begins with a command; `None` when more text is needed to say.
pub(super) fn is_command(line: &[u8], end_of_input: bool) -> Option<bool> {
    if line.starts_with(b"!!") {
        return Some(true);
    }
    if line.len() < 2 && !end_of_input {
        return None;
    }
    let Some(name) = line.strip_prefix(b":") else {
        return Some(false);
    };
    for (command, _) in COMMANDS {
        let known = name.len().min(command.len());
        if !name[..known].eq_ignore_ascii_case(&command.as_bytes()[..known]) {
            continue;
        }
        let whole = known == command.len();
        match name.get(known) {
            None if !end_of_input => return None,
            None if whole => return Some(true),
            Some(behind) if whole && (command == "!!" || ends_word(*behind)) => return Some(true),
            _ => {}
        }
    }
    Some(false)
}

/// Why the line cannot run. It begins with what is refused.
pub(super) fn refusal(line: &Statement) -> ScriptError {
    let text = line.sql.as_str();
    if text.starts_with("$(") {
        let name = text[2..].split(')').next().unwrap_or_default();
        return client_command(
            line,
            format!("$({name})"),
            format!(
                "use a placeholder, `${{{name}}}`, with its value in dbvc.toml or `--placeholder {name}=…`"
            ),
        );
    }
    if text
        .get(..2)
        .is_some_and(|start| start.eq_ignore_ascii_case("go"))
    {
        return ScriptError::Separator {
            origin: line.origin,
            written: text.to_owned(),
            advice: separator_advice(text),
        };
    }
    let name = text.strip_prefix(':').unwrap_or(text);
    let known = COMMANDS
        .iter()
        .filter(|(command, _)| {
            name.get(..command.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(command))
        })
        .max_by_key(|(command, _)| command.len());
    let (length, advice) = known.map_or((name.len(), "remove it"), |(command, advice)| {
        (command.len(), *advice)
    });
    let colon = text.len() - name.len();
    client_command(line, text[..colon + length].to_owned(), advice.to_owned())
}

fn client_command(line: &Statement, command: String, advice: String) -> ScriptError {
    ScriptError::ClientCommand {
        origin: line.origin,
        command,
        client: "sqlcmd",
        advice,
    }
}

fn separator_advice(written: &str) -> String {
    let behind = written[2..].trim();
    if behind.starts_with(';') {
        return "write `GO` without the `;`: with it, SQL Server's own clients send the word to the server as a part of the \
                batch; where it is a name, write `[GO]`"
            .to_owned();
    }
    if behind.split("--").next().is_some_and(|count| count.trim() == "0") {
        return "take the batch out, or put it into a comment; some clients leave it out at `GO 0`, for others it is an \
                error"
            .to_owned();
    }
    if behind.starts_with("$(") {
        return "write the count as a number; a placeholder, `${name}`, may stand for it".to_owned();
    }
    "behind `GO` only a count from 1 on and a `--` comment may stand; put the rest on a line of its own"
        .to_owned()
}
