//! The tables with their columns and foreign keys.

use std::collections::{BTreeMap, BTreeSet};

use dbvc_engine::diff::{Difference, PartChange, PartWhat, What};
use dbvc_engine::schema::{Body, Database, ObjectKey, ObjectKind, Table, in_order};

use super::place::{HEAD, LINE, MARGIN, Place, places};

/// With more tables than this, only those that changed and their neighbours are shown.
const MANY: usize = 60;
/// So many letters of a name or type are shown; the whole is in the tool tip.
const LETTERS: usize = 36;

/// What is drawn.
#[derive(Debug, Default)]
pub(super) struct Diagram {
    pub(super) width: i32,
    pub(super) height: i32,
    pub(super) boxes: Vec<TableBox>,
    pub(super) edges: Vec<Edge>,
    pub(super) caption: String,
}

#[derive(Debug)]
pub(super) struct TableBox {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: i32,
    pub(super) height: i32,
    pub(super) name: String,
    pub(super) full: String,
    pub(super) class: &'static str,
    pub(super) rows: Vec<Row>,
}

#[derive(Debug)]
pub(super) struct Row {
    pub(super) y: i32,
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) class: &'static str,
}

#[derive(Debug)]
pub(super) struct Edge {
    pub(super) path: String,
    pub(super) title: String,
    pub(super) class: &'static str,
}

/// A table of either side.
struct Shown<'a> {
    class: &'static str,
    parts: &'a [PartChange],
    /// As it is afterwards, or was.
    table: &'a Table,
    before: Option<&'a Table>,
}

impl Shown<'_> {
    fn class_of(&self, part: &str, name: &str) -> &'static str {
        let found = self.parts.iter().find(|it| it.part == part && it.name == name);
        found.map_or("", |it| match it.what {
            PartWhat::Added { .. } => "added",
            PartWhat::Removed { .. } => "removed",
            PartWhat::Changed { .. } => "changed",
        })
    }

    /// Name, type and class, in order; what went stands at the end.
    fn columns(&self) -> Vec<(&str, &str, &'static str)> {
        let here = in_order(&self.table.columns);
        let gone = self
            .before
            .map(|table| in_order(&table.columns))
            .unwrap_or_default();
        let gone = gone
            .into_iter()
            .filter(|(name, _)| !self.table.columns.contains_key(*name));
        here.into_iter()
            .chain(gone)
            .map(|(name, column)| (name, column.data_type.raw.as_str(), self.class_of("column", name)))
            .collect()
    }

    /// Foreign keys: name, the table they lead to, and class.
    fn references(&self, key: &ObjectKey) -> Vec<(&str, ObjectKey, &'static str)> {
        let here = self.table.foreign_keys.iter();
        let gone = self.before.iter().flat_map(|table| &table.foreign_keys);
        let gone = gone.filter(|(name, _)| !self.table.foreign_keys.contains_key(*name));
        here.chain(gone)
            .map(|(name, foreign)| {
                let to = ObjectKey {
                    schema: foreign.references.schema.clone().or_else(|| key.schema.clone()),
                    ..ObjectKey::new(ObjectKind::Table, &foreign.references.table)
                };
                let class = if self.class.is_empty() || self.class == "changed" {
                    self.class_of("foreign key", name)
                } else {
                    self.class
                };
                (name.as_str(), to, class)
            })
            .collect()
    }
}

fn table_of<'a>(database: &'a Database, key: &ObjectKey) -> Option<&'a Table> {
    match &database.objects.get(key)?.body {
        Body::Table(table) => Some(table),
        _ => None,
    }
}

fn gather<'a>(
    before: &'a Database,
    after: &'a Database,
    found: &'a Difference,
) -> BTreeMap<&'a ObjectKey, Shown<'a>> {
    let changes: BTreeMap<&ObjectKey, &What> = found
        .changes
        .iter()
        .map(|change| (&change.object, &change.what))
        .collect();
    let keys = after.tables().chain(before.tables()).map(|(key, _)| key);
    let shown = keys.filter_map(|key| {
        let old = table_of(before, key);
        let table = table_of(after, key).or(old)?;
        let (class, parts): (_, &[PartChange]) = match changes.get(key) {
            None => ("", &[]),
            Some(What::Added { .. }) => ("added", &[]),
            Some(What::Removed { .. }) => ("removed", &[]),
            Some(What::Changed { parts, .. }) => ("changed", parts),
        };
        let before = old;
        Some((
            key,
            Shown {
                class,
                parts,
                table,
                before,
            },
        ))
    });
    shown.collect()
}

