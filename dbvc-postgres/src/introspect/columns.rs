//! Columns of tables and views, and fields of composite types.

use std::collections::HashMap;

use dbvc_engine::error::Result;
use dbvc_engine::schema::{Column, DataType, Generated, Identity};
use serde::Deserialize;

use super::family::family;
use super::model::{Answers, Model, Oid, option, options};

/// A table of a partitioned table has its columns, too: their defaults may differ.
pub(super) const SQL: &str = "\
SELECT a.attrelid::int8 AS relation, a.attname AS name, a.attnum AS number,
  format_type(a.atttypid, a.atttypmod) AS type, t.typcategory::text AS category, t.typname AS type_name,
  a.attnotnull AS not_null, pg_get_expr(x.adbin, x.adrelid) AS expression, a.attgenerated::text AS generated,
  a.attidentity::text AS identity,
  (SELECT quote_ident(cn.nspname) || '.' || quote_ident(c.collname) FROM pg_collation c
    JOIN pg_namespace cn ON cn.oid = c.collnamespace
    WHERE c.oid = a.attcollation AND a.attcollation <> t.typcollation) AS collation,
  CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage::text END AS storage,
  {compression} AS compression,
  NULLIF(a.attstattarget, -1) AS statistics, a.attoptions AS options, a.attfdwoptions AS foreign_options,
  d.description AS comment, s.seqstart AS start, s.seqincrement AS increment, s.seqmin AS min, s.seqmax AS max,
  s.seqcache AS cache, s.seqcycle AS cycle, s.seqtypid::regtype::text AS counted_type
FROM pg_attribute a JOIN pg_class r ON r.oid = a.attrelid JOIN pg_namespace n ON n.oid = r.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef x ON x.adrelid = a.attrelid AND x.adnum = a.attnum
LEFT JOIN pg_description d ON d.objoid = a.attrelid AND d.classoid = 'pg_class'::regclass
  AND d.objsubid = a.attnum
LEFT JOIN (SELECT i.refobjid, i.refobjsubid, q.* FROM pg_sequence q JOIN pg_depend i ON i.objid = q.seqrelid
    AND i.classid = 'pg_class'::regclass AND i.refclassid = 'pg_class'::regclass AND i.deptype = 'i') s
  ON s.refobjid = a.attrelid AND s.refobjsubid = a.attnum AND a.attidentity <> ''
WHERE {ours} AND r.relkind IN ('r', 'p', 'f', 'v', 'm', 'c') AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum";

#[derive(Deserialize)]
struct Row {
    relation: Oid,
    name: String,
    number: i32,
    r#type: String,
    category: String,
    type_name: String,
    not_null: bool,
    expression: Option<String>,
    generated: String,
    identity: String,
    collation: Option<String>,
    storage: Option<String>,
    compression: Option<String>,
    statistics: Option<i32>,
    options: Option<Vec<String>>,
    foreign_options: Option<Vec<String>>,
    comment: Option<String>,
    start: Option<i64>,
    increment: Option<i64>,
    min: Option<i64>,
    max: Option<i64>,
    cache: Option<i64>,
    cycle: Option<bool>,
    counted_type: Option<String>,
}

pub(super) fn add(model: &mut Model, answers: &mut Answers) -> Result<()> {
    let mut places: HashMap<Oid, u32> = HashMap::new();
    for mut row in answers.next::<Row>()? {
        let (relation, number, name) = (row.relation, row.number, std::mem::take(&mut row.name));
        if model.key("pg_class", relation).is_none() {
            continue;
        }
        model.columns.insert((relation, number), name.clone());
        // Dropped columns leave gaps in the server's numbers.
        let place = places.entry(relation).or_default();
        *place += 1;
        let column = column(row, *place);
        if let Some(columns) = model.columns_of(relation) {
            columns.insert(name, column);
        }
    }
    Ok(())
}

fn column(row: Row, position: u32) -> Column {
    let mut all = options(row.options.iter().flatten(), "postgres.");
    all.extend(options(row.foreign_options.iter().flatten(), "postgres.foreign."));
    let storage = row.storage.as_deref().map(|storage| match storage {
        "p" => "plain",
        "e" => "external",
        "x" => "extended",
        _ => "main",
    });
    option(&mut all, "storage", storage);
    let compression = row.compression.as_deref().map(|method| match method {
        "l" => "lz4",
        _ => "pglz",
    });
    option(&mut all, "compression", compression);
    option(
        &mut all,
        "statistics",
        row.statistics.map(|number| number.to_string()),
    );
    let identity = identity(&row);
    let (default, generated) = match row.generated.as_str() {
        "" => (row.expression, None),
        kind => (
            None,
            row.expression.map(|expression| Generated {
                expression,
                stored: kind == "s",
            }),
        ),
    };
    Column {
        position,
        data_type: DataType::new(family(&row.category, &row.type_name), row.r#type),
        nullable: !row.not_null,
        default,
        identity,
        generated,
        collation: row.collation,
        comment: row.comment,
        options: all,
        ..Column::default()
    }
}

fn identity(row: &Row) -> Option<Identity> {
    if row.identity.is_empty() {
        return None;
    }
    let up = row.increment.is_none_or(|step| step > 0);
    let (least, most) = bounds(row.counted_type.as_deref().unwrap_or_default());
    let (min, max) = if up { (1, most) } else { (least, -1) };
    let start = if up { row.min } else { row.max };
    let unless = |value: Option<i64>, habit: Option<i64>| if value == habit { None } else { value };
    Some(Identity {
        always: row.identity == "a",
        start: unless(row.start, start),
        increment: unless(row.increment, Some(1)),
        min: unless(row.min, Some(min)),
        max: unless(row.max, Some(max)),
        cache: unless(row.cache, Some(1)),
        cycle: row.cycle == Some(true),
    })
}

/// The smallest and the largest number of a type (manual, 8.1 "Numeric Types").
pub(super) fn bounds(name: &str) -> (i64, i64) {
    match name {
        "smallint" => (i16::MIN.into(), i16::MAX.into()),
        "integer" => (i32::MIN.into(), i32::MAX.into()),
        _ => (i64::MIN, i64::MAX),
    }
}
