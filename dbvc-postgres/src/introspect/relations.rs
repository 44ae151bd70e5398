//! Tables and views, and who sees which rows.

use std::collections::BTreeMap;

use dbvc_engine::error::Result;
use dbvc_engine::schema::{
    Body, Object, ObjectKey, ObjectKind, PartitionOf, Partitioning, Policy, Table, View,
};
use serde::Deserialize;

use super::model::{Answers, Model, Oid, option, options};

pub(super) const SQL: &str = "\
SELECT c.oid::int8 AS oid, n.nspname AS schema, c.relname AS name, c.relkind::text AS kind,
  pg_get_userbyid(c.relowner) AS owner, d.description AS comment, c.relpersistence::text AS persistence,
  c.relrowsecurity AS secured, c.relforcerowsecurity AS forced,
  c.relreplident::text AS replica_identity, c.reloptions AS options,
  (SELECT t.reloptions FROM pg_class t WHERE t.oid = c.reltoastrelid) AS toast_options,
  (SELECT s.spcname FROM pg_tablespace s WHERE s.oid = c.reltablespace) AS tablespace,
  (SELECT a.amname FROM pg_am a WHERE a.oid = c.relam AND a.amname <> 'heap') AS access_method,
  CASE WHEN c.reloftype <> 0 THEN format_type(c.reloftype, NULL) END AS of_type,
  CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key,
  CASE WHEN c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END AS bound,
  (SELECT json_agg(json_build_array(pn.nspname, p.relname) ORDER BY i.inhseqno) FROM pg_inherits i
    JOIN pg_class p ON p.oid = i.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
    WHERE i.inhrelid = c.oid) AS parents,
  CASE WHEN c.relkind IN ('v', 'm') THEN pg_get_viewdef(c.oid) END AS query,
  s.srvname AS server, f.ftoptions AS foreign_options
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_description d ON d.objoid = c.oid AND d.classoid = 'pg_class'::regclass AND d.objsubid = 0
LEFT JOIN pg_foreign_table f ON f.ftrelid = c.oid LEFT JOIN pg_foreign_server s ON s.oid = f.ftserver
WHERE {ours} AND c.relkind IN ('r', 'p', 'f', 'v', 'm') AND NOT EXISTS (SELECT FROM pg_depend e
  WHERE e.classid = 'pg_class'::regclass AND e.objid = c.oid AND e.deptype = 'e')";

#[derive(Deserialize)]
struct Row {
    oid: Oid,
    schema: String,
    name: String,
    kind: String,
    owner: String,
    comment: Option<String>,
    persistence: String,
    secured: bool,
    forced: bool,
    replica_identity: String,
    options: Option<Vec<String>>,
    toast_options: Option<Vec<String>>,
    tablespace: Option<String>,
    access_method: Option<String>,
    of_type: Option<String>,
    partition_key: Option<String>,
    bound: Option<String>,
    parents: Option<Vec<(String, String)>>,
    query: Option<String>,
    server: Option<String>,
    foreign_options: Option<Vec<String>>,
}

pub(super) fn add(model: &mut Model, answers: &mut Answers) -> Result<()> {
    for mut row in answers.next::<Row>()? {
        let options = options_of(&row);
        let (kind, body) = match row.query.take() {
            Some(query) => (ObjectKind::View, view(&row.kind, &query)),
            None => (ObjectKind::Table, table(&mut row)),
        };
        let mut object = Object::new(body);
        object.options = options;
        object.owner = Some(row.owner);
        object.comment = row.comment;
        let key = ObjectKey::within(kind, row.schema, row.name);
        model.add("pg_class", row.oid, key, object);
    }
    Ok(())
}

fn view(kind: &str, query: &str) -> Body {
    Body::View(View {
        materialized: kind == "m",
        definition: query.trim().trim_end_matches(';').to_owned(),
        ..View::default()
    })
}

fn table(row: &mut Row) -> Body {
    let mut table = Table {
        partitioning: row
            .partition_key
            .take()
            .map(|definition| Partitioning { definition }),
        ..Table::default()
    };
    let mut parents = row.parents.take().unwrap_or_default().into_iter();
    match row.bound.take() {
        Some(bound) => {
            table.partition_of = parents.next().map(|(schema, table)| PartitionOf {
                schema: Some(schema),
                table,
                bound,
            });
        }
        None => {
            table.inherits = parents
                .map(|(schema, table)| format!("{schema}.{table}"))
                .collect();
        }
    }
    Body::Table(table)
}

fn options_of(row: &Row) -> BTreeMap<String, String> {
    let mut all = options(row.options.iter().flatten(), "postgres.");
    all.extend(options(row.toast_options.iter().flatten(), "postgres.toast."));
    all.extend(options(row.foreign_options.iter().flatten(), "postgres.foreign."));
    option(&mut all, "unlogged", (row.persistence == "u").then_some("yes"));
    let security = match (row.secured, row.forced) {
        (false, false) => None,
        (true, false) => Some("enabled"),
        (true, true) => Some("forced"),
        (false, true) => Some("forced when enabled"),
    };
    option(&mut all, "row_security", security);
    let replica = match row.replica_identity.as_str() {
        "f" => Some("full"),
        "n" => Some("nothing"),
        "i" => Some("index"),
        _ => None,
    };
    // A view has `n` by itself.
    option(
        &mut all,
        "replica_identity",
        replica.filter(|_| matches!(row.kind.as_str(), "r" | "p" | "m")),
    );
    option(&mut all, "tablespace", row.tablespace.as_deref());
    option(&mut all, "access_method", row.access_method.as_deref());
    option(&mut all, "of_type", row.of_type.as_deref());
    option(&mut all, "server", row.server.as_deref());
    all
}

pub(super) const POLICIES: &str = "\
SELECT p.polrelid::int8 AS relation, p.polname AS name, p.polpermissive AS permissive, p.polcmd::text AS command,
  ARRAY(SELECT CASE WHEN r = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(r)::text END FROM unnest(p.polroles) r) AS roles,
  pg_get_expr(p.polqual, p.polrelid) AS using, pg_get_expr(p.polwithcheck, p.polrelid) AS check,
  obj_description(p.oid, 'pg_policy') AS comment
FROM pg_policy p";

#[derive(Deserialize)]
struct PolicyRow {
    relation: Oid,
    name: String,
    permissive: bool,
    command: String,
    roles: Vec<String>,
    using: Option<String>,
    check: Option<String>,
    comment: Option<String>,
}

pub(super) fn add_policies(model: &mut Model, answers: &mut Answers) -> Result<()> {
    for row in answers.next::<PolicyRow>()? {
        let Some(table) = model.table(row.relation) else {
            continue;
        };
        let command = match row.command.as_str() {
            "r" => "select",
            "a" => "insert",
            "w" => "update",
            "d" => "delete",
            _ => "all",
        };
        let policy = Policy {
            restrictive: !row.permissive,
            command: command.to_owned(),
            roles: row.roles.into_iter().collect(),
            using: row.using,
            check: row.check,
            comment: row.comment,
        };
        table.policies.insert(row.name, policy);
    }
    Ok(())
}
