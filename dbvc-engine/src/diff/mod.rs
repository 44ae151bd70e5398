//! What two schemas differ in.
//!
//! Generic: it walks what the models write of themselves, so that nothing that a model holds can be overlooked, and
//! knows no database. Both sides must have one adapter's spelling.

mod carry;
mod logical;
mod markdown;
mod order;
mod pairs;
mod parts;
mod renames;
mod report;
mod shape;

#[cfg(test)]
mod tests;

pub use carry::carry;
pub use logical::{Parity, ParityNote, parity};
pub use pairs::{Part, pairs};

use serde::Serialize;
use serde_json::Value;

use crate::schema::{Database, Object, ObjectKey};

/// What is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiffOptions {
    /// Whose an object is.
    pub owners: bool,
    /// Who may do what.
    pub grants: bool,
    /// The order of the columns that both sides have.
    pub column_order: bool,
}

impl Default for DiffOptions {
    fn default() -> Self {
        Self {
            owners: true,
            grants: true,
            column_order: true,
        }
    }
}

/// What leads from one schema to another.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Difference {
    /// The objects that differ, in an order in which they can be changed one after another.
    pub changes: Vec<Change>,
    /// What looks like another name for the same rather than a removal and an addition. Only a hint: the changes are told
    /// in full.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub renames: Vec<Rename>,
}

/// An object that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Change {
    /// Which.
    pub object: ObjectKey,
    /// How.
    #[serde(flatten)]
    pub what: What,
}

/// How an object differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub enum What {
    /// It is new.
    Added {
        /// What it is.
        object: Box<Object>,
    },
    /// It is there no more.
    Removed {
        /// What it was.
        object: Box<Object>,
    },
    /// It is another.
    Changed {
        /// What differs of the object itself.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        fields: Vec<FieldChange>,
        /// What differs in its columns, keys and other parts.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        parts: Vec<PartChange>,
    },
}

/// A part of an object that differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PartChange {
    /// What it is: `column`, `foreign key`.
    pub part: &'static str,
    /// Its name.
    pub name: String,
    /// How it differs.
    #[serde(flatten)]
    pub what: PartWhat,
}

/// How a part differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "change", rename_all = "kebab-case")]
pub enum PartWhat {
    /// It is new.
    Added {
        /// What it is.
        value: Value,
    },
    /// It is there no more.
    Removed {
        /// What it was.
        value: Value,
    },
    /// It is another.
    Changed {
        /// In what.
        fields: Vec<FieldChange>,
    },
}

/// One fact that differs; `null` where a side does not have it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FieldChange {
    /// Which, with dots where it lies deeper: `identity.start`.
    pub field: String,
    /// What it was.
    pub before: Value,
    /// What it is.
    pub after: Value,
}

/// Something that may be the same under another name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rename {
    /// The object that it is a part of, by its name afterwards; none where it is an object itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within: Option<ObjectKey>,
    /// What it is: `table`, `column`.
    pub what: String,
    /// The name before.
    pub from: String,
    /// The name after.
    pub to: String,
    /// Nothing but the name differs.
    pub exact: bool,
}

impl Difference {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// How many objects are new, are others, and are there no more.
    pub fn counts(&self) -> (usize, usize, usize) {
        self.changes
            .iter()
            .fold((0, 0, 0), |(added, changed, removed), change| match change.what {
                What::Added { .. } => (added + 1, changed, removed),
                What::Changed { .. } => (added, changed + 1, removed),
                What::Removed { .. } => (added, changed, removed + 1),
            })
    }
}

/// Compares two schemas.
pub fn diff(before: &Database, after: &Database, options: DiffOptions) -> Difference {
    let mut changes = Vec::new();
    for (key, old) in &before.objects {
        let what = match after.objects.get(key) {
            None => Some(What::Removed {
                object: Box::new(old.clone()),
            }),
            Some(new) => parts::changed(old, new, options),
        };
        changes.extend(what.map(|what| Change {
            object: key.clone(),
            what,
        }));
    }
    let new = after
        .objects
        .iter()
        .filter(|(key, _)| !before.objects.contains_key(key));
    changes.extend(new.map(|(key, object)| Change {
        object: key.clone(),
        what: What::Added {
            object: Box::new(object.clone()),
        },
    }));
    let renames = renames::find(&changes);
    Difference {
        changes: order::in_order(changes, before, after),
        renames,
    }
}
