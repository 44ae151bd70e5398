//! What goes, comes and changes, and when.

use std::collections::{BTreeMap, BTreeSet};

use dbvc_engine::diff::{Change, DiffOptions, PartWhat, What, diff};
use dbvc_engine::schema::{
    Body, Database, ForeignKey, Object, ObjectKey, ObjectKind, RoutineForm, Table, TypeBody,
};

use super::super::names::full;
use super::parts::{comes, goes};

pub(super) struct Plan<'a> {
    pub(super) before: &'a Database,
    pub(super) after: &'a Database,
    pub(super) changes: BTreeMap<&'a ObjectKey, Change>,
    pub(super) removed: BTreeSet<&'a ObjectKey>,
    /// On both sides, and dropped and made again.
    pub(super) rebuilt: BTreeSet<&'a ObjectKey>,
    /// What goes first, in an order in which it could be made.
    pub(super) early: Vec<&'a ObjectKey>,
    /// What comes or changes, in its order.
    pub(super) made_or_changed: Vec<&'a ObjectKey>,
    /// What goes last, in an order in which it could be made.
    pub(super) late: Vec<&'a ObjectKey>,
    pub(super) foreign_keys_gone: Vec<(&'a ObjectKey, &'a str, &'a ForeignKey)>,
    pub(super) foreign_keys_come: Vec<(&'a ObjectKey, &'a str, &'a ForeignKey)>,
}

impl<'a> Plan<'a> {
    pub(super) fn of(before: &'a Database, after: &'a Database) -> Self {
        let found = diff(before, after, DiffOptions::default());
        let mut changes = BTreeMap::new();
        for change in found.changes {
            let sides = [before, after];
            let key = sides
                .iter()
                .find_map(|side| side.objects.get_key_value(&change.object));
            if let Some((key, _)) = key {
                changes.insert(key, change);
            }
        }
        let removed: BTreeSet<&ObjectKey> = changes
            .iter()
            .filter(|(_, change)| matches!(change.what, What::Removed { .. }))
            .map(|(key, _)| *key)
            .collect();
        let mut plan = Self {
            before,
            after,
            rebuilt: BTreeSet::new(),
            early: Vec::new(),
            made_or_changed: Vec::new(),
            late: Vec::new(),
            foreign_keys_gone: Vec::new(),
            foreign_keys_come: Vec::new(),
            changes,
            removed,
        };
        let gone = plan.close_over();
        plan.arrange(&gone);
        plan.foreign_keys();
        plan
    }

    /// Finds what must be made anew, and gives all that goes first.
    fn close_over(&mut self) -> BTreeSet<&'a ObjectKey> {
        let mut gone: BTreeSet<&ObjectKey> = BTreeSet::new();
        let mut shaken: BTreeSet<&ObjectKey> = BTreeSet::new();
        for (key, change) in &self.changes {
            match &change.what {
                What::Removed { .. } if goes_early(key.kind) => {
                    gone.insert(*key);
                }
                What::Changed { .. } => {
                    let pair = (self.before.objects.get(*key), self.after.objects.get(*key));
                    let (Some(old), Some(new)) = pair else { continue };
                    if must_be_made_anew(change, old, new) && !is_changed_by_hand(key) {
                        self.rebuilt.insert(*key);
                        gone.insert(*key);
                    }
                    if shakes(change) {
                        shaken.insert(*key);
                    }
                    if is_made_over(old, new) {
                        for user in users(self.before, key) {
                            match user.kind {
                                ObjectKind::Table | ObjectKind::Type => shaken.insert(user),
                                _ => gone.insert(user),
                            };
                        }
                    }
                }
                _ => {}
            }
        }
        let stays = |key: &&ObjectKey| !self.removed.contains(*key) && self.after.objects.contains_key(*key);
        self.rebuilt.extend(gone.iter().copied().filter(stays));
        loop {
            let size = gone.len();
            for (key, object) in &self.before.objects {
                let needs = |set: &BTreeSet<&ObjectKey>| object.requires.iter().any(|it| set.contains(it));
                let falls = match key.kind {
                    ObjectKind::View | ObjectKind::Trigger => needs(&gone) || needs(&shaken),
                    ObjectKind::Other => is_rule_or_statistics(key) && (needs(&gone) || needs(&shaken)),
                    ObjectKind::Routine => needs(&gone),
                    _ => false,
                };
                if falls
                    && gone.insert(key)
                    && !self.removed.contains(key)
                    && self.after.objects.contains_key(key)
                {
                    self.rebuilt.insert(key);
                }
            }
            if gone.len() == size {
                return gone;
            }
        }
    }

    fn arrange(&mut self, gone: &BTreeSet<&'a ObjectKey>) {
        for key in order(self.before) {
            if gone.contains(key) {
                self.early.push(key);
            } else if self.removed.contains(key) {
                self.late.push(key);
            }
        }
        for key in order(self.after) {
            let changes = self.changes.get(key);
            if self.rebuilt.contains(key)
                || changes.is_some_and(|change| !matches!(change.what, What::Removed { .. }))
            {
                self.made_or_changed.push(key);
            }
        }
        // An event trigger would run while the rest is made.
        let (last, first): (Vec<_>, Vec<_>) = self
            .made_or_changed
            .iter()
            .partition(|key| key.parent.as_deref() == Some("event trigger"));
        self.made_or_changed = first.into_iter().chain(last).collect();
    }

    /// Those that change, those in a circle of tables that go, and those that point to a key that goes.
    fn foreign_keys(&mut self) {
        for (key, table) in self.before.tables() {
            for (name, it) in &table.foreign_keys {
                let target = target(it);
                let part = |which: fn(&dbvc_engine::diff::PartChange) -> bool| {
                    parts_of(self.changes.get(key))
                        .iter()
                        .any(|part| part.part == "foreign key" && part.name == *name && which(part))
                };
                let leaves = self.removed.contains(key) && target != *key && self.removed.contains(&target);
                let changes = part(goes);
                let stays = !self.removed.contains(key) && !changes;
                let shaken = stays && (self.key_goes(&target) || self.is_turned_over(key, &it.columns));
                if leaves || changes || shaken {
                    self.foreign_keys_gone.push((key, name, it));
                }
                if shaken {
                    let again = self
                        .table_after(key)
                        .and_then(|table| table.foreign_keys.get(name));
                    self.foreign_keys_come
                        .extend(again.map(|it| (key, name.as_str(), it)));
                }
            }
        }
        for (key, table) in self.after.tables() {
            let Some(What::Changed { parts, .. }) = self.changes.get(key).map(|change| &change.what) else {
                continue;
            };
            for part in parts
                .iter()
                .filter(|part| part.part == "foreign key" && comes(part))
            {
                if let Some((name, it)) = table.foreign_keys.get_key_value(&part.name) {
                    self.foreign_keys_come.push((key, name, it));
                }
            }
        }
    }

    fn key_goes(&self, table: &ObjectKey) -> bool {
        parts_of(self.changes.get(table))
            .iter()
            .any(|part| part.part == "key" && goes(part))
    }

    /// Whether one of these columns of a table has a type that is made anew: the server would compare it with the old one.
    fn is_turned_over(&self, key: &ObjectKey, columns: &[String]) -> bool {
        let Some(table) = self.table_before(key) else {
            return false;
        };
        self.changes.keys().any(|changed| {
            let sides = (
                self.before.objects.get(*changed),
                self.after.objects.get(*changed),
            );
            let (Some(old), Some(new)) = sides else {
                return false;
            };
            let names = [full(changed), changed.name.clone()];
            is_made_over(old, new)
                && columns
                    .iter()
                    .filter_map(|column| table.columns.get(column))
                    .any(|column| names.contains(&column.data_type.raw))
        })
    }

    pub(super) fn table_before(&self, key: &ObjectKey) -> Option<&'a Table> {
        match &self.before.objects.get(key)?.body {
            Body::Table(table) => Some(table),
            _ => None,
        }
    }

    pub(super) fn table_after(&self, key: &ObjectKey) -> Option<&'a Table> {
        match &self.after.objects.get(key)?.body {
            Body::Table(table) => Some(table),
            _ => None,
        }
    }

    /// Whether the same column of the table that this one is a part or an heir of changes in the same way; then it
    /// changes along.
    pub(super) fn comes_from_above(&self, table: &Table, other: &Table, column: &str) -> bool {
        let mut above: Vec<ObjectKey> = Vec::new();
        if let (Some(part), Some(_)) = (&table.partition_of, &other.partition_of) {
            above.push(ObjectKey {
                schema: part.schema.clone(),
                ..ObjectKey::new(ObjectKind::Table, part.table.as_str())
            });
        }
        for parent in table
            .inherits
            .iter()
            .filter(|parent| other.inherits.contains(parent))
        {
            above.extend(
                parent
                    .split_once('.')
                    .map(|(schema, name)| ObjectKey::within(ObjectKind::Table, schema, name)),
            );
        }
        above.iter().any(|key| {
            parts_of(self.changes.get(key))
                .iter()
                .any(|part| part.part == "column" && part.name == column)
        })
    }
}

