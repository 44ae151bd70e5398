//! Tables as SQL.

use std::collections::BTreeMap;

use dbvc_engine::schema::{ForeignKey, Object, ObjectKey, Table, in_order};

use super::parts::{check, column, foreign_key, index, key, own_check, put};
use super::script::Script;
use crate::introspect::{quoted, string};

/// Options that are no `NAME=value` behind the table.
const APART: &[&str] = &["collation", "system_versioning", "more"];

/// Options whose name has a space in it.
const SPACED: &[&str] = &["data_directory", "index_directory"];

/// Options that MySQL and MariaDB know by themselves; every other one is an engine's, and its name stands in quotes.
const PLAIN: &[&str] = &[
    "autoextend_size",
    "avg_row_length",
    "checksum",
    "compression",
    "connection",
    "delay_key_write",
    "encryption",
    "engine",
    "engine_attribute",
    "insert_method",
    "key_block_size",
    "max_rows",
    "min_rows",
    "pack_keys",
    "page_checksum",
    "row_format",
    "secondary_engine",
    "secondary_engine_attribute",
    "sequence",
    "stats_auto_recalc",
    "stats_persistent",
    "stats_sample_pages",
    "transactional",
    "union",
];

pub(super) fn create(script: &mut Script, name: &ObjectKey, object: &Object, table: &Table) {
    let mut lines: Vec<String> = in_order(&table.columns)
        .into_iter()
        .map(|(name, it)| column(name, it, table, None))
        .collect();
    lines.extend(table.keys.iter().map(|(name, it)| key(name, it)));
    lines.extend(table.indexes.iter().map(|(name, it)| index(name, it)));
    let checks = table
        .checks
        .iter()
        .filter(|(name, _)| !(table.columns.contains_key(*name) && own_check(name, table).is_some()));
    lines.extend(checks.map(|(name, it)| check(name, it)));
    lines.extend(periods(&object.options).map(|(name, between)| period(name, between)));
    lines.extend(object.options.get("mysql.more").cloned());
    let mut sql = format!(
        "CREATE TABLE {} (\n  {}\n)",
        quoted(&name.name),
        lines.join(",\n  ")
    );
    for (name, value) in &object.options {
        if let Some(written) = option(name, value) {
            put(&mut sql, format_args!(" {written}"));
        }
    }
    if let Some(collation) = object.options.get("mysql.collation") {
        put(&mut sql, format_args!(" {}", collate(collation)));
    }
    if let Some(comment) = &object.comment {
        put(&mut sql, format_args!(" COMMENT={}", string(comment)));
    }
    if object.options.contains_key("mysql.system_versioning") {
        sql.push_str(" WITH SYSTEM VERSIONING");
    }
    if let Some(partitioning) = &table.partitioning {
        put(
            &mut sql,
            format_args!("\nPARTITION BY {}", partitioning.definition),
        );
    }
    script.first(&sql);
}

/// The character set is the first word of the collation's name.
pub(super) fn collate(collation: &str) -> String {
    let charset = collation.split('_').next().unwrap_or(collation);
    format!("DEFAULT CHARSET={charset} COLLATE={collation}")
}

/// The names of periods and between which columns they are.
pub(super) fn periods(options: &BTreeMap<String, String>) -> impl Iterator<Item = (&str, &str)> {
    options.iter().filter_map(|(name, between)| {
        let name = name.strip_prefix("mysql.period.")?;
        Some((name, between.as_str()))
    })
}

pub(super) fn period(name: &str, between: &str) -> String {
    if name.eq_ignore_ascii_case("system_time") {
        format!("PERIOD FOR SYSTEM_TIME ({between})")
    } else {
        format!("PERIOD FOR {} ({between})", quoted(name))
    }
}

/// `NAME=value`; none for what is written elsewhere.
pub(super) fn option(name: &str, value: &str) -> Option<String> {
    let name = name.strip_prefix("mysql.")?;
    if APART.contains(&name) || name.starts_with("period.") {
        return None;
    }
    Some(if name == "tablespace" {
        format!("TABLESPACE {value}")
    } else if SPACED.contains(&name) {
        format!("{}={value}", name.to_uppercase().replace('_', " "))
    } else if PLAIN.contains(&name) {
        format!("{}={value}", name.to_uppercase())
    } else {
        format!("{}={value}", quoted(name))
    })
}

/// Foreign keys come when all tables are there, as they may go in a circle.
pub(super) fn foreign_keys<'a>(
    script: &mut Script,
    name: &ObjectKey,
    keys: impl Iterator<Item = (&'a String, &'a ForeignKey)>,
) {
    let added: Vec<String> = keys
        .map(|(name, key)| format!("  ADD {}", foreign_key(name, key)))
        .collect();
    if !added.is_empty() {
        script.first(&format!(
            "ALTER TABLE {}\n{}",
            quoted(&name.name),
            added.join(",\n")
        ));
    }
}
