//! What goes, comes and changes.

use std::collections::{BTreeMap, BTreeSet};

use dbvc_engine::diff::{Change, DiffOptions, FieldChange, What, diff};
use dbvc_engine::schema::{Body, Database, ForeignKey, Object, ObjectKey, ObjectKind, Table};

use super::super::objects::drop_statement;
use super::super::tables::{option, reason_to_leave_out};
use super::super::{in_order, names::quoted};
use super::change::TableChange;

pub(super) struct Plan<'a> {
    pub(super) before: &'a Database,
    pub(super) after: &'a Database,
    pub(super) changes: BTreeMap<&'a ObjectKey, Change>,
    /// On both sides, and dropped and made again.
    pub(super) rebuilt: BTreeSet<&'a ObjectKey>,
    /// What loses or gets something, of the tables that stay.
    pub(super) tables: BTreeMap<&'a ObjectKey, TableChange>,
    /// In which all could be made, before and afterwards.
    pub(super) order_before: Vec<&'a ObjectKey>,
    pub(super) order_after: Vec<&'a ObjectKey>,
    pub(super) foreign_keys_gone: Vec<(&'a ObjectKey, &'a str, &'a ForeignKey)>,
    pub(super) foreign_keys_come: Vec<(&'a ObjectKey, &'a str, &'a ForeignKey)>,
}

impl<'a> Plan<'a> {
    pub(super) fn of(before: &'a Database, after: &'a Database) -> Self {
        let mut changes = BTreeMap::new();
        for change in diff(before, after, DiffOptions::default()).changes {
            let mut sides = [before, after].into_iter();
            let key = sides.find_map(|side| side.objects.get_key_value(&change.object));
            if let Some((key, _)) = key {
                changes.insert(key, change);
            }
        }
        let mut plan = Self {
            before,
            after,
            changes,
            rebuilt: BTreeSet::new(),
            tables: BTreeMap::new(),
            order_before: in_order(before),
            order_after: in_order(after),
            foreign_keys_gone: Vec::new(),
            foreign_keys_come: Vec::new(),
        };
        plan.changed_tables(&BTreeSet::new());
        plan.rebuild();
        let programs = plan.moved_programs();
        plan.changed_tables(&programs);
        plan.rebuild();
        plan.foreign_keys();
        plan
    }

    pub(super) fn is_removed(&self, key: &ObjectKey) -> bool {
        self.before.objects.contains_key(key) && !self.after.objects.contains_key(key)
    }

    pub(super) fn is_new(&self, key: &ObjectKey) -> bool {
        !self.before.objects.contains_key(key)
    }

    pub(super) fn fields(&self, key: &ObjectKey) -> &[FieldChange] {
        match self.changes.get(key).map(|change| &change.what) {
            Some(What::Changed { fields, .. }) => fields,
            _ => &[],
        }
    }

    pub(super) fn both(&self, key: &ObjectKey) -> Option<(&'a Object, &'a Object)> {
        Some((self.before.objects.get(key)?, self.after.objects.get(key)?))
    }

    /// Functions that go, are others, or are made again: no condition, default or computed column may name them then.
    fn moved_programs(&self) -> BTreeSet<&'a str> {
        let routines = self.before.of_kind(ObjectKind::Routine).map(|(key, _)| key);
        routines
            .filter(|key| self.is_removed(key) || self.rebuilt.contains(key) || self.is_another(key))
            .map(|key| key.name.as_str())
            .collect()
    }

    /// Whether more of it changes than rights and notes.
    pub(super) fn is_another(&self, key: &ObjectKey) -> bool {
        self.fields(key).iter().any(|field| is_substance(&field.field))
    }

    fn changed_tables(&mut self, programs: &BTreeSet<&str>) {
        for (key, old) in self.before.tables() {
            let Some((was, is)) = self.both(key) else { continue };
            let Body::Table(new) = &is.body else { continue };
            let left = reason_to_leave_out(&was.options).or(reason_to_leave_out(&is.options));
            if left.is_some() {
                continue;
            }
            let named: BTreeSet<&str> = was
                .requires
                .iter()
                .filter(|needed| needed.kind == ObjectKind::Routine)
                .map(|needed| needed.name.as_str())
                .filter(|name| programs.contains(name))
                .collect();
            if self.changes.contains_key(key) || !named.is_empty() {
                self.tables.insert(key, TableChange::of(old, new, &named));
            }
        }
    }

    /// Finds what must be made anew: what cannot be changed, and what is bound to something that goes or changes.
    fn rebuild(&mut self) {
        for key in self.changes.keys() {
            if let Some((old, new)) = self.both(key)
                && self.is_another(key)
                && must_be_made_anew(key, old, new)
                && !self.is_held(key)
            {
                self.rebuilt.insert(key);
            }
        }
        loop {
            let size = self.rebuilt.len();
            for (key, object) in &self.before.objects {
                let stays = self.after.objects.contains_key(key) && !self.rebuilt.contains(key);
                if stays && is_bound(key, object) && object.requires.iter().any(|it| self.moves(it, key)) {
                    self.rebuilt.insert(key);
                }
            }
            if self.rebuilt.len() == size {
                return;
            }
        }
    }

    /// Whether what is bound to it must go for a while.
    fn moves(&self, needed: &ObjectKey, user: &ObjectKey) -> bool {
        let bound = match needed.kind {
            ObjectKind::Table => match self.tables.get(needed) {
                Some(change) if user.parent.as_deref() == Some("fulltext index") => {
                    let text = self.before.objects.get(user).map(|object| &object.body);
                    let key = change.keys.gone.iter().chain(&change.indexes.gone).any(|name| {
                        matches!(text, Some(Body::Other(other)) if other.definition.contains(&quoted(name)))
                    });
                    key || change.is_shaken()
                }
                Some(change) => change.is_shaken(),
                None => false,
            },
            ObjectKind::View | ObjectKind::Routine => self.is_another(needed),
            _ => false,
        };
        bound || self.is_removed(needed) || self.rebuilt.contains(needed)
    }

    /// Whether a table or something else that stays needs it, so that it cannot be dropped.
    pub(super) fn is_held(&self, key: &ObjectKey) -> bool {
        let holds = |kind| matches!(kind, ObjectKind::Type | ObjectKind::Other | ObjectKind::Sequence);
        holds(key.kind)
            && self.before.objects.iter().any(|(user, object)| {
                matches!(user.kind, ObjectKind::Table | ObjectKind::Other)
                    && object.requires.contains(key)
                    && self.after.objects.contains_key(user)
                    && !self.rebuilt.contains(user)
            })
    }

    fn foreign_keys(&mut self) {
        for (key, table) in self.before.tables() {
            let change = self.tables.get(key);
            for (name, it) in &table.foreign_keys {
                let target = target(it);
                let goes = change.is_some_and(|change| change.foreign_keys.gone.contains(name));
                let leaves = self.is_removed(key) && target != *key;
                let shaken = !self.is_removed(key)
                    && (self.is_in_the_way(key, &it.columns) || self.key_goes(&target, it));
                if goes || leaves || shaken {
                    self.foreign_keys_gone.push((key, name, it));
                }
                if shaken && !goes {
                    self.foreign_keys_come.extend(self.twin(key, name, it));
                }
            }
        }
        for (key, table) in self.after.tables() {
            let change = self.tables.get(key);
            for (name, it) in &table.foreign_keys {
                if self.is_new(key) || change.is_some_and(|change| change.foreign_keys.come.contains(name)) {
                    self.foreign_keys_come.push((key, name, it));
                }
            }
        }
    }

    /// The same foreign key afterwards: where the server named it, by what it is.
    fn twin(
        &self,
        key: &'a ObjectKey,
        name: &str,
        it: &ForeignKey,
    ) -> Option<(&'a ObjectKey, &'a str, &'a ForeignKey)> {
        let table = table(self.after, key)?;
        let same = |(other, one): &(&String, &ForeignKey)| {
            other.as_str() == name || (one.generated_name && it.generated_name && one.columns == it.columns)
        };
        let (name, one) = table.foreign_keys.iter().find(same)?;
        Some((key, name, one))
    }

    fn is_in_the_way(&self, key: &ObjectKey, columns: &[String]) -> bool {
        let change = self.tables.get(key);
        change.is_some_and(|change| columns.iter().any(|column| change.shakes(column)))
    }

    /// Whether the key that a foreign key points to goes, if only for a while.
    fn key_goes(&self, target: &ObjectKey, it: &ForeignKey) -> bool {
        let Some(change) = self.tables.get(target) else {
            return false;
        };
        let wanted: BTreeSet<&String> = it.references.columns.iter().collect();
        let same = |parts: &[dbvc_engine::schema::IndexPart]| {
            parts
                .iter()
                .filter_map(|part| part.column.as_ref())
                .collect::<BTreeSet<_>>()
                == wanted
        };
        let keys = change
            .keys
            .gone
            .iter()
            .filter_map(|name| change.old.keys.get(name));
        let indexes = change
            .indexes
            .gone
            .iter()
            .filter_map(|name| change.old.indexes.get(name));
        keys.map(|key| &key.parts)
            .chain(indexes.filter(|it| it.unique).map(|it| &it.parts))
            .any(|it| same(it))
            || self.is_in_the_way(target, &it.references.columns)
    }
}

