//! What a project asks of its migrations' names.

use serde::{Deserialize, Serialize};

use super::formats::{FileName, Help, Refusal, Role, clean};
use super::problem::codes;
use super::set::Kind;

#[cfg(test)]
mod tests;

/// The longest file name in characters: file systems end at 255 bytes, and the record keeps room for a path.
pub(super) const LONGEST_NAME: usize = 200;

/// Says nothing about what changes.
const VAGUE: &[&str] = &[
    "change",
    "changes",
    "fix",
    "fixes",
    "hotfix",
    "misc",
    "miscellaneous",
    "migration",
    "new",
    "patch",
    "stuff",
    "temp",
    "test",
    "tests",
    "thing",
    "things",
    "tmp",
    "todo",
    "update",
    "updates",
    "wip",
];

/// Alone, these do not make a vague description clearer.
const FILLERS: &[&str] = &[
    "a", "again", "and", "for", "more", "my", "of", "some", "the", "to",
];

/// What a project asks of its migrations' names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct NamingRules {
    /// How strict names are.
    pub style: NamingStyle,
    /// Words that say too little, besides those that dbvc knows (`update`, `fix`, `misc`, …).
    pub vague: Vec<String>,
}

/// How strict names are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NamingStyle {
    /// Words joined by underscores that say what changes.
    #[default]
    Default,
    /// That, and one of `create_X_table`, `add_C_to_T`, `remove_C_from_T`, `add_index_T_C`, `migrate_X_data`.
    Verb,
    /// Everything that Flyway takes.
    Off,
}

impl NamingRules {
    /// Says what is wrong with a name that can be read, and the corrected name.
    pub(super) fn check(&self, name: &FileName) -> Result<(), Refusal> {
        if self.style == NamingStyle::Off {
            return Ok(());
        }
        check_characters(name)?;
        if matches!(name.role, Role::Undo) {
            return Ok(());
        }
        self.check_vague(name)?;
        if self.style == NamingStyle::Verb && name.role == Role::Up(Kind::Versioned) {
            check_verb(name)?;
        }
        Ok(())
    }

    fn check_vague(&self, name: &FileName) -> Result<(), Refusal> {
        let description = name.description.to_lowercase();
        let words: Vec<&str> = description.split(['_', '.']).filter(|w| !w.is_empty()).collect();
        let own = |word: &str| self.vague.iter().any(|vague| vague.to_lowercase() == word);
        let is_vague = |word: &str| VAGUE.contains(&word) || own(word);
        let is_filler = |word: &str| FILLERS.contains(&word) || word.bytes().all(|b| b.is_ascii_digit());
        let says_nothing = words.iter().all(|word| is_vague(word) || is_filler(word));
        if !says_nothing || !words.iter().any(|word| is_vague(word)) {
            return Ok(());
        }
        let example = match self.style {
            NamingStyle::Verb => "add_email_to_customers",
            _ => "Add_email_to_customers",
        };
        Err(Refusal {
            code: codes::NAME_VAGUE,
            message: format!("the description `{}` does not say what changes", name.description),
            help: Help::Say(format!(
                "name the object and the change, such as {}",
                name.with(example)
            )),
        })
    }
}

fn check_characters(name: &FileName) -> Result<(), Refusal> {
    let description = &name.description;
    let odd = description
        .chars()
        .find(|&c| !(c.is_alphanumeric() || c == '_' || c == '.'));
    let stray = description.starts_with('_') || description.ends_with('_');
    let (code, message) = match odd {
        Some('-') => (
            codes::NAME_HYPHEN,
            "words are joined by underscores, not by hyphens".into(),
        ),
        Some(' ') => (
            codes::NAME_CHARACTER,
            "words are joined by underscores, not by spaces".into(),
        ),
        Some(odd) => (
            codes::NAME_CHARACTER,
            format!("`{}` does not belong into a file name", odd.escape_default()),
        ),
        None if stray => (
            codes::NAME_SEPARATOR,
            "there is an underscore too many".to_owned(),
        ),
        None => return Ok(()),
    };
    Err(Refusal {
        code,
        message,
        help: Help::Rename(name.with(&clean(description))),
    })
}

fn check_verb(name: &FileName) -> Result<(), Refusal> {
    let lower = name.description.to_lowercase();
    let words: Vec<&str> = lower.split('_').collect();
    let inner = |word: &str| words.iter().skip(2).rev().skip(1).any(|w| *w == word);
    let fits = match words.as_slice() {
        ["create", middle @ .., "table"] | ["migrate", middle @ .., "data"] => !middle.is_empty(),
        ["add", "index", rest @ ..] => rest.len() >= 2,
        ["add", ..] => inner("to"),
        ["remove", ..] => inner("from"),
        _ => false,
    };
    if fits {
        return Ok(());
    }
    let patterns = [
        "create_X_table",
        "add_C_to_T",
        "remove_C_from_T",
        "add_index_T_C",
        "migrate_X_data",
    ];
    Err(Refusal {
        code: codes::NAME_PATTERN,
        message: format!("`{}` follows none of this project's patterns", name.description),
        help: Help::Say(format!(
            "name it {}",
            patterns.map(|pattern| name.with(pattern)).join(", or ")
        )),
    })
}
