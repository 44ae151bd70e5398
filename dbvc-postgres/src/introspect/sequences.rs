//! Sequences; those of identity columns are told with the column.

use dbvc_engine::error::Result;
use dbvc_engine::schema::{Body, DataType, Object, ObjectKey, ObjectKind, Sequence, TypeFamily};
use serde::Deserialize;

use super::model::{Answers, Model, Oid, option};

pub(super) const SQL: &str = "\
SELECT c.oid::int8 AS oid, n.nspname AS schema, c.relname AS name, pg_get_userbyid(c.relowner) AS owner,
  d.description AS comment, c.relpersistence::text AS persistence, s.seqtypid::regtype::text AS type,
  s.seqstart AS start, s.seqincrement AS increment, s.seqmin AS min, s.seqmax AS max, s.seqcache AS cache,
  s.seqcycle AS cycle,
  (SELECT json_build_array(tn.nspname, t.relname, a.attname) FROM pg_depend o JOIN pg_class t ON t.oid = o.refobjid
    JOIN pg_namespace tn ON tn.oid = t.relnamespace
    JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = o.refobjsubid
    WHERE o.classid = 'pg_class'::regclass AND o.objid = c.oid AND o.refclassid = 'pg_class'::regclass
      AND o.deptype = 'a' LIMIT 1) AS owned_by
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0
WHERE {ours} AND NOT EXISTS (SELECT FROM pg_depend e WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid
  AND e.deptype IN ('e', 'i'))";

#[derive(Deserialize)]
struct Row {
    oid: Oid,
    schema: String,
    name: String,
    owner: String,
    comment: Option<String>,
    persistence: String,
    r#type: String,
    start: i64,
    increment: i64,
    min: i64,
    max: i64,
    cache: i64,
    cycle: bool,
    owned_by: Option<(String, String, String)>,
}

pub(super) fn add(model: &mut Model, answers: &mut Answers) -> Result<()> {
    for row in answers.next::<Row>()? {
        let mut object = Object::new(Body::Sequence(Sequence {
            data_type: DataType::new(TypeFamily::Integer, row.r#type),
            start: row.start,
            increment: row.increment,
            min: row.min,
            max: row.max,
            cache: row.cache,
            cycle: row.cycle,
            owned_by: row.owned_by,
        }));
        object.owner = Some(row.owner);
        object.comment = row.comment;
        let unlogged = (row.persistence == "u").then_some("yes");
        option(&mut object.options, "unlogged", unlogged);
        let key = ObjectKey::within(ObjectKind::Sequence, row.schema, row.name);
        model.add("pg_class", row.oid, key, object);
    }
    Ok(())
}
