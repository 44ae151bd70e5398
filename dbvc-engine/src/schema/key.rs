//! How objects are named.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What an object is, in an order in which they are usually made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ObjectKind {
    /// A schema, or namespace.
    Schema,
    /// A module of the server's, such as `PostGIS`.
    Extension,
    /// An enum, a domain, a composite type, a range.
    Type,
    /// A sequence.
    Sequence,
    /// A table of any sort.
    Table,
    /// A view, materialised or not.
    View,
    /// A function, procedure or aggregate.
    Routine,
    /// A trigger of a table, a view or the database.
    Trigger,
    /// A scheduled job of the database's own.
    Event,
    /// Another name for an object.
    Synonym,
    /// Anything else.
    Other,
}

impl ObjectKind {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Schema => "schema",
            Self::Extension => "extension",
            Self::Type => "type",
            Self::Sequence => "sequence",
            Self::Table => "table",
            Self::View => "view",
            Self::Routine => "routine",
            Self::Trigger => "trigger",
            Self::Event => "event",
            Self::Synonym => "synonym",
            Self::Other => "other",
        }
    }
}

/// An object's full name. Names are as the database keeps them, without quotes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ObjectKey {
    /// What it is.
    pub kind: ObjectKind,
    /// The schema it is in; none where the database has none, and for what stands beside them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The object that it belongs to and is named within: a trigger's table; of [`super::Other`] the family; of a
    /// routine what it is, where functions and procedures have names of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Its own name.
    pub name: String,
    /// The types of the arguments that tell routines of one name apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arguments: Option<String>,
}

impl ObjectKey {
    /// An object in no schema.
    pub fn new(kind: ObjectKind, name: impl Into<String>) -> Self {
        Self {
            kind,
            schema: None,
            parent: None,
            name: name.into(),
            arguments: None,
        }
    }

    /// An object in a schema.
    pub fn within(kind: ObjectKind, schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self {
            schema: Some(schema.into()),
            ..Self::new(kind, name)
        }
    }

    /// The same, belonging to another object.
    #[must_use]
    pub fn of(mut self, parent: impl Into<String>) -> Self {
        self.parent = Some(parent.into());
        self
    }

    /// The same, with arguments.
    #[must_use]
    pub fn taking(mut self, arguments: impl Into<String>) -> Self {
        self.arguments = Some(arguments.into());
        self
    }

    /// The name with the schema before it, for people.
    pub fn full_name(&self) -> String {
        let mut text = String::new();
        if let Some(schema) = &self.schema {
            text = format!("{schema}.");
        }
        text.push_str(&self.name);
        if let Some(arguments) = &self.arguments {
            text = format!("{text}({arguments})");
        }
        text
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.parent, self.kind) {
            (Some(family), ObjectKind::Other) => write!(f, "{family} {}", self.full_name()),
            (Some(form), ObjectKind::Routine) => write!(f, "{form} {}", self.full_name()),
            (Some(parent), kind) => write!(f, "{} {} of {parent}", kind.word(), self.full_name()),
            (None, kind) => write!(f, "{} {}", kind.word(), self.full_name()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_reads_as_people_say_it() {
        let trigger = ObjectKey::within(ObjectKind::Trigger, "public", "audit").of("plants");
        assert_eq!(trigger.to_string(), "trigger public.audit of plants");
        let routine = ObjectKey::within(ObjectKind::Routine, "public", "water").taking("integer, text");
        assert_eq!(routine.to_string(), "routine public.water(integer, text)");
        let procedure = ObjectKey::new(ObjectKind::Routine, "tidy").of("procedure");
        assert_eq!(procedure.to_string(), "procedure tidy");
        let rule = ObjectKey::within(ObjectKind::Other, "public", "r").of("rule");
        assert_eq!(rule.to_string(), "rule public.r");
    }
}
