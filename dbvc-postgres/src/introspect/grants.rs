//! Who may do what, where that is not what the server gives by itself.

use std::collections::{BTreeMap, BTreeSet};

use dbvc_engine::error::Result;
use serde::Deserialize;

use super::model::{Answers, Model, Oid};

/// What was granted, and beside it what is granted without a word (`acldefault`). Objects that the server came with have
/// numbers below 16384 (`FirstNormalObjectId`), but for the schema `public`.
pub(super) const SQL: &str = "\
SELECT s.catalog, s.oid::int8 AS oid, s.number, e.by_default,
  CASE WHEN e.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(e.grantee)::text END AS grantee,
  e.privilege_type || CASE WHEN e.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END AS privilege
FROM (
  SELECT 'pg_class' AS catalog, oid, 0 AS number, relacl AS acl,
    acldefault(CASE WHEN relkind = 'S' THEN 's' ELSE 'r' END::\"char\", relowner) AS habit FROM pg_class
  UNION ALL SELECT 'pg_class', attrelid, attnum, attacl, acldefault('c', 10) FROM pg_attribute
  UNION ALL SELECT 'pg_namespace', oid, 0, nspacl, acldefault('n', nspowner) FROM pg_namespace
  UNION ALL SELECT 'pg_proc', oid, 0, proacl, acldefault('f', proowner) FROM pg_proc
  UNION ALL SELECT 'pg_type', oid, 0, typacl, acldefault('T', typowner) FROM pg_type
  UNION ALL SELECT 'pg_language', oid, 0, lanacl, acldefault('l', lanowner) FROM pg_language
  UNION ALL SELECT 'pg_foreign_data_wrapper', oid, 0, fdwacl, acldefault('F', fdwowner) FROM pg_foreign_data_wrapper
  UNION ALL SELECT 'pg_foreign_server', oid, 0, srvacl, acldefault('S', srvowner) FROM pg_foreign_server
) s, LATERAL (SELECT false AS by_default, * FROM aclexplode(s.acl)
  UNION ALL SELECT true, * FROM aclexplode(s.habit)) e
WHERE s.acl IS NOT NULL AND (s.oid >= 16384 OR s.catalog = 'pg_namespace')";

#[derive(Deserialize)]
struct Row {
    catalog: String,
    oid: Oid,
    number: i32,
    by_default: bool,
    grantee: String,
    privilege: String,
}

/// What one grantee has, and has by default.
#[derive(Default)]
struct Both {
    has: BTreeSet<String>,
    habit: BTreeSet<String>,
}

pub(super) fn add(model: &mut Model, answers: &mut Answers) -> Result<()> {
    let mut all: BTreeMap<(String, Oid, i32), BTreeMap<String, Both>> = BTreeMap::new();
    for row in answers.next::<Row>()? {
        let place = all.entry((row.catalog, row.oid, row.number)).or_default();
        let both = place.entry(row.grantee).or_default();
        let set = if row.by_default {
            &mut both.habit
        } else {
            &mut both.has
        };
        set.insert(row.privilege);
    }
    for ((catalog, oid, number), grantees) in all {
        let told = grantees
            .into_iter()
            .filter(|(_, both)| both.has != both.habit)
            .map(|(grantee, both)| (grantee, both.has))
            .collect();
        if number == 0 {
            if let Some(object) = model.object(&catalog, oid) {
                object.grants = told;
            }
        } else if let Some(name) = model.columns.get(&(oid, number)).cloned()
            && let Some(column) = model.columns_of(oid).and_then(|columns| columns.get_mut(&name))
        {
            column.grants = told;
        }
    }
    Ok(())
}
