//! Indexes that belong to no constraint.

use dbvc_engine::error::Result;
use dbvc_engine::schema::Index;
use serde::Deserialize;

use super::key_list::{keys, part};
use super::made_up::is_made_up;
use super::model::{Answers, Model, Oid, option, options};

/// A part's index that belongs to its parent's is left out: it comes and goes with it.
pub(super) const SQL: &str = "\
SELECT i.indexrelid::int8 AS oid, i.indrelid::int8 AS relation, r.relname AS owner, x.relname AS name,
  i.indisunique AS is_unique, m.amname AS method, pg_get_indexdef(i.indexrelid) AS definition,
  (SELECT json_agg(json_build_array(a.attname, CASE WHEN c.attname IS NOT NULL THEN quote_ident(c.attname)
      ELSE pg_get_indexdef(i.indexrelid, a.attnum, false) END, c.attname) ORDER BY a.attnum)
    FROM pg_attribute a LEFT JOIN pg_attribute c ON c.attrelid = i.indrelid AND c.attnum = i.indkey[a.attnum - 1]
      AND c.attnum <> 0
    WHERE a.attrelid = i.indexrelid AND a.attnum > 0) AS attributes,
  i.indnkeyatts AS keys, pg_get_expr(i.indpred, i.indrelid) AS filter, x.reloptions AS options,
  NOT i.indisvalid AND x.relkind = 'i' AS invalid, i.indisclustered AS clustered,
  i.indisreplident AS replica_identity,
  {nulls_equal} AS nulls_equal,
  (SELECT s.spcname FROM pg_tablespace s WHERE s.oid = x.reltablespace) AS tablespace,
  (SELECT json_agg(json_build_array(a.attnum, a.attstattarget) ORDER BY a.attnum) FROM pg_attribute a
    WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0) AS statistics,
  d.description AS comment
FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_class r ON r.oid = i.indrelid
JOIN pg_namespace n ON n.oid = r.relnamespace JOIN pg_am m ON m.oid = x.relam
LEFT JOIN pg_description d ON d.objoid = x.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0
WHERE {ours} AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid
    AND c.conrelid = i.indrelid AND c.contype IN ('p', 'u', 'x'))
  AND NOT EXISTS (SELECT FROM pg_inherits p WHERE p.inhrelid = i.indexrelid)";

#[allow(clippy::struct_excessive_bools, reason = "it is a row of the catalogue")]
#[derive(Deserialize)]
struct Row {
    oid: Oid,
    relation: Oid,
    owner: String,
    name: String,
    is_unique: bool,
    method: String,
    definition: String,
    /// The name in the index, the text, and the table's column if it is one.
    attributes: Vec<(String, String, Option<String>)>,
    keys: usize,
    filter: Option<String>,
    options: Option<Vec<String>>,
    invalid: bool,
    clustered: bool,
    replica_identity: bool,
    nulls_equal: bool,
    tablespace: Option<String>,
    statistics: Option<Vec<(i32, i32)>>,
    comment: Option<String>,
}

pub(super) fn add(model: &mut Model, answers: &mut Answers) -> Result<()> {
    for row in answers.next::<Row>()? {
        let (oid, relation, name) = (row.oid, row.relation, row.name.clone());
        let Some(key) = model.key("pg_class", relation).cloned() else {
            continue;
        };
        model.also("pg_class", oid, key);
        let index = index(row);
        if let Some(table) = model.table(relation) {
            table.indexes.insert(name, index);
        } else if let Some(view) = model.view(relation) {
            view.indexes.insert(name, index);
        }
    }
    Ok(())
}

fn index(row: Row) -> Index {
    let mut all = options(row.options.iter().flatten(), "postgres.");
    option(&mut all, "nulls_not_distinct", row.nulls_equal.then_some("yes"));
    option(&mut all, "invalid", row.invalid.then_some("yes"));
    option(&mut all, "clustered", row.clustered.then_some("yes"));
    option(
        &mut all,
        "replica_identity",
        row.replica_identity.then_some("yes"),
    );
    option(&mut all, "tablespace", row.tablespace.as_deref());
    for (number, target) in row.statistics.iter().flatten() {
        option(
            &mut all,
            &format!("statistics.{number}"),
            Some(target.to_string()),
        );
    }
    let mut parts = vec![row.owner.as_str()];
    parts.extend(
        row.attributes
            .iter()
            .take(row.keys)
            .map(|(name, ..)| name.as_str()),
    );
    parts.push("idx");
    let generated_name = is_made_up(&row.name, &parts);
    let listed = keys(&row.definition);
    let mut attributes = row.attributes.into_iter();
    let parts = attributes
        .by_ref()
        .take(row.keys)
        .enumerate()
        .map(|(at, (_, alone, column))| {
            let listed = listed.get(at).copied().unwrap_or(&alone);
            part(&alone, listed, column)
        })
        .collect();
    Index {
        unique: row.is_unique,
        method: row.method,
        parts,
        include: attributes
            .map(|(name, _, column)| column.unwrap_or(name))
            .collect(),
        filter: row.filter,
        generated_name,
        comment: row.comment,
        options: all,
    }
}