/// What needs an object.
pub(super) fn users<'a>(database: &'a Database, needed: &ObjectKey) -> impl Iterator<Item = &'a ObjectKey> {
    database
        .objects
        .iter()
        .filter(move |(_, object)| object.requires.contains(needed))
        .map(|(key, _)| key)
}

/// An enum that loses words or puts them in another order, a domain over another type: the columns of it change their
/// type.
pub(super) fn is_made_over(old: &Object, new: &Object) -> bool {
    match (&old.body, &new.body) {
        (Body::Type(TypeBody::Enum { labels: old }), Body::Type(TypeBody::Enum { labels: new })) => {
            !new.iter().filter(|label| old.contains(label)).eq(old)
        }
        (
            Body::Type(TypeBody::Domain {
                base: old,
                collation: was,
                ..
            }),
            Body::Type(TypeBody::Domain {
                base: new,
                collation: is,
                ..
            }),
        ) => old != new || was != is,
        _ => false,
    }
}

/// What other objects need and that can only be altered in ways that are not written.
pub(super) fn is_changed_by_hand(key: &ObjectKey) -> bool {
    matches!(
        key.parent.as_deref(),
        Some("foreign server" | "foreign data wrapper" | "language" | "collation")
    )
}

fn goes_early(kind: ObjectKind) -> bool {
    matches!(
        kind,
        ObjectKind::Table | ObjectKind::View | ObjectKind::Trigger | ObjectKind::Other
    )
}