pub(super) fn table<'a>(database: &'a Database, key: &ObjectKey) -> Option<&'a Table> {
    match &database.objects.get(key)?.body {
        Body::Table(table) => Some(table),
        _ => None,
    }
}

fn target(key: &ForeignKey) -> ObjectKey {
    ObjectKey {
        schema: key.references.schema.clone(),
        ..ObjectKey::new(ObjectKind::Table, key.references.table.as_str())
    }
}

/// Whether a field is more than who may do what, whose it is, and what people wrote about it.
fn is_substance(field: &str) -> bool {
    let aside = [
        "owner",
        "comment",
        "options.mssql.disabled",
        "options.mssql.first",
        "options.mssql.last",
    ];
    !(aside.contains(&field) || field.starts_with("grants") || field.starts_with("options.mssql.property."))
}

/// What is bound to the shape of what it needs: the server refuses to change that meanwhile.
fn is_bound(key: &ObjectKey, object: &Object) -> bool {
    match key.kind {
        ObjectKind::View | ObjectKind::Routine => option(&object.options, "schema_bound").is_some(),
        ObjectKind::Other => matches!(
            key.parent.as_deref(),
            Some("security policy" | "statistics" | "fulltext index" | "change tracking")
        ),
        _ => false,
    }
}

fn must_be_made_anew(key: &ObjectKey, old: &Object, new: &Object) -> bool {
    match (&old.body, &new.body) {
        // With another text it loses its indexes (manual, "ALTER VIEW").
        (Body::View(old), Body::View(new)) => {
            !(old.indexes.is_empty() && new.indexes.is_empty()) && old.definition != new.definition
        }
        (Body::Routine(was), Body::Routine(is)) => {
            was.form != is.form || option(&old.options, "returns") != option(&new.options, "returns")
        }
        (Body::Sequence(old), Body::Sequence(new)) => old.data_type != new.data_type,
        (Body::Type(_), Body::Type(_)) | (Body::Synonym(_), Body::Synonym(_)) => true,
        (Body::Other(_), Body::Other(_)) => {
            key.parent.as_deref() != Some("role") && drop_statement(key, new).is_some()
        }
        _ => false,
    }
}
