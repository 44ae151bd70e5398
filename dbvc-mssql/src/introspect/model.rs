//! The model while it is put together.

use std::collections::{BTreeMap, HashMap};

use dbvc_engine::schema::{Body, Column, Database, Object, ObjectKey, ObjectKind, Table, TypeBody};

use super::properties::DESCRIPTION;
use crate::ddl::type_definition;
use crate::ddl::unwritten::{OF_COLUMN, PROPERTY};

/// What a number counts, as `sys.extended_properties` and `sys.database_permissions` have it in `class`.
pub(super) mod class {
    pub(in crate::introspect) const DATABASE: i64 = 0;
    pub(in crate::introspect) const OBJECT: i64 = 1;
    pub(in crate::introspect) const SCHEMA: i64 = 3;
    pub(in crate::introspect) const PRINCIPAL: i64 = 4;
    pub(in crate::introspect) const TYPE: i64 = 6;
    pub(in crate::introspect) const INDEX: i64 = 7;
    pub(in crate::introspect) const TYPE_COLUMN: i64 = 8;
    pub(in crate::introspect) const DATA_SPACE: i64 = 20;
    pub(in crate::introspect) const PARTITION_FUNCTION: i64 = 21;
}

/// A part of a table that has a number of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Key,
    Index,
    ForeignKey,
    Check,
    Default,
}

/// Which part of which table.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) table: i64,
    pub(super) sort: Sort,
    pub(super) name: String,
}

/// The objects so far, and which number is which.
#[derive(Default)]
pub(super) struct Model {
    objects: BTreeMap<ObjectKey, Object>,
    ids: HashMap<(i64, i64), ObjectKey>,
    /// Columns by their table's number and their own.
    pub(super) columns: HashMap<(i64, i64), String>,
    /// Constraints by their number.
    pub(super) constraints: HashMap<i64, Part>,
    /// Indexes by their table's number and their own.
    pub(super) indexes: HashMap<(i64, i64), Part>,
    /// The database's collation.
    pub(super) collation: String,
}

/// What stands for the database itself.
pub(super) fn database_key() -> ObjectKey {
    ObjectKey::new(ObjectKind::Other, "defaults").of("database")
}

impl Model {
    /// Adds an object. It needs its schema.
    pub(super) fn add(&mut self, class: i64, id: i64, key: ObjectKey, mut object: Object) {
        if let Some(schema) = &key.schema {
            object
                .requires
                .insert(ObjectKey::new(ObjectKind::Schema, schema.as_str()));
        }
        self.ids.insert((class, id), key.clone());
        self.objects.insert(key, object);
    }

    /// Another number of an object.
    pub(super) fn also(&mut self, class: i64, id: i64, key: ObjectKey) {
        self.ids.insert((class, id), key);
    }

    pub(super) fn key(&self, class: i64, id: i64) -> Option<&ObjectKey> {
        self.ids.get(&(class, id))
    }

    pub(super) fn object(&mut self, class: i64, id: i64) -> Option<&mut Object> {
        let key = self.ids.get(&(class, id))?;
        self.objects.get_mut(key)
    }

    pub(super) fn objects(&self) -> &BTreeMap<ObjectKey, Object> {
        &self.objects
    }

    /// A table, or a table type while it is read.
    pub(super) fn table(&mut self, id: i64) -> Option<&mut Table> {
        match &mut self.object(class::OBJECT, id)?.body {
            Body::Table(table) => Some(table),
            _ => None,
        }
    }

    /// The columns of a table or a view.
    pub(super) fn columns_of(&mut self, id: i64) -> Option<&mut BTreeMap<String, Column>> {
        match &mut self.object(class::OBJECT, id)?.body {
            Body::Table(table) => Some(&mut table.columns),
            Body::View(view) => Some(&mut view.columns),
            _ => None,
        }
    }

    /// Says that an object needs another one; itself it does not need.
    pub(super) fn require(&mut self, class: i64, id: i64, needed: ObjectKey) {
        if self.key(class, id) == Some(&needed) {
            return;
        }
        if let Some(object) = self.object(class, id) {
            object.requires.insert(needed);
        }
    }

    pub(super) fn finish(mut self) -> Database {
        for (key, object) in &mut self.objects {
            if let (ObjectKind::Type, Body::Table(table)) = (key.kind, &object.body) {
                let definition = type_definition(table, &object.options);
                object.options.extend(notes_on_columns(table));
                object.body = Body::Type(TypeBody::Written { definition });
            }
        }
        super::depends::untie(&mut self.objects);
        Database {
            dialect: "mssql".to_owned(),
            objects: self.objects,
        }
    }
}

/// What is said of the columns of a table type, which its definition has no place for.
fn notes_on_columns(table: &Table) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    for (name, column) in &table.columns {
        let comment = column.comment.as_ref().map(|text| (DESCRIPTION, text));
        let others = column
            .options
            .iter()
            .filter_map(|(option, value)| Some((option.strip_prefix(PROPERTY)?, value)));
        for (note, value) in others.chain(comment) {
            all.insert(format!("{PROPERTY}{OF_COLUMN}{name}.{note}"), value.clone());
        }
    }
    all
}