fn is_rule_or_statistics(key: &ObjectKey) -> bool {
    matches!(key.parent.as_deref(), Some("rule" | "statistics"))
}

/// An order in which all could be made.
fn order(database: &Database) -> Vec<&ObjectKey> {
    let all = diff(
        &Database::new(&database.dialect),
        database,
        DiffOptions::default(),
    );
    let keys = all.changes.iter().map(|change| &change.object);
    keys.filter_map(|key| Some(database.objects.get_key_value(key)?.0))
        .collect()
}

fn target(key: &ForeignKey) -> ObjectKey {
    ObjectKey {
        schema: key.references.schema.clone(),
        ..ObjectKey::new(ObjectKind::Table, key.references.table.as_str())
    }
}

pub(super) fn parts_of(change: Option<&Change>) -> &[dbvc_engine::diff::PartChange] {
    match change.map(|change| &change.what) {
        Some(What::Changed { parts, .. }) => parts,
        _ => &[],
    }
}

/// Whether a column of a table that views and triggers may read goes or changes its type.
fn shakes(change: &Change) -> bool {
    parts_of(Some(change)).iter().any(|part| {
        part.part == "column"
            && match &part.what {
                PartWhat::Removed { .. } => true,
                PartWhat::Added { .. } => false,
                PartWhat::Changed { fields } => fields.iter().any(|field| {
                    matches!(field.field.as_str(), "type" | "collation")
                        || field.field.starts_with("generated")
                }),
            }
    })
}

fn must_be_made_anew(change: &Change, old: &Object, new: &Object) -> bool {
    let What::Changed { fields, parts } = &change.what else {
        return false;
    };
    let beyond = |kept: &[&str]| {
        fields.iter().any(|field| {
            let name = field.field.as_str();
            !matches!(name, "owner" | "comment") && !name.starts_with("grants") && !kept.contains(&name)
        })
    };
    match (&old.body, &new.body) {
        (Body::View(_), Body::View(_)) => {
            let shape = |part: &dbvc_engine::diff::PartChange| match &part.what {
                PartWhat::Changed { fields } => fields.iter().any(|field| {
                    !matches!(field.field.as_str(), "comment" | "default")
                        && !field.field.starts_with("grants")
                }),
                _ => true,
            };
            beyond(&[]) || parts.iter().any(|part| part.part == "column" && shape(part))
        }
        (Body::Trigger(old), Body::Trigger(new)) => old.definition != new.definition,
        (Body::Routine(old), Body::Routine(new)) => {
            let replaces = old.form == new.form && old.form != RoutineForm::Aggregate;
            old.definition != new.definition && !(replaces && head(&old.definition) == head(&new.definition))
        }
        (Body::Type(TypeBody::Domain { .. }), Body::Type(TypeBody::Domain { .. }))
        | (Body::Type(TypeBody::Enum { .. }), Body::Type(TypeBody::Enum { .. }))
        | (Body::Type(TypeBody::Composite { .. }), Body::Type(TypeBody::Composite { .. })) => false,
        (Body::Type(_), Body::Type(_)) | (Body::Other(_), Body::Other(_)) => beyond(&[]),
        _ => false,
    }
}

/// What `CREATE OR REPLACE` cannot change: the parameters and the result. The server writes them on the first lines.
fn head(definition: &str) -> Option<&str> {
    let (head, _) = definition.split_once("\n LANGUAGE ")?;
    Some(head)
}
