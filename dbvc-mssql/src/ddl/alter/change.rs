//! What a table that stays loses and gets.
//!
//! The server refuses to change or drop a column while anything depends on it (manual, "ALTER TABLE", "ALTER COLUMN"), so
//! that goes before, and comes again afterwards.

use std::collections::{BTreeMap, BTreeSet};

use dbvc_engine::diff::{Part, pairs};
use dbvc_engine::schema::{Column, Index, Table};

use super::super::names::quoted;
use super::super::tables::option;

/// Names of parts of one sort.
#[derive(Debug, Default)]
pub(super) struct Swap {
    pub(super) gone: BTreeSet<String>,
    pub(super) come: BTreeSet<String>,
}

#[derive(Debug)]
pub(super) struct TableChange {
    /// Both sides, without what people wrote about their parts.
    pub(super) old: Table,
    pub(super) new: Table,
    pub(super) columns: Swap,
    /// On both sides, and dropped and added.
    pub(super) anew: BTreeSet<String>,
    /// Those whose type, collation or nullability changes.
    pub(super) retyped: BTreeSet<String>,
    pub(super) defaults: Swap,
    pub(super) keys: Swap,
    pub(super) checks: Swap,
    pub(super) indexes: Swap,
    pub(super) foreign_keys: Swap,
}

impl TableChange {
    /// `programs` are the names of functions that go or change, which no expression may name meanwhile.
    pub(super) fn of(old: &Table, new: &Table, programs: &BTreeSet<&str>) -> Self {
        let (old, new) = (bare(old), bare(new));
        let mut change = Self {
            columns: Swap {
                gone: missing(&old.columns, &new.columns),
                come: missing(&new.columns, &old.columns),
            },
            anew: BTreeSet::new(),
            retyped: BTreeSet::new(),
            defaults: Swap::default(),
            keys: swap(&old.keys, &new.keys),
            checks: swap(&old.checks, &new.checks),
            indexes: swap(&old.indexes, &new.indexes),
            foreign_keys: swap(&old.foreign_keys, &new.foreign_keys),
            old,
            new,
        };
        change.columns_of_both(programs);
        change.dependents(programs);
        change
    }

    /// Whether a column goes, changes its type, or is made anew.
    pub(super) fn is_shaken(&self) -> bool {
        !(self.columns.gone.is_empty() && self.anew.is_empty() && self.retyped.is_empty())
    }

    pub(super) fn shakes(&self, column: &str) -> bool {
        [&self.columns.gone, &self.anew, &self.retyped]
            .iter()
            .any(|set| set.contains(column))
    }

    fn columns_of_both(&mut self, programs: &BTreeSet<&str>) {
        for (name, was) in &self.old.columns {
            let Some(is) = self.new.columns.get(name) else {
                self.defaults
                    .gone
                    .extend(was.default.as_ref().map(|_| name.clone()));
                continue;
            };
            if is_another(was, is) {
                self.anew.insert(name.clone());
            } else if was.generated.is_none() && is_retyped(was, is) {
                self.retyped.insert(name.clone());
            }
        }
        loop {
            let size = self.anew.len();
            let again: Vec<String> = self
                .new
                .columns
                .iter()
                .filter(|(name, _)| self.old.columns.contains_key(*name) && !self.anew.contains(*name))
                .filter(|(_, it)| {
                    let text = it.generated.as_ref().map(|it| it.expression.as_str());
                    text.is_some_and(|text| self.is_named_in(text, programs))
                })
                .map(|(name, _)| name.clone())
                .collect();
            self.anew.extend(again);
            if self.anew.len() == size {
                break;
            }
        }
        for (name, was) in &self.old.columns {
            let Some(is) = self.new.columns.get(name) else {
                continue;
            };
            let named = was.default.as_ref().is_some_and(|text| names_any(text, programs));
            let differs = was.default != is.default || named_default(was) != named_default(is);
            if self.shakes(name) || named || differs {
                self.defaults
                    .gone
                    .extend(was.default.as_ref().map(|_| name.clone()));
                // A column that is added has its default with it.
                let alone = is.default.as_ref().filter(|_| !self.anew.contains(name));
                self.defaults.come.extend(alone.map(|_| name.clone()));
            }
        }
    }

