//! Enums, domains, composite types and the rest.

use std::collections::BTreeMap;

use dbvc_engine::error::Result;
use dbvc_engine::schema::{Body, DataType, Object, ObjectKey, ObjectKind, TypeBody};
use serde::Deserialize;

use super::family::family;
use super::model::{Answers, Model, Oid};

/// A table's own type, arrays and multiranges come with what they are made of and are left out.
pub(super) const SQL: &str = "\
SELECT t.oid::int8 AS oid, n.nspname AS schema, t.typname AS name, t.typtype::text AS kind,
  pg_get_userbyid(t.typowner) AS owner, obj_description(t.oid, 'pg_type') AS comment,
  t.typrelid::int8 AS relation,
  ARRAY(SELECT e.enumlabel FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) AS labels,
  CASE WHEN t.typtype = 'd' THEN format_type(t.typbasetype, t.typtypmod) END AS base,
  b.typcategory::text AS category, b.typname AS base_name, t.typnotnull AS not_null,
  CASE WHEN t.typdefaultbin IS NOT NULL THEN pg_get_expr(t.typdefaultbin, 0) ELSE t.typdefault END AS default,
  (SELECT quote_ident(cn.nspname) || '.' || quote_ident(c.collname) FROM pg_collation c
    JOIN pg_namespace cn ON cn.oid = c.collnamespace
    WHERE c.oid = t.typcollation AND t.typcollation <> b.typcollation) AS collation,
  CASE t.typtype
    WHEN 'r' THEN (SELECT concat_ws(', ', 'subtype = ' || format_type(g.rngsubtype, NULL),
        'subtype_opclass = ' || (SELECT on_.nspname || '.' || o.opcname FROM pg_opclass o
          JOIN pg_namespace on_ ON on_.oid = o.opcnamespace WHERE o.oid = g.rngsubopc AND NOT o.opcdefault),
        'collation = ' || (SELECT g.rngcollation::regcollation::text FROM pg_type st
          WHERE st.oid = g.rngsubtype AND st.typcollation <> g.rngcollation),
        'canonical = ' || NULLIF(g.rngcanonical::text, '-'), 'subtype_diff = ' || NULLIF(g.rngsubdiff::text, '-'))
      FROM pg_range g WHERE g.rngtypid = t.oid)
    ELSE concat_ws(', ', 'input = ' || t.typinput, 'output = ' || t.typoutput,
      'receive = ' || NULLIF(t.typreceive::text, '-'), 'send = ' || NULLIF(t.typsend::text, '-'),
      'typmod_in = ' || NULLIF(t.typmodin::text, '-'), 'typmod_out = ' || NULLIF(t.typmodout::text, '-'),
      'internallength = ' || t.typlen, 'passedbyvalue = ' || t.typbyval, 'alignment = ' || t.typalign::text,
      'storage = ' || t.typstorage::text, 'category = ' || t.typcategory::text, 'preferred = ' || t.typispreferred)
  END AS definition, t.typisdefined AS defined
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
LEFT JOIN pg_class r ON r.oid = t.typrelid LEFT JOIN pg_type b ON b.oid = t.typbasetype
WHERE {ours} AND t.typtype IN ('e', 'd', 'c', 'r', 'b', 'p') AND (t.typrelid = 0 OR r.relkind = 'c')
  AND NOT EXISTS (SELECT FROM pg_type l WHERE l.typarray = t.oid)
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_type'::regclass AND e.objid = t.oid
    AND e.deptype IN ('e', 'i') AND t.typrelid = 0)
  AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = t.typrelid
    AND e.deptype = 'e')";

#[derive(Deserialize)]
struct Row {
    oid: Oid,
    schema: String,
    name: String,
    kind: String,
    owner: String,
    comment: Option<String>,
    relation: Oid,
    labels: Vec<String>,
    base: Option<String>,
    category: Option<String>,
    base_name: Option<String>,
    not_null: bool,
    default: Option<String>,
    collation: Option<String>,
    definition: Option<String>,
    defined: bool,
}

pub(super) fn add(model: &mut Model, answers: &mut Answers) -> Result<()> {
    for row in answers.next::<Row>()? {
        let key = ObjectKey::within(ObjectKind::Type, row.schema.as_str(), row.name.as_str());
        let body = match row.kind.as_str() {
            "e" => TypeBody::Enum { labels: row.labels },
            "d" => TypeBody::Domain {
                base: DataType::new(
                    family(
                        row.category.as_deref().unwrap_or_default(),
                        row.base_name.as_deref().unwrap_or_default(),
                    ),
                    row.base.unwrap_or_default(),
                ),
                nullable: !row.not_null,
                default: row.default,
                collation: row.collation,
                checks: BTreeMap::new(),
            },
            "c" => TypeBody::Composite {
                columns: BTreeMap::new(),
            },
            "r" => TypeBody::Written {
                definition: format!("RANGE ({})", row.definition.unwrap_or_default()),
            },
            // Declared, and not yet filled in.
            _ if !row.defined => TypeBody::Written {
                definition: String::new(),
            },
            _ => TypeBody::Written {
                definition: format!("({})", row.definition.unwrap_or_default()),
            },
        };
        let mut object = Object::new(Body::Type(body));
        object.owner = Some(row.owner);
        object.comment = row.comment;
        model.add("pg_type", row.oid, key.clone(), object);
        if row.relation != 0 {
            model.also("pg_class", row.relation, key);
        }
    }
    Ok(())
}
