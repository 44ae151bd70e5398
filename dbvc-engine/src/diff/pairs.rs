//! Which parts of a table go and which come, where names that the database made up do not count.

use std::collections::BTreeMap;

use crate::schema::{Check, ForeignKey, Index, Key};

/// A part that may have a made-up name.
pub trait Part: Clone + PartialEq {
    /// Whether the database made up its name.
    fn is_made_up(&self) -> bool;
    /// The same with a name that somebody gave.
    #[must_use]
    fn plain(&self) -> Self;
}

macro_rules! parts {
    ($($kind:ty),*) => {
        $(impl Part for $kind {
            fn is_made_up(&self) -> bool {
                self.generated_name
            }

            fn plain(&self) -> Self {
                Self { generated_name: false, ..self.clone() }
            }
        })*
    };
}

parts!(Key, Index, Check, ForeignKey);

/// The names of those that go and of those that come on the way from `old` to `new`. One that is another under the same
/// name does both; two of one shape under names that the database made up do neither.
pub fn pairs<'a, T: Part>(
    old: &'a BTreeMap<String, T>,
    new: &'a BTreeMap<String, T>,
) -> (Vec<&'a String>, Vec<&'a String>) {
    let differs = |name: &String, one: &T, others: &BTreeMap<String, T>| {
        others.get(name).is_none_or(|other| other.plain() != one.plain())
    };
    let mut gone: Vec<&String> = old
        .iter()
        .filter(|(name, one)| differs(name, one, new))
        .map(|(name, _)| name)
        .collect();
    let mut come: Vec<&String> = new
        .iter()
        .filter(|(name, one)| differs(name, one, old))
        .map(|(name, _)| name)
        .collect();
    gone.retain(|name| {
        let one = &old[*name];
        let same = come.iter().position(|other| {
            let other = &new[*other];
            one.is_made_up() && other.is_made_up() && one.plain() == other.plain()
        });
        same.map(|at| come.remove(at)).is_none()
    });
    (gone, come)
}