impl Diagram {
    pub(super) fn of(before: &Database, after: &Database, found: &Difference) -> Self {
        let mut shown = gather(before, after, found);
        let all = shown.len();
        if all > MANY {
            let near = near(&shown);
            shown.retain(|key, _| near.contains(*key));
        }
        let caption = if shown.len() < all {
            format!(
                "{} of {all} tables: those that differ, and their neighbours",
                shown.len()
            )
        } else {
            format!("all {all} tables")
        };
        let sizes: Vec<(i32, i32)> = shown.iter().map(|(key, it)| size(key, it)).collect();
        let keys: Vec<&ObjectKey> = shown.keys().copied().collect();
        let leads: Vec<Vec<usize>> = shown
            .iter()
            .map(|(key, it)| {
                let to = it.references(key).into_iter();
                to.filter_map(|(_, to, _)| keys.binary_search(&&to).ok())
                    .collect()
            })
            .collect();
        let placed = places(&sizes, &leads);
        let mut diagram = Self {
            caption,
            ..Self::default()
        };
        for (at, (key, it)) in shown.iter().enumerate() {
            let place = &placed[at];
            diagram.width = diagram.width.max(place.x + place.width + MARGIN);
            diagram.height = diagram.height.max(place.y + place.height + MARGIN);
            diagram.boxes.push(boxed(key, it, place));
            for (name, to, class) in it.references(key) {
                if let Ok(target) = keys.binary_search(&&to) {
                    diagram.edges.push(Edge {
                        path: place.path_to(&placed[target]),
                        title: format!("{name}: {} to {}", key.full_name(), to.full_name()),
                        class,
                    });
                }
            }
        }
        diagram
    }
}

/// The tables that changed, those that they lead to, and those that lead to them.
fn near(shown: &BTreeMap<&ObjectKey, Shown<'_>>) -> BTreeSet<ObjectKey> {
    let changed = |key: &ObjectKey| shown.get(key).is_some_and(|it| !it.class.is_empty());
    let mut near = BTreeSet::new();
    for (key, it) in shown {
        let to: Vec<ObjectKey> = it.references(key).into_iter().map(|(_, to, _)| to).collect();
        if changed(key) {
            near.insert((*key).clone());
            near.extend(to);
        } else if to.iter().any(changed) {
            near.insert((*key).clone());
        }
    }
    near
}

fn short(text: &str) -> String {
    if text.chars().count() <= LETTERS {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(LETTERS - 1).collect();
    short.push('…');
    short
}

fn letters(text: &str) -> i32 {
    i32::try_from(short(text).chars().count()).unwrap_or(0)
}

fn size(key: &ObjectKey, it: &Shown<'_>) -> (i32, i32) {
    let columns = it.columns();
    let widest = columns
        .iter()
        .map(|(name, kind, _)| letters(name) + letters(kind) + 1);
    let widest = widest.max().unwrap_or(0).max(letters(&key.full_name()));
    let rows = i32::try_from(columns.len()).unwrap_or(0);
    // A letter of the diagram's font is a bit more than seven wide.
    (widest * 15 / 2 + 20, HEAD + rows * LINE + 4)
}

fn boxed(key: &ObjectKey, it: &Shown<'_>, place: &Place) -> TableBox {
    let rows = it.columns().into_iter().zip(0..);
    TableBox {
        x: place.x,
        y: place.y,
        width: place.width,
        height: place.height,
        name: short(&key.full_name()),
        full: key.full_name(),
        class: it.class,
        rows: rows
            .map(|((name, kind, class), at)| Row {
                y: place.y + HEAD + at * LINE,
                name: short(name),
                kind: short(kind),
                class,
            })
            .collect(),
    }
}