    /// Whether an expression names a column that is shaken, or one of the programs.
    fn is_named_in(&self, text: &str, programs: &BTreeSet<&str>) -> bool {
        let shaken = [&self.columns.gone, &self.anew, &self.retyped];
        let mut columns = shaken.iter().flat_map(|set| set.iter());
        columns.any(|name| text.contains(&quoted(name))) || names_any(text, programs)
    }

    fn dependents(&mut self, programs: &BTreeSet<&str>) {
        let checks = self.old.checks.iter();
        let checks = checks.filter(|(_, it)| self.is_named_in(&it.expression, programs));
        let checks: Vec<String> = checks.map(|(name, _)| name.clone()).collect();
        let keys = self.old.keys.iter();
        let keys = keys.filter(|(_, it)| {
            let mut columns = it.parts.iter().filter_map(|part| part.column.as_deref());
            columns.any(|column| self.shakes(column))
        });
        let keys: Vec<String> = keys.map(|(name, _)| name.clone()).collect();
        again(&mut self.checks, checks, (&self.old.checks, &self.new.checks));
        again(&mut self.keys, keys, (&self.old.keys, &self.new.keys));
        // Such indexes point to the primary key.
        let primary = self.keys.gone.iter().any(|name| self.old.keys[name].primary);
        let indexes = self.old.indexes.iter().filter(|(_, it)| {
            let on_key = matches!(it.method.as_str(), "xml" | "spatial");
            (primary && on_key) || self.is_index_shaken(it, programs)
        });
        let indexes: Vec<String> = indexes.map(|(name, _)| name.clone()).collect();
        again(&mut self.indexes, indexes, (&self.old.indexes, &self.new.indexes));
    }

    fn is_index_shaken(&self, index: &Index, programs: &BTreeSet<&str>) -> bool {
        let mut columns = index.parts.iter().filter_map(|part| part.column.as_deref());
        let every_column = index.method == "clustered columnstore" && self.is_shaken();
        every_column
            || columns.any(|column| self.shakes(column))
            || index.include.iter().any(|column| self.shakes(column))
            || index
                .filter
                .as_ref()
                .is_some_and(|text| self.is_named_in(text, programs))
    }
}

/// Whether the column must be dropped and added: one that is computed cannot be changed, and nothing becomes one or a
/// `timestamp`.
fn is_another(was: &Column, is: &Column) -> bool {
    let stamp = |column: &Column| column.data_type.raw == "timestamp";
    was.generated != is.generated || stamp(was) != stamp(is)
}

fn is_retyped(was: &Column, is: &Column) -> bool {
    was.data_type.raw != is.data_type.raw || was.collation != is.collation || was.nullable != is.nullable
}

fn named_default(column: &Column) -> Option<&str> {
    option(&column.options, "default_name")
}

fn names_any(text: &str, programs: &BTreeSet<&str>) -> bool {
    programs.iter().any(|name| text.contains(&quoted(name)))
}

fn missing<T>(one: &BTreeMap<String, T>, other: &BTreeMap<String, T>) -> BTreeSet<String> {
    one.keys()
        .filter(|name| !other.contains_key(*name))
        .cloned()
        .collect()
}

fn swap<T: Part>(old: &BTreeMap<String, T>, new: &BTreeMap<String, T>) -> Swap {
    let (gone, come) = pairs(old, new);
    Swap {
        gone: gone.into_iter().cloned().collect(),
        come: come.into_iter().cloned().collect(),
    }
}

/// Parts that must go for a while. Under a name that the server made up, one that stays may have another name on the
/// other side.
fn again<T: Part>(
    swap: &mut Swap,
    names: Vec<String>,
    (old, new): (&BTreeMap<String, T>, &BTreeMap<String, T>),
) {
    for name in names {
        let Some(was) = old.get(&name).filter(|_| !swap.gone.contains(&name)) else {
            continue;
        };
        let twin = new.iter().find(|(other, it)| {
            **other == name || (it.is_made_up() && was.is_made_up() && it.plain() == was.plain())
        });
        swap.come.extend(twin.map(|(name, _)| name.clone()));
        swap.gone.insert(name);
    }
}

/// A table without what is said of its parts, which changes nothing of them.
fn bare(table: &Table) -> Table {
    let mut table = table.clone();
    macro_rules! bare {
        ($($map:ident),*) => {$(
            for it in table.$map.values_mut() {
                it.comment = None;
                it.options.retain(|name, _| !name.starts_with("mssql.property."));
            }
        )*};
    }
    bare!(columns, keys, checks, indexes, foreign_keys);
    table
}
