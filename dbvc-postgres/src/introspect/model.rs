//! The model while it is put together.

use std::collections::{BTreeMap, HashMap};

use dbvc_engine::driver::Rows;
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use dbvc_engine::schema::{Body, Column, Database, Object, ObjectKey, ObjectKind, Table, View};
use serde::de::DeserializeOwned;

/// The server's number of an object, within one catalogue.
pub(super) type Oid = i64;

/// The answers to the queries, in order.
pub(super) struct Answers(std::vec::IntoIter<Rows>);

impl Answers {
    pub(super) fn new(rows: Vec<Rows>) -> Self {
        Self(rows.into_iter())
    }

    /// The rows of the next query.
    pub(super) fn next<T: DeserializeOwned>(&mut self) -> Result<Vec<T>> {
        let rows = self.0.next().unwrap_or_default();
        let texts = rows.cells.iter().filter_map(|row| row.first()?.as_deref());
        texts
            .map(|text| serde_json::from_str(text).map_err(|error| not_understood(&error)))
            .collect()
    }
}

fn not_understood(error: &serde_json::Error) -> DriverError {
    DriverError::new(
        ErrorKind::Protocol,
        Operation::Query,
        format!("the catalogue says something that dbvc does not understand: {error}"),
    )
}

/// The objects so far, and which number is which.
#[derive(Default)]
pub(super) struct Model {
    objects: BTreeMap<ObjectKey, Object>,
    keys: HashMap<(String, Oid), ObjectKey>,
    /// Columns by their table's number and their own.
    pub(super) columns: HashMap<(Oid, i32), String>,
}

impl Model {
    /// Adds an object. It needs its schema.
    pub(super) fn add(&mut self, catalog: &str, oid: Oid, key: ObjectKey, mut object: Object) {
        if let Some(schema) = &key.schema {
            object
                .requires
                .insert(ObjectKey::new(ObjectKind::Schema, schema.as_str()));
        }
        self.keys.insert((catalog.to_owned(), oid), key.clone());
        self.objects.insert(key, object);
    }

    pub(super) fn key(&self, catalog: &str, oid: Oid) -> Option<&ObjectKey> {
        self.keys.get(&(catalog.to_owned(), oid))
    }

    pub(super) fn object(&mut self, catalog: &str, oid: Oid) -> Option<&mut Object> {
        let key = self.keys.get(&(catalog.to_owned(), oid))?;
        self.objects.get_mut(key)
    }

    pub(super) fn by_key(&mut self, key: &ObjectKey) -> Option<&mut Object> {
        self.objects.get_mut(key)
    }

    pub(super) fn table(&mut self, oid: Oid) -> Option<&mut Table> {
        match &mut self.object("pg_class", oid)?.body {
            Body::Table(table) => Some(table),
            _ => None,
        }
    }

    pub(super) fn view(&mut self, oid: Oid) -> Option<&mut View> {
        match &mut self.object("pg_class", oid)?.body {
            Body::View(view) => Some(view),
            _ => None,
        }
    }

    /// The columns of a table, a view or a composite type.
    pub(super) fn columns_of(&mut self, oid: Oid) -> Option<&mut BTreeMap<String, Column>> {
        match &mut self.object("pg_class", oid)?.body {
            Body::Table(table) => Some(&mut table.columns),
            Body::View(view) => Some(&mut view.columns),
            Body::Type(dbvc_engine::schema::TypeBody::Composite { columns }) => Some(columns),
            _ => None,
        }
    }

    /// Another number of an object that is there.
    pub(super) fn also(&mut self, catalog: &str, oid: Oid, key: ObjectKey) {
        self.keys.insert((catalog.to_owned(), oid), key);
    }

    pub(super) fn finish(self) -> Database {
        Database {
            dialect: "postgres".to_owned(),
            objects: self.objects,
        }
    }
}

/// `name=value` as the server keeps options, with the driver's name before it.
pub(super) fn options<'a>(
    given: impl IntoIterator<Item = &'a String>,
    prefix: &str,
) -> BTreeMap<String, String> {
    given
        .into_iter()
        .map(|option| {
            let (name, value) = option.split_once('=').unwrap_or((option, ""));
            (format!("{prefix}{name}"), value.to_owned())
        })
        .collect()
}

/// Sets an option if there is something to say.
pub(super) fn option(options: &mut BTreeMap<String, String>, name: &str, value: Option<impl Into<String>>) {
    if let Some(value) = value {
        options.insert(format!("postgres.{name}"), value.into());
    }
}
