//! How migrations are laid out in files: our way and Flyway's, and those of tools that people come from.

use super::problem::codes;
use super::set::Kind;

mod dbmate;
mod diesel;
mod flyway;
mod golang_migrate;
mod goose;
mod numbered;
#[cfg(test)]
mod tests;
mod unknown;

pub(crate) use diesel::read_folder as diesel_folder;

/// Where a file lies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// The folder that holds it, unless that is the migrations folder itself.
    pub(crate) folder: Option<&'a str>,
    pub(crate) file: &'a str,
    /// Whether that is the folder of undo scripts, or below it.
    pub(crate) rollback: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Up(Kind),
    Undo,
}

/// Whether the project's naming rules hold for a file, or another tool's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rules {
    Ours,
    /// Unless the file has sections of another tool.
    OursIfPlain,
    Theirs,
}

/// A file name that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileName {
    pub(crate) role: Role,
    /// `None` for a repeatable migration.
    pub(crate) version: Option<String>,
    /// As written, words joined by underscores.
    pub(crate) description: String,
    pub(crate) rules: Rules,
    /// What stands before and after the description, so that a corrected name can be shown.
    pub(crate) around: (String, String),
}

impl FileName {
    pub(crate) fn with(&self, description: &str) -> String {
        format!("{}{description}{}", self.around.0, self.around.1)
    }
}

/// A file name that is refused, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) help: Help,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Help {
    /// The corrected name.
    Rename(String),
    /// The corrected name needs a version, which only the whole directory can tell.
    Version(String),
    Say(String),
}

type Recognised = Option<Result<FileName, Refusal>>;

/// One way to name files. `None` means: not one of ours; the order decides.
struct Format {
    read: fn(Place<'_>) -> Recognised,
}

const FORMATS: [Format; 5] = [
    Format { read: diesel::read },
    Format {
        read: golang_migrate::read,
    },
    Format { read: flyway::read },
    Format { read: numbered::read },
    Format { read: unknown::read },
];

/// What a file name says; `None` for a file that has nothing to do with migrations.
pub(crate) fn recognise(place: Place<'_>) -> Recognised {
    FORMATS.iter().find_map(|format| (format.read)(place))
}

/// The comment lines by which a tool keeps the way up and the way down in one file.
pub(crate) struct Markers {
    pub(crate) up: &'static str,
    pub(crate) down: &'static str,
    pub(crate) is_up: fn(&str) -> bool,
    pub(crate) is_down: fn(&str) -> bool,
}

/// All of them.
pub(crate) const MARKERS: [&Markers; 2] = [&dbmate::MARKERS, &goose::MARKERS];

/// The description with every character that does not belong replaced.
pub(crate) fn clean(description: &str) -> String {
    let replaced = |c: char| {
        if c.is_alphanumeric() || c == '.' { c } else { '_' }
    };
    let text: String = description.chars().map(replaced).collect();
    let words: Vec<&str> = text.split('_').filter(|word| !word.is_empty()).collect();
    words.join("_")
}

/// A file's name without `.sql`, written in whatever case, and whether it was written right.
fn sql_stem(file: &str) -> Option<(&str, bool)> {
    let dot = file.len().checked_sub(4)?;
    let extension = file.get(dot..)?;
    extension
        .eq_ignore_ascii_case(".sql")
        .then(|| (&file[..dot], extension == ".sql"))
}

/// The role of an up script's name that may be an undo script's, and the description without `_rollback`.
fn undo_or<'a>(kind: Kind, description: &'a str, place: Place<'_>) -> (Role, &'a str, &'static str) {
    match description.strip_suffix("_rollback") {
        Some(rest) if !rest.is_empty() => (Role::Undo, rest, "_rollback.sql"),
        _ if place.rollback => (Role::Undo, description, ".sql"),
        _ => (Role::Up(kind), description, ".sql"),
    }
}

fn empty_description(before: &str, after: &str) -> Refusal {
    Refusal {
        code: codes::NAME_EMPTY,
        message: "the name has no description".into(),
        help: Help::Say(format!(
            "say what changes, such as {before}Add_email_to_customers{after}"
        )),
    }
}

fn rename(code: &'static str, message: impl Into<String>, to: String) -> Refusal {
    Refusal {
        code,
        message: message.into(),
        help: Help::Rename(to),
    }
}
