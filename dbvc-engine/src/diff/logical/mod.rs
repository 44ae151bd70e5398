//! What the schemas of two database systems differ in, as far as they can be compared.
//!
//! Names are compared without regard to case, types by their family, keys and indexes by their columns. What can only be
//! compared within one system (the text of an expression, a routine's body, sequences, rights) is no difference and not
//! equal either: it is listed as a gap.

mod counting;
mod families;
mod report;
mod tables;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::Serialize;

use counting::Told;

use crate::schema::{Body, Database, Object, ObjectKey, ObjectKind};

/// One of the two.
#[derive(Debug, Clone, Copy)]
enum Side {
    One,
    Other,
}

/// The comparison of two systems' schemas.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Parity {
    /// The two systems.
    pub dialects: (String, String),
    /// What one has and the other has not, or has otherwise.
    pub differences: Vec<ParityNote>,
    /// What cannot be compared, and what is the nearest that a system has and not the same.
    pub gaps: Vec<ParityNote>,
}

/// One thing about an object.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ParityNote {
    /// The object, as the side that has it names it.
    pub object: String,
    /// What is to be said.
    pub what: String,
}

impl Parity {
    /// Whether nothing differs, gaps aside.
    pub fn is_equal(&self) -> bool {
        self.differences.is_empty()
    }

    fn differs(&mut self, object: &ObjectKey, what: impl Into<String>) {
        self.differences.push(note(object, what));
    }

    /// A side in words; two databases of one system are told apart by their place.
    fn place(&self, side: Side) -> String {
        let (one, other) = &self.dialects;
        match side {
            Side::One if one == other => "on the first side".to_owned(),
            Side::Other if one == other => "on the second side".to_owned(),
            Side::One => format!("in {one}"),
            Side::Other => format!("in {other}"),
        }
    }

    fn only(&self, side: Side) -> String {
        format!("only {}", self.place(side))
    }

    fn gap(&mut self, object: &ObjectKey, what: impl Into<String>) {
        self.gaps.push(note(object, what));
    }
}

fn note(object: &ObjectKey, what: impl Into<String>) -> ParityNote {
    ParityNote {
        object: object.to_string(),
        what: what.into(),
    }
}

/// What stands for the place that a system gives to whatever is made without saying where.
const USUAL: &[&str] = &["public", "dbo", "main"];

/// A name that two systems share.
type Shared = (ObjectKind, Option<String>, Option<String>, String);

fn shared<'a>(database: &'a Database, found: &mut Parity) -> BTreeMap<Shared, (&'a ObjectKey, &'a Object)> {
    // A system that has one schema only may name it as it likes.
    let only = database.of_kind(ObjectKind::Schema).count() <= 1;
    let mut named = BTreeMap::new();
    for (key, object) in &database.objects {
        let schema = key.schema.as_deref().map(str::to_lowercase);
        let schema = schema.filter(|name| !only && !USUAL.contains(&name.as_str()));
        let parent = key.parent.as_deref().map(str::to_lowercase);
        let name = (key.kind, schema, parent, key.name.to_lowercase());
        if let Some((first, _)) = named.get(&name) {
            let told = format!("not compared: {first} has the same name, but for case and arguments");
            found.gap(key, told);
        } else {
            named.insert(name, (key, object));
        }
    }
    named
}

/// Compares by what the systems share.
pub fn parity(one: &Database, other: &Database) -> Parity {
    let mut found = Parity {
        dialects: (one.dialect.clone(), other.dialect.clone()),
        ..Parity::default()
    };
    let (left, right) = (shared(one, &mut found), shared(other, &mut found));
    for (name, (key, object)) in &left {
        match right.get(name) {
            Some((_, twin)) => compare(&mut found, key, object, twin),
            None => alone(&mut found, key, object, Side::One),
        }
    }
    for (name, (key, object)) in &right {
        if !left.contains_key(name) {
            alone(&mut found, key, object, Side::Other);
        }
    }
    found.differences.sort();
    found.gaps.sort();
    found.gaps.dedup();
    found
}

/// An object that only one side has.
fn alone(found: &mut Parity, key: &ObjectKey, object: &Object, side: Side) {
    let only = found.only(side);
    match &object.body {
        Body::Table(_) | Body::View(_) | Body::Routine(_) | Body::Trigger(_) => {
            found.differs(key, only);
        }
        // Told with what is in it.
        Body::Schema {} => {}
        _ => found.gap(key, format!("{only}; not compared across systems")),
    }
}

fn compare(found: &mut Parity, key: &ObjectKey, object: &Object, twin: &Object) {
    match (&object.body, &twin.body) {
        (Body::Table(one), Body::Table(other)) => {
            let (first, second) = found.dialects.clone();
            let one = Told {
                dialect: &first,
                object,
                table: one,
            };
            let other = Told {
                dialect: &second,
                object: twin,
                table: other,
            };
            tables::compare(found, key, one, other);
        }
        (Body::View(one), Body::View(other)) => {
            if one.materialized != other.materialized {
                found.differs(key, "materialized on one side only");
            }
            found.gap(key, "the text of the query is not compared");
        }
        (Body::Routine(_), Body::Routine(_)) => found.gap(key, "the body is not compared"),
        (Body::Trigger(_), Body::Trigger(_)) => found.gap(key, "when it runs and what is not compared"),
        (Body::Schema {}, Body::Schema {}) => {}
        _ => found.gap(key, "on both sides; not compared across systems"),
    }
}
