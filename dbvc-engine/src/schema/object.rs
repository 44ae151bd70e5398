//! What is in a database.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Column, DataType, Index, ObjectKey, ObjectKind, Table, TypeBody, is_false};

/// One object: what all have, and what its kind has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// Whose it is, where the database keeps owners.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// What people wrote about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// Who may do what, where that is not what the database gives by itself; an empty set: nothing, though it would.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub grants: BTreeMap<String, BTreeSet<String>>,
    /// What only one database knows, with the driver's name before it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
    /// What must be there before it can be made, as far as the database tells. Foreign keys do not count: they can be
    /// made afterwards.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub requires: BTreeSet<ObjectKey>,
    /// What its kind has.
    #[serde(flatten)]
    pub body: Body,
}

impl Object {
    /// One with a body and nothing else.
    pub fn new(body: Body) -> Self {
        Self {
            owner: None,
            comment: None,
            grants: BTreeMap::new(),
            options: BTreeMap::new(),
            requires: BTreeSet::new(),
            body,
        }
    }
}

/// What an object's kind has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Body {
    /// A schema.
    Schema {},
    /// An extension.
    Extension(Extension),
    /// A type.
    Type(TypeBody),
    /// A sequence.
    Sequence(Sequence),
    /// A table.
    Table(Table),
    /// A view.
    View(View),
    /// A routine.
    Routine(Routine),
    /// A trigger.
    Trigger(Trigger),
    /// A scheduled job.
    Event(Event),
    /// Another name.
    Synonym(Synonym),
    /// Anything else.
    Other(Other),
}

impl Body {
    /// What it is.
    pub fn kind(&self) -> ObjectKind {
        match self {
            Self::Schema {} => ObjectKind::Schema,
            Self::Extension(_) => ObjectKind::Extension,
            Self::Type(_) => ObjectKind::Type,
            Self::Sequence(_) => ObjectKind::Sequence,
            Self::Table(_) => ObjectKind::Table,
            Self::View(_) => ObjectKind::View,
            Self::Routine(_) => ObjectKind::Routine,
            Self::Trigger(_) => ObjectKind::Trigger,
            Self::Event(_) => ObjectKind::Event,
            Self::Synonym(_) => ObjectKind::Synonym,
            Self::Other(_) => ObjectKind::Other,
        }
    }
}

/// A module of the server's.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Extension {
    /// Its version.
    pub version: String,
    /// The schema in which its objects are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub installed_in: Option<String>,
}

/// A sequence. Its current value is data and not here.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sequence {
    /// The numbers' type.
    #[serde(rename = "type")]
    pub data_type: DataType,
    /// The first value.
    pub start: i64,
    /// The step.
    pub increment: i64,
    /// The smallest value.
    pub min: i64,
    /// The largest value.
    pub max: i64,
    /// How many values a session fetches at once.
    pub cache: i64,
    /// Whether it begins anew at the end.
    #[serde(default, skip_serializing_if = "is_false")]
    pub cycle: bool,
    /// The table and column with which it goes away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owned_by: Option<(String, String, String)>,
}

/// A view.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct View {
    /// Whether its rows are kept.
    #[serde(default, skip_serializing_if = "is_false")]
    pub materialized: bool,
    /// Its columns, where the database keeps them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, Column>,
    /// The query.
    pub definition: String,
    /// Indexes on the rows kept.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub indexes: BTreeMap<String, Index>,
}

/// What a routine is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RoutineForm {
    /// Gives a value or rows.
    Function,
    /// Is called.
    Procedure,
    /// Makes one value of many rows.
    Aggregate,
}

/// A function, procedure or aggregate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routine {
    /// What it is.
    pub form: RoutineForm,
    /// The whole statement that makes it.
    pub definition: String,
}

/// A trigger.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Trigger {
    /// The whole statement that makes it.
    pub definition: String,
}

/// A scheduled job.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Event {
    /// When it runs.
    pub schedule: String,
    /// What it runs.
    pub definition: String,
}

/// Another name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Synonym {
    /// What it stands for.
    pub target: String,
}

/// What the model has no place for, kept with its text: never lost, never silently equal. The family (`rule`,
/// `operator`) is in the key, as the parent.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Other {
    /// As the database writes it; a statement where it gives one.
    pub definition: String,
}
