//! What going there and back costs, and how that is known.

use serde::Serialize;

use super::rows::{Contents, Held};
use crate::diff::{DiffOptions, PartWhat, What, diff};
use crate::execute::open;
use crate::plan::{Step, StepScript};
use crate::project::opening::script_problem;
use crate::project::{Context, ExitClass, Failed};
use crate::schema::{Database, ObjectKey, ObjectKind};
use crate::sql::{Dialect, Piece, Statement, TokenKind, leading_words, tokens};

/// How a loss is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LossBasis {
    /// The rows of the scratch database were compared.
    Rows,
    /// The migration removes it and the undo script makes it again, which cannot bring back what was in it.
    Schema,
    /// The undo script has a statement that changes rows, and the scratch database does not show which.
    Statement,
}

impl std::fmt::Display for LossBasis {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Rows => "the rows were compared",
            Self::Schema => "the migration drops it, the undo script makes it empty",
            Self::Statement => "by the statement's text",
        })
    }
}

/// Something that does not come back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// What.
    pub what: String,
    /// How that is known.
    pub basis: LossBasis,
}

/// A migration and its undo script, both of which went well.
pub(super) struct Trip<'a> {
    pub(super) before: &'a Database,
    pub(super) after: &'a Database,
    pub(super) rows_before: &'a Contents,
    pub(super) rows_after: &'a Contents,
    pub(super) rows_back: &'a Contents,
}

impl Trip<'_> {
    pub(super) fn losses(&self, context: &Context<'_>, undo: &Step) -> Result<Vec<Loss>, Failed> {
        let mut losses: Vec<Loss> = self
            .rows_before
            .iter()
            .filter_map(|(key, held)| rows_lost(key, held, self.rows_back.get(key)))
            .collect();
        losses.extend(self.removed().into_iter().map(|what| Loss {
            what,
            basis: LossBasis::Schema,
        }));
        for deed in deeds(context, &undo.script)? {
            losses.extend(self.by_statement(&deed));
        }
        Ok(losses)
    }

    /// What the migration makes that can hold rows: tables and columns.
    pub(super) fn taken_along(&self) -> Vec<String> {
        removed(self.after, self.before, |_| false)
    }

    /// What the migration drops that may have held something; not what was full and is proven to be so again.
    fn removed(&self) -> Vec<String> {
        let came_back = |key: &ObjectKey| {
            let held = self.rows_before.get(key);
            held.is_some_and(|held| held.digest.is_some() && self.rows_back.get(key) == Some(held))
        };
        removed(self.before, self.after, came_back)
    }

    fn by_statement(&self, deed: &Deed) -> Option<Loss> {
        if !matches!(
            deed.verb.as_str(),
            "DELETE" | "UPDATE" | "TRUNCATE" | "MERGE" | "REPLACE"
        ) {
            return None;
        }
        let is_its_own = |name: &String| {
            let named =
                |database: &Database| database.tables().any(|(key, _)| key.name.to_lowercase() == *name);
            named(self.after) && !named(self.before)
        };
        if deed.names.iter().any(is_its_own) {
            return None;
        }
        // Rows came and went again, and those that were there before are there.
        let shown = self.rows_after != self.rows_before && self.rows_back == self.rows_before;
        if deed.chooses && shown {
            return None;
        }
        let which = if deed.chooses { "" } else { ", of all rows," };
        Some(Loss {
            what: format!("the undo script's {}{which} in line {}", deed.verb, deed.line),
            basis: LossBasis::Statement,
        })
    }
}

fn rows_lost(key: &ObjectKey, held: &Held, back: Option<&Held>) -> Option<Loss> {
    let what = match back {
        Some(back) if back == held => return None,
        Some(back) if back.rows == held.rows => {
            format!("rows of {key}: {} before, and not the same afterwards", held.rows)
        }
        back => format!(
            "rows of {key}: {} before, {} afterwards",
            held.rows,
            back.map_or(0, |back| back.rows)
        ),
    };
    Some(Loss {
        what,
        basis: LossBasis::Rows,
    })
}

/// The tables and columns of `from` that `to` does not have, those of some tables left out.
fn removed(from: &Database, to: &Database, leave_out: impl Fn(&ObjectKey) -> bool) -> Vec<String> {
    let mut gone = Vec::new();
    for change in diff(from, to, DiffOptions::default()).changes {
        let key = &change.object;
        if key.kind != ObjectKind::Table || leave_out(key) {
            continue;
        }
        match &change.what {
            What::Removed { .. } => gone.push(key.to_string()),
            What::Changed { parts, .. } => {
                let columns = parts
                    .iter()
                    .filter(|part| part.part == "column" && matches!(part.what, PartWhat::Removed { .. }));
                gone.extend(columns.map(|part| format!("column {} of {key}", part.name)));
            }
            What::Added { .. } => {}
        }
    }
    gone
}

/// What a statement does to rows, as far as its text tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Deed {
    /// Its first word in capitals.
    pub(super) verb: String,
    /// The line of its file.
    pub(super) line: u32,
    /// Every name in it, in small letters.
    pub(super) names: Vec<String>,
    /// Whether it has a `WHERE`.
    pub(super) chooses: bool,
}

impl Deed {
    fn of(statement: &Statement, dialect: &Dialect) -> Self {
        let words = leading_words(&statement.sql, dialect, 1);
        let mut names = Vec::new();
        let mut chooses = false;
        for token in tokens(&statement.sql, dialect) {
            match token.kind {
                TokenKind::Word | TokenKind::QuotedName => {
                    chooses |= token.is_word("WHERE");
                    let bare = token.text.trim_matches(['"', '`', '[', ']']);
                    names.push(bare.to_lowercase());
                }
                _ => {}
            }
        }
        Self {
            verb: words.into_iter().next().unwrap_or_default(),
            line: statement.origin.at.line,
            names,
            chooses,
        }
    }

    /// Whether rows may come, go or change by it, beside those of what it drops or makes anew.
    pub(super) fn may_write(&self) -> bool {
        match self.verb.as_str() {
            "CREATE" => self.names.iter().any(|name| name == "select"),
            "ALTER" | "DROP" | "COMMENT" | "GRANT" | "REVOKE" | "SET" | "RESET" | "ANALYZE" | "REINDEX"
            | "VACUUM" => false,
            _ => true,
        }
    }

    /// Whether it changes rows and nothing else; what triggers do is not looked into, nor what a function does that it
    /// calls.
    pub(super) fn only_writes_rows(&self) -> bool {
        matches!(
            self.verb.as_str(),
            "INSERT" | "UPDATE" | "DELETE" | "REPLACE" | "COPY"
        )
    }

    /// Whether what it writes to cannot be read off it.
    pub(super) fn is_opaque(&self) -> bool {
        matches!(
            self.verb.as_str(),
            "DO" | "CALL" | "SELECT" | "EXECUTE" | "WITH" | "VALUES"
        )
    }
}

/// The statements of a script.
pub(super) fn deeds(context: &Context<'_>, script: &StepScript) -> Result<Vec<Deed>, Failed> {
    let dialect = context.driver.dialect();
    let read = || {
        let mut reader = open(script, &context.settings.placeholders, dialect)?;
        let mut deeds = Vec::new();
        while let Some(piece) = reader.next_piece()? {
            if let Piece::Statement(statement) | Piece::CopyStart(statement) = piece {
                deeds.push(Deed::of(&statement, dialect));
            }
        }
        Ok(deeds)
    };
    read().map_err(|error| Failed::one(ExitClass::Findings, script_problem(script, &error)))
}
