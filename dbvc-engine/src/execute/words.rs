//! The words for a step that failed, with the place in the file.

use crate::diagnostic::{Diagnostic, Label};
use crate::driver::Action;
use crate::error::{DriverError, ErrorKind, Position};
use crate::plan::{Step, StepScript};
use crate::sql::{ScriptError, Statement};
use crate::text::{LineColumn, TextError};

fn path_of(step: &Step) -> std::path::PathBuf {
    match &step.script {
        StepScript::File(script) => script.shown.clone(),
        StepScript::Stored { name, .. } => name.into(),
    }
}

pub(super) fn on_file(diagnostic: Diagnostic, step: &Step) -> Diagnostic {
    diagnostic.label(Label::file(path_of(step)))
}

pub(super) fn on_place(diagnostic: Diagnostic, step: &Step, at: LineColumn, text: String) -> Diagnostic {
    let mut label = Label::place(path_of(step), at, text);
    label.line = line_of(step, at.line);
    label.length = label
        .line
        .as_deref()
        .map_or(1, |line| word_length(line, at.column));
    diagnostic.label(label)
}

/// The text of one line, for the picture; none when it cannot be read any more.
fn line_of(step: &Step, line: u32) -> Option<String> {
    let index = (line as usize).checked_sub(1)?;
    match &step.script {
        StepScript::File(script) => script.line(line),
        StepScript::Stored { text, .. } => text.lines().nth(index).map(ToOwned::to_owned),
    }
}

/// What to run again.
pub(super) fn command(step: &Step) -> &'static str {
    match step.action {
        Action::Rollback => "dbvc rollback",
        _ => "dbvc migrate",
    }
}

pub(super) fn statement_failed(
    step: &Step,
    error: &DriverError,
    statement: Option<&Statement>,
) -> Diagnostic {
    if error.kind == ErrorKind::TrailBroken {
        return unwritten(step, error);
    }
    let mut diagnostic = Diagnostic::error("DBVC5001", format!("statement failed in {}", step.name()));
    diagnostic = match statement {
        Some(statement) => on_place(
            diagnostic,
            step,
            place(statement, error.position),
            error.to_string(),
        ),
        None => on_file(diagnostic, step).note(error.to_string()),
    };
    diagnostic.notes.extend(error.notes.iter().cloned());
    let again = match step.action {
        Action::Rollback => "fix the undo script and run `dbvc rollback` again",
        _ => "fix the file and run `dbvc migrate` again",
    };
    match error.kind {
        ErrorKind::ConnectionLost | ErrorKind::Protocol => {
            diagnostic.help(format!("run `{}` again: it finds out how far this one came", command(step)))
        }
        ErrorKind::LockTimeout => diagnostic.help("another session holds a lock on that object: try again when it is gone, or allow more time with `--lock-timeout`"),
        ErrorKind::StatementTimeout => diagnostic.help("allow more time with `-- dbvc: statement-timeout=…` at the top of the file, or `--statement-timeout`"),
        ErrorKind::Denied => diagnostic.help("give the login the right that is missing, or use one that has it"),
        ErrorKind::Resources => diagnostic.help(format!("make room, then run `{}` again", command(step))),
        _ => diagnostic.help(again),
    }
}

fn place(statement: &Statement, position: Option<Position>) -> LineColumn {
    let offset = match position {
        None => 0,
        Some(Position::Byte(byte)) => byte as usize,
        Some(Position::Char(character)) => {
            let mut indices = statement.sql.char_indices();
            indices
                .nth(character as usize)
                .map_or(statement.sql.len(), |(byte, _)| byte)
        }
        Some(Position::Line(line)) => {
            let before = (line as usize).saturating_sub(1);
            statement
                .sql
                .split_inclusive('\n')
                .take(before)
                .map(str::len)
                .sum()
        }
    };
    statement.locate(offset).at
}

