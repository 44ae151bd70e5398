//! Keys, foreign keys, checks and exclusions.

use std::collections::BTreeMap;

use dbvc_engine::error::Result;
use dbvc_engine::schema::{
    Body, Check, Deferral, Exclusion, ForeignKey, IndexPart, Key, Reference, Table, TypeBody,
};
use serde::Deserialize;

use super::made_up::is_made_up;
use super::model::{Answers, Model, Oid, option, options};

/// What a table only has from its parent is left out: it comes and goes with the parent's. Constraint triggers are
/// triggers.
pub(super) const SQL: &str = "\
SELECT c.conrelid::int8 AS relation, c.contypid::int8 AS domain, COALESCE(r.relname, y.typname) AS owner,
  c.conname AS name, c.contype::text AS kind, c.condeferrable AS deferrable, c.condeferred AS deferred,
  NOT c.convalidated AS unvalidated, c.connoinherit AND c.contype = 'c' AS no_inherit,
  c.conkey AS columns,
  CASE WHEN c.contype = 'c' THEN pg_get_expr(c.conbin, c.conrelid) END AS expression,
  CASE WHEN c.contype = 'x' THEN pg_get_constraintdef(c.oid) END AS definition,
  fn.nspname AS foreign_schema, f.relname AS foreign_table,
  CASE WHEN c.contype = 'f' THEN ARRAY(SELECT a.attname FROM unnest(c.confkey) WITH ORDINALITY k (number, place)
    JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.number ORDER BY k.place) END AS foreign_columns,
  c.confupdtype::text AS on_update, c.confdeltype::text AS on_delete, c.confmatchtype::text AS matching,
  CASE WHEN {delete_columns} IS NOT NULL THEN ARRAY(SELECT a.attname FROM pg_attribute a
    WHERE a.attrelid = c.conrelid AND a.attnum = ANY ({delete_columns}) ORDER BY 1) END AS delete_columns,
  CASE WHEN i.indexrelid IS NOT NULL THEN ARRAY(SELECT a.attname FROM pg_attribute a
    WHERE a.attrelid = i.indexrelid AND a.attnum > i.indnkeyatts ORDER BY a.attnum) END AS include,
  CASE WHEN i.indexrelid IS NOT NULL THEN {nulls_equal} END AS nulls_equal,
  i.indisclustered AS clustered, i.indisreplident AS replica_identity, x.reloptions AS options,
  (SELECT s.spcname FROM pg_tablespace s WHERE s.oid = x.reltablespace) AS tablespace, d.description AS comment
FROM pg_constraint c JOIN pg_namespace n ON n.oid = c.connamespace
LEFT JOIN pg_class r ON r.oid = c.conrelid LEFT JOIN pg_type y ON y.oid = c.contypid
LEFT JOIN pg_class f ON f.oid = c.confrelid LEFT JOIN pg_namespace fn ON fn.oid = f.relnamespace
LEFT JOIN pg_index i ON i.indexrelid = c.conindid AND c.contype IN ('p', 'u')
LEFT JOIN pg_class x ON x.oid = i.indexrelid
LEFT JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_constraint'::regclass
WHERE {ours} AND c.contype IN ('p', 'u', 'f', 'c', 'x') AND (c.conislocal OR c.coninhcount = 0)
  AND c.conparentid = 0";

#[allow(clippy::struct_excessive_bools, reason = "it is a row of the catalogue")]
#[derive(Deserialize)]
struct Row {
    relation: Oid,
    domain: Oid,
    owner: String,
    name: String,
    kind: String,
    deferrable: bool,
    deferred: bool,
    unvalidated: bool,
    no_inherit: bool,
    #[serde(rename = "columns")]
    numbers: Option<Vec<i32>>,
    #[serde(skip)]
    columns: Vec<String>,
    expression: Option<String>,
    definition: Option<String>,
    foreign_schema: Option<String>,
    foreign_table: Option<String>,
    foreign_columns: Option<Vec<String>>,
    on_update: String,
    on_delete: String,
    matching: String,
    delete_columns: Option<Vec<String>>,
    include: Option<Vec<String>>,
    nulls_equal: Option<bool>,
    clustered: Option<bool>,
    replica_identity: Option<bool>,
    options: Option<Vec<String>>,
    tablespace: Option<String>,
    comment: Option<String>,
}

impl Row {
    fn deferral(&self) -> Option<Deferral> {
        match (self.deferrable, self.deferred) {
            (_, true) => Some(Deferral::Deferred),
            (true, false) => Some(Deferral::Deferrable),
            (false, false) => None,
        }
    }

