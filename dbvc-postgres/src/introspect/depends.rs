//! What must be there before something else.

use dbvc_engine::error::Result;
use dbvc_engine::schema::ObjectKind;
use serde::Deserialize;

use super::model::{Answers, Model, Oid};

/// The server's own dependencies, with the parts of objects (defaults, constraints, a view's rule, indexes, row and
/// array types) led back to the object that they belong to, and what an extension brought to the extension. Foreign
/// keys do not count. What a routine's text uses, the server does not know.
pub(super) const SQL: &str = "\
WITH part AS (
  SELECT 'pg_class'::regclass AS class, i.indexrelid AS id, 'pg_class'::regclass AS whole, i.indrelid AS owner
    FROM pg_index i WHERE i.indexrelid >= 16384
  UNION ALL SELECT 'pg_class'::regclass, c.oid, 'pg_type'::regclass, c.reltype FROM pg_class c
    WHERE c.relkind = 'c' AND c.oid >= 16384
  UNION ALL SELECT 'pg_type'::regclass, t.oid, 'pg_class'::regclass, t.typrelid FROM pg_type t
    JOIN pg_class c ON c.oid = t.typrelid WHERE c.relkind <> 'c' AND t.oid >= 16384
  UNION ALL SELECT 'pg_type'::regclass, l.typarray,
    CASE WHEN l.typrelid <> 0 AND c.relkind <> 'c' THEN 'pg_class' ELSE 'pg_type' END::regclass,
    CASE WHEN l.typrelid <> 0 AND c.relkind <> 'c' THEN l.typrelid ELSE l.oid END
    FROM pg_type l LEFT JOIN pg_class c ON c.oid = l.typrelid WHERE l.typarray <> 0 AND l.oid >= 16384
  UNION ALL SELECT 'pg_rewrite'::regclass, w.oid, 'pg_class'::regclass, w.ev_class FROM pg_rewrite w
    WHERE w.rulename = '_RETURN' AND w.oid >= 16384
  UNION ALL SELECT 'pg_attrdef'::regclass, x.oid, 'pg_class'::regclass, x.adrelid FROM pg_attrdef x
  UNION ALL SELECT 'pg_policy'::regclass, p.oid, 'pg_class'::regclass, p.polrelid FROM pg_policy p
  UNION ALL SELECT 'pg_publication_rel'::regclass, p.oid, 'pg_publication'::regclass, p.prpubid
    FROM pg_publication_rel p
  UNION ALL SELECT 'pg_constraint'::regclass, k.oid,
    CASE WHEN k.conrelid <> 0 THEN 'pg_class' ELSE 'pg_type' END::regclass,
    CASE WHEN k.conrelid <> 0 THEN k.conrelid ELSE k.contypid END FROM pg_constraint k
    WHERE k.contype <> 'f' AND k.oid >= 16384
)
SELECT catalog::regclass::text AS catalog, oid::int8 AS oid, needed_catalog::regclass::text AS needed_catalog,
  needed::int8 AS needed
FROM (
  SELECT DISTINCT COALESCE(f.whole, d.classid) AS catalog, COALESCE(f.owner, d.objid) AS oid,
    COALESCE(x.refclassid, t.whole, d.refclassid) AS needed_catalog, COALESCE(x.refobjid, t.owner, d.refobjid) AS needed
  FROM pg_depend d LEFT JOIN part f ON f.class = d.classid AND f.id = d.objid
  LEFT JOIN part t ON t.class = d.refclassid AND t.id = d.refobjid
  LEFT JOIN pg_depend x ON x.classid = d.refclassid AND x.objid = d.refobjid AND x.deptype = 'e'
  WHERE d.deptype IN ('n', 'a') AND d.objid >= 16384 AND d.refobjid >= 16384
    AND d.classid <> 'pg_extension'::regclass
) all_of_them WHERE (catalog, oid) <> (needed_catalog, needed)";

#[derive(Deserialize)]
struct Row {
    catalog: String,
    oid: Oid,
    needed_catalog: String,
    needed: Oid,
}

pub(super) fn add(model: &mut Model, answers: &mut Answers) -> Result<()> {
    for row in answers.next::<Row>()? {
        let Some(needed) = model.key(&row.needed_catalog, row.needed).cloned() else {
            continue;
        };
        let Some(key) = model.key(&row.catalog, row.oid) else {
            continue;
        };
        // A sequence that goes away with a column is there before it: the column's default needs it.
        if *key == needed || (key.kind == ObjectKind::Sequence && needed.kind == ObjectKind::Table) {
            continue;
        }
        if let Some(object) = model.object(&row.catalog, row.oid) {
            object.requires.insert(needed);
        }
    }
    Ok(())
}