pub(super) fn cancelled(step: &Step, statement: Option<&Statement>) -> Diagnostic {
    let diagnostic = Diagnostic::error("DBVC5003", format!("stopped in {}", step.name()));
    match statement {
        Some(statement) => on_place(
            diagnostic,
            step,
            statement.origin.at,
            "this statement was stopped".into(),
        ),
        None => diagnostic,
    }
    .help(format!("run `{}` to go on", command(step)))
}

pub(super) fn lock_was_lost(step: &Step) -> Diagnostic {
    Diagnostic::error(
        "DBVC5005",
        format!("this run lost the lock before {} was done", step.name()),
    )
    .note(
        "it was stopped, asleep or cut off for longer than its lease, or somebody took the lock from it by force; it wrote \
         nothing after that",
    )
    .help("`dbvc lock status` tells who holds it; run again when that one has ended")
}

pub(super) fn unreadable(step: &Step, error: &ScriptError) -> Diagnostic {
    let diagnostic = Diagnostic::error("DBVC5002", format!("{} cannot be read: {error}", step.name()));
    match error {
        ScriptError::Text(TextError::Changed { .. }) => {
            on_file(diagnostic, step).help("let the file be and run `dbvc migrate` again")
        }
        ScriptError::Text(TextError::Placeholder { at, nearest, .. }) => {
            let hint = nearest.as_ref().map_or_else(
                || {
                    "declare it under `placeholders` in dbvc.toml, or pass `--placeholder name=value`"
                        .to_owned()
                },
                |nearest| format!("did you mean `${{{nearest}}}`?"),
            );
            on_place(diagnostic, step, *at, String::new()).help(hint)
        }
        _ => on_file(diagnostic, step),
    }
}

pub(super) fn unwritten(step: &Step, error: &DriverError) -> Diagnostic {
    let message = format!("the history of {} could not be written: {error}", step.name());
    let code = match error.kind {
        ErrorKind::TrailBroken => "DBVC8010",
        _ => "DBVC5004",
    };
    let mut diagnostic = Diagnostic::error(code, message);
    diagnostic.notes.extend(error.notes.iter().cloned());
    match error.kind {
        ErrorKind::Denied => {
            diagnostic = diagnostic.help("give the login the right that is missing, or use one that has it");
        }
        ErrorKind::Resources => diagnostic = diagnostic.help("make room"),
        ErrorKind::TrailBroken => {
            return diagnostic.help(format!(
                "put back the row that is gone or take out the one that was added, see with `dbvc audit verify` that the trail is \
                 whole, and run `{}` again",
                command(step)
            ));
        }
        _ => {}
    }
    diagnostic.help(format!(
        "run `{}` again: it finds out how far this one came",
        command(step)
    ))
}

pub(super) fn first_line(sql: &str) -> &str {
    sql.lines().next().unwrap_or_default()
}

/// How many characters the word that begins at `column` has; one where no word begins.
fn word_length(line: &str, column: u32) -> u32 {
    let mut rest = line.chars().skip(column.saturating_sub(1) as usize).peekable();
    let length = match rest.peek() {
        Some(quote @ ('"' | '`' | '\'')) => {
            let quote = *quote;
            1 + rest.skip(1).take_while(|letter| *letter != quote).count() + 1
        }
        _ => rest
            .take_while(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '$'))
            .count(),
    };
    u32::try_from(length.max(1)).unwrap_or(1)
}

pub(super) fn orphan_at_work(session: &str) -> Diagnostic {
    Diagnostic::note_only(
        "DBVC5013",
        "the connection was lost, and the server still works on what it sent",
    )
    .note(format!("session {session}; waiting for it"))
}

#[cfg(test)]
mod tests {
    use super::word_length;

    #[test]
    fn the_whole_word_is_underlined() {
        let line = "create index i on invoice(\"my col\", customer_id);";
        assert_eq!(word_length(line, 1), 6);
        assert_eq!(word_length(line, 27), 8);
        assert_eq!(word_length(line, 37), 11);
        assert_eq!(word_length(line, 26), 1);
        assert_eq!(word_length("", 9), 1);
    }
}