    fn is_made_up(&self) -> bool {
        let mut parts = vec![self.owner.as_str()];
        let columns = self.columns.iter().map(String::as_str);
        let ending = match self.kind.as_str() {
            "p" => "pkey",
            "u" => "key",
            "f" => "fkey",
            "x" => "excl",
            _ => "check",
        };
        match self.kind.as_str() {
            "p" => {}
            "c" if self.columns.len() != 1 => {}
            _ => parts.extend(columns),
        }
        parts.push(ending);
        is_made_up(&self.name, &parts)
    }
}

pub(super) fn add(model: &mut Model, answers: &mut Answers) -> Result<()> {
    for mut row in answers.next::<Row>()? {
        let numbers = row.numbers.take().unwrap_or_default();
        row.columns = numbers
            .iter()
            .filter_map(|number| name_of(model, row.relation, *number))
            .collect();
        if row.domain == 0 {
            if let Some(table) = model.table(row.relation) {
                add_to_table(table, row);
            }
        } else if let Some(object) = model.object("pg_type", row.domain)
            && let Body::Type(TypeBody::Domain { checks, .. }) = &mut object.body
        {
            let (name, check) = check(row);
            checks.insert(name, check);
        }
    }
    Ok(())
}

/// The only column of the server's own that a condition may name is `tableoid` (manual, 5.5 "System Columns").
fn name_of(model: &Model, relation: Oid, number: i32) -> Option<String> {
    if number < 0 {
        return Some("tableoid".to_owned());
    }
    model.columns.get(&(relation, number)).cloned()
}

fn add_to_table(table: &mut Table, row: Row) {
    match row.kind.as_str() {
        "p" | "u" => {
            let (name, key) = key(row);
            table.keys.insert(name, key);
        }
        "f" => {
            let (name, key) = foreign_key(row);
            table.foreign_keys.insert(name, key);
        }
        "x" => {
            let exclusion = Exclusion {
                generated_name: row.is_made_up(),
                definition: row.definition.unwrap_or_default(),
                comment: row.comment,
            };
            table.exclusions.insert(row.name, exclusion);
        }
        _ => {
            let (name, check) = check(row);
            table.checks.insert(name, check);
        }
    }
}

fn key(row: Row) -> (String, Key) {
    let mut all = options(row.options.iter().flatten(), "postgres.");
    let yes = |flag: Option<bool>| (flag == Some(true)).then_some("yes");
    option(&mut all, "nulls_not_distinct", yes(row.nulls_equal));
    option(&mut all, "clustered", yes(row.clustered));
    option(&mut all, "replica_identity", yes(row.replica_identity));
    option(&mut all, "tablespace", row.tablespace.as_deref());
    let key = Key {
        primary: row.kind == "p",
        deferral: row.deferral(),
        generated_name: row.is_made_up(),
        parts: row.columns.into_iter().map(IndexPart::column).collect(),
        include: row.include.unwrap_or_default(),
        comment: row.comment,
        options: all,
    };
    (row.name, key)
}

/// Letters of `confupdtype` and `confdeltype` (manual, 53.13 "`pg_constraint`").
fn action(letter: &str) -> Option<String> {
    let word = match letter {
        "r" => "restrict",
        "c" => "cascade",
        "n" => "set null",
        "d" => "set default",
        _ => return None,
    };
    Some(word.to_owned())
}

fn foreign_key(row: Row) -> (String, ForeignKey) {
    let mut all = BTreeMap::new();
    let set = row.delete_columns.iter().flatten().cloned().collect::<Vec<_>>();
    option(
        &mut all,
        "delete_columns",
        (!set.is_empty()).then(|| set.join(", ")),
    );
    let matching = match row.matching.as_str() {
        "f" => Some("full".to_owned()),
        "p" => Some("partial".to_owned()),
        _ => None,
    };
    let key = ForeignKey {
        on_update: action(&row.on_update),
        on_delete: action(&row.on_delete),
        matching,
        deferral: row.deferral(),
        unvalidated: row.unvalidated,
        generated_name: row.is_made_up(),
        columns: row.columns,
        references: Reference {
            schema: row.foreign_schema,
            table: row.foreign_table.unwrap_or_default(),
            columns: row.foreign_columns.unwrap_or_default(),
        },
        comment: row.comment,
        options: all,
    };
    (row.name, key)
}

fn check(row: Row) -> (String, Check) {
    let mut all = BTreeMap::new();
    option(&mut all, "no_inherit", row.no_inherit.then_some("yes"));
    let check = Check {
        unvalidated: row.unvalidated,
        generated_name: row.is_made_up(),
        expression: row.expression.unwrap_or_default(),
        comment: row.comment,
        options: all,
    };
    (row.name, check)
}
