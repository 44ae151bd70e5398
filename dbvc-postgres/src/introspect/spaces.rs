//! Schemas and extensions.

use dbvc_engine::error::Result;
use dbvc_engine::schema::{Body, Extension, Object, ObjectKey, ObjectKind};
use serde::Deserialize;

use super::model::{Answers, Model, Oid};

pub(super) const SCHEMAS: &str = "\
SELECT n.oid::int8 AS oid, n.nspname AS name, pg_get_userbyid(n.nspowner) AS owner,
  obj_description(n.oid, 'pg_namespace') AS comment
FROM pg_namespace n
WHERE {ours} AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_namespace'::regclass
  AND e.objid = n.oid AND e.deptype = 'e')";

#[derive(Deserialize)]
struct SchemaRow {
    oid: Oid,
    name: String,
    owner: String,
    comment: Option<String>,
}

pub(super) fn add_schemas(model: &mut Model, answers: &mut Answers) -> Result<()> {
    for row in answers.next::<SchemaRow>()? {
        let mut object = Object::new(Body::Schema {});
        object.owner = Some(row.owner);
        object.comment = row.comment;
        model.add(
            "pg_namespace",
            row.oid,
            ObjectKey::new(ObjectKind::Schema, row.name),
            object,
        );
    }
    Ok(())
}

/// What the server comes with (`plpgsql`) is told, too: it can be dropped.
pub(super) const EXTENSIONS: &str = "\
SELECT x.oid::int8 AS oid, x.extname AS name, x.extversion AS version, n.nspname AS schema,
  obj_description(x.oid, 'pg_extension') AS comment
FROM pg_extension x JOIN pg_namespace n ON n.oid = x.extnamespace";

#[derive(Deserialize)]
struct ExtensionRow {
    oid: Oid,
    name: String,
    version: String,
    schema: String,
    comment: Option<String>,
}

pub(super) fn add_extensions(model: &mut Model, answers: &mut Answers) -> Result<()> {
    for row in answers.next::<ExtensionRow>()? {
        let installed_in = ObjectKey::new(ObjectKind::Schema, row.schema.as_str());
        let mut object = Object::new(Body::Extension(Extension {
            version: row.version,
            installed_in: Some(row.schema),
        }));
        object.comment = row.comment;
        if model.by_key(&installed_in).is_some() {
            object.requires.insert(installed_in);
        }
        model.add(
            "pg_extension",
            row.oid,
            ObjectKey::new(ObjectKind::Extension, row.name),
            object,
        );
    }
    Ok(())
}
