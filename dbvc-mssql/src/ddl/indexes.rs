//! Indexes as T-SQL.

use std::collections::BTreeMap;

use dbvc_engine::schema::{Index, IndexPart, ObjectKey};

use super::names::{full, list, put, quoted};
use super::script::Script;
use super::tables::{compression, option};

type Options = BTreeMap<String, String>;

/// Options that are told as `NAME = value`, with the name as T-SQL has it.
const TOLD: &[&str] = &[
    "allow_page_locks",
    "allow_row_locks",
    "bucket_count",
    "compression_delay",
    "fillfactor",
    "ignore_dup_key",
    "optimize_for_sequential_key",
    "pad_index",
    "statistics_incremental",
    "statistics_norecompute",
];

/// The clustered index first, since the others point into it, and a secondary XML index after its primary one.
pub(super) fn in_order(all: &BTreeMap<String, Index>) -> Vec<(&String, &Index)> {
    let mut sorted: Vec<(&String, &Index)> = all.iter().collect();
    sorted.sort_by_key(|(_, it)| {
        let secondary = option(&it.options, "xml_primary").is_some();
        (!it.method.starts_with("clustered"), secondary)
    });
    sorted
}

/// Columns with their direction.
pub(super) fn parts(parts: &[IndexPart]) -> String {
    let parts: Vec<String> = parts
        .iter()
        .filter_map(|part| {
            let name = quoted(part.column.as_deref()?);
            Some(if part.descending {
                format!("{name} DESC")
            } else {
                name
            })
        })
        .collect();
    parts.join(", ")
}

/// ` WITH (…) ON …`, or nothing.
pub(super) fn place_and_options(options: &Options) -> String {
    let mut with: Vec<String> = TOLD
        .iter()
        .filter_map(|name| Some((name, option(options, name)?)))
        .map(|(name, value)| format!("{} = {}", name.to_uppercase(), value.to_uppercase()))
        .collect();
    with.extend(compression(options));
    let mut sql = String::new();
    if !with.is_empty() {
        put(&mut sql, format_args!(" WITH ({})", with.join(", ")));
    }
    if let Some(place) = option(options, "on") {
        put(&mut sql, format_args!(" ON {place}"));
    }
    sql
}

/// Writes an index of a table or a view.
pub(super) fn create(script: &mut Script, key: &ObjectKey, name: &str, index: &Index) {
    let Some(sql) = statement(&full(key), name, index) else {
        let method = &index.method;
        script.leave_out(
            key,
            &format!("dbvc does not write its index {name}, which is {method}"),
        );
        return;
    };
    script.first(&sql);
    if option(&index.options, "disabled").is_some() {
        script.add(&format!("ALTER INDEX {} ON {} DISABLE", quoted(name), full(key)));
    }
}

fn statement(table: &str, name: &str, index: &Index) -> Option<String> {
    let (name, all) = (quoted(name), &index.options);
    let columns = parts(&index.parts);
    let mut sql = match index.method.as_str() {
        "clustered" | "nonclustered" => {
            let unique = if index.unique { "UNIQUE " } else { "" };
            let method = index.method.to_uppercase();
            format!("CREATE {unique}{method} INDEX {name} ON {table} ({columns})")
        }
        "clustered columnstore" => format!("CREATE CLUSTERED COLUMNSTORE INDEX {name} ON {table}"),
        "nonclustered columnstore" => {
            format!("CREATE NONCLUSTERED COLUMNSTORE INDEX {name} ON {table} ({columns})")
        }
        "xml" if option(all, "selective").is_none() => match option(all, "xml_primary") {
            None => format!("CREATE PRIMARY XML INDEX {name} ON {table} ({columns})"),
            Some(primary) => format!(
                "CREATE XML INDEX {name} ON {table} ({columns}) USING XML INDEX {} FOR {}",
                quoted(primary),
                option(all, "xml_sort").unwrap_or("path").to_uppercase()
            ),
        },
        "spatial" => spatial(&name, table, &columns, all),
        _ => return None,
    };
    if let Some(order) = option(all, "order") {
        put(&mut sql, format_args!(" ORDER ({order})"));
    }
    if !index.include.is_empty() {
        put(&mut sql, format_args!(" INCLUDE ({})", list(&index.include)));
    }
    if let Some(filter) = &index.filter {
        put(&mut sql, format_args!(" WHERE {filter}"));
    }
    if index.method == "spatial" {
        return Some(sql);
    }
    Some(sql + &place_and_options(all))
}

fn spatial(name: &str, table: &str, columns: &str, all: &Options) -> String {
    let mut sql = format!("CREATE SPATIAL INDEX {name} ON {table} ({columns})");
    if let Some(scheme) = option(all, "tessellation") {
        put(&mut sql, format_args!(" USING {scheme}"));
    }
    let facts: Vec<String> = [
        ("BOUNDING_BOX = (", "bounding_box", ")"),
        ("GRIDS = (", "grids", ")"),
        ("CELLS_PER_OBJECT = ", "cells_per_object", ""),
    ]
    .into_iter()
    .filter_map(|(before, name, after)| Some(format!("{before}{}{after}", option(all, name)?)))
    .collect();
    if !facts.is_empty() {
        put(&mut sql, format_args!(" WITH ({})", facts.join(", ")));
    }
    sql
}

/// An index within a table's definition, as memory-optimised tables and table types have it.
pub(super) fn inline(name: &str, index: &Index) -> String {
    let unique = if index.unique { "UNIQUE " } else { "" };
    let method = match index.method.as_str() {
        "nonclustered hash" => "NONCLUSTERED HASH".to_owned(),
        other => other.to_uppercase(),
    };
    let columns = match index.method.as_str() {
        "clustered columnstore" => String::new(),
        _ => format!(" ({})", parts(&index.parts)),
    };
    let mut sql = format!("INDEX {} {unique}{method}{columns}", quoted(name));
    if !index.include.is_empty() {
        put(&mut sql, format_args!(" INCLUDE ({})", list(&index.include)));
    }
    if let Some(filter) = &index.filter {
        put(&mut sql, format_args!(" WHERE {filter}"));
    }
    sql + &place_and_options(&index.options)
}
