//! Indexes, and keys with theirs.

use dbvc_engine::driver::Rows;
use dbvc_engine::schema::{Body, Index, IndexPart, Key};

use super::model::{Model, Part, Sort, class};
use super::relations::compression;
use super::row::{Options, Row, lower, option, option_if, rows};
use crate::ddl::names::quoted;

pub(super) fn add(model: &mut Model, answer: &Rows) {
    let all: Vec<Row<'_>> = rows(answer).collect();
    let same = |a: &Row<'_>, b: &Row<'_>| a.id("id") == b.id("id") && a.id("number") == b.id("number");
    for group in all.chunk_by(same) {
        let Some(first) = group.first() else { continue };
        one(model, *first, group);
    }
}

fn one(model: &mut Model, row: Row<'_>, group: &[Row<'_>]) {
    let (id, name) = (row.id("id"), row.word("name").to_owned());
    // The server's own on the columns of a graph that nobody sees.
    if name.starts_with("GRAPH_UNIQUE_INDEX_") {
        return;
    }
    let index = index(row, group);
    let is_key = row.flag("is_primary_key") || row.flag("is_unique_constraint");
    let Some(object) = model.object(class::OBJECT, id) else {
        return;
    };
    match &mut object.body {
        Body::Table(table) if is_key => {
            let mut index = index;
            of_the_table(row, &mut index);
            table.keys.insert(name.clone(), key(row, index));
        }
        Body::Table(table) => {
            let mut index = index;
            of_the_table(row, &mut index);
            table.indexes.insert(name.clone(), index);
        }
        Body::View(view) => {
            view.indexes.insert(name.clone(), index);
        }
        _ => return,
    }
    let part = Part {
        table: id,
        sort: if is_key { Sort::Key } else { Sort::Index },
        name,
    };
    if let Some(key) = row.number("key_id") {
        model.constraints.insert(key, part.clone());
    }
    model.indexes.insert((id, row.id("number")), part);
}

/// The rows of the table are in its clustered index, and how they are compressed is told of the table.
fn of_the_table(row: Row<'_>, index: &mut Index) {
    if row.number("number") == Some(1) {
        index.options.remove("mssql.compression");
    }
}

/// A key has its index in options only; how it is kept where that is not the habit: a primary key is clustered.
fn key(row: Row<'_>, index: Index) -> Key {
    let primary = row.flag("is_primary_key");
    let habit = if primary { "clustered" } else { "nonclustered" };
    let mut options = index.options;
    let method = Some(index.method).filter(|method| method != habit);
    option(&mut options, "method", method);
    Key {
        primary,
        parts: index.parts,
        generated_name: row.flag("is_system_named"),
        options,
        ..Key::default()
    }
}

fn index(row: Row<'_>, group: &[Row<'_>]) -> Index {
    let method = lower(row.word("type"));
    let columnstore = method.contains("columnstore");
    let mut index = Index {
        unique: row.flag("is_unique") && !columnstore,
        filter: row.owned("filter"),
        options: options(row),
        ..Index::default()
    };
    let mut sorted: Vec<(i64, &str)> = Vec::new();
    for column in group {
        let Some(name) = column.text("column_name") else {
            continue;
        };
        let place = column.number("column_store_order_ordinal").unwrap_or_default();
        if place > 0 {
            sorted.push((place, name));
        }
        if columnstore {
            // A clustered one holds every column.
            if method != "clustered columnstore" {
                index.parts.push(IndexPart::column(name));
            }
        } else if column.flag("is_included_column") {
            index.include.push(name.to_owned());
        } else if column.number("key_ordinal") != Some(0) || method == "xml" || method == "spatial" {
            let mut part = IndexPart::column(name);
            part.descending = column.flag("is_descending_key");
            index.parts.push(part);
        }
    }
    // Their order means nothing.
    index.include.sort();
    if columnstore {
        index.parts.sort_by(|a, b| a.column.cmp(&b.column));
    }
    sorted.sort_unstable();
    let sorted: Vec<String> = sorted.into_iter().map(|(_, name)| quoted(name)).collect();
    let sorted = (!sorted.is_empty()).then(|| sorted.join(", "));
    option(&mut index.options, "order", sorted);
    index.method = method;
    index
}

fn options(row: Row<'_>) -> Options {
    let mut all = Options::new();
    let fill = row.number("fill_factor").filter(|it| *it > 0 && *it < 100);
    option(&mut all, "fillfactor", fill.map(|it| it.to_string()));
    for (name, column) in [
        ("pad_index", "is_padded"),
        ("ignore_dup_key", "ignore_dup_key"),
        ("disabled", "is_disabled"),
        ("optimize_for_sequential_key", "optimize_for_sequential_key"),
        ("statistics_norecompute", "no_recompute"),
        ("statistics_incremental", "is_incremental"),
    ] {
        option_if(&mut all, row.flag(column), name, "on");
    }
    // Memory-optimised tables have no such locks.
    let rows_on_disk = row.text("compression").is_some();
    option_if(
        &mut all,
        rows_on_disk && row.is_off("allow_row_locks"),
        "allow_row_locks",
        "off",
    );
    option_if(
        &mut all,
        rows_on_disk && row.is_off("allow_page_locks"),
        "allow_page_locks",
        "off",
    );
    let buckets = row.number("bucket_count").filter(|it| *it > 0);
    option(&mut all, "bucket_count", buckets.map(|it| it.to_string()));
    let delay = row.number("compression_delay").filter(|it| *it > 0);
    option(&mut all, "compression_delay", delay.map(|it| it.to_string()));
    let place = row.text("space").filter(|_| row.flag("is_apart"));
    let place = place.map(|space| match row.text("partition_column") {
        Some(column) if row.text("space_type") == Some("PS") => {
            format!("{}({})", quoted(space), quoted(column))
        }
        _ => quoted(space),
    });
    option(&mut all, "on", place);
    compression(&mut all, row);
    option(&mut all, "xml_primary", row.text("xml_primary"));
    let selective = row.text("xml_kind").filter(|kind| kind.contains("SELECTIVE"));
    option(&mut all, "selective", selective.map(|_| "yes"));
    option(&mut all, "xml_sort", row.text("xml_sort").map(lower));
    spatial(&mut all, row);
    all
}

fn spatial(all: &mut Options, row: Row<'_>) {
    let Some(scheme) = row.text("tessellation") else {
        return;
    };
    option(all, "tessellation", Some(scheme));
    option(all, "bounding_box", row.text("box"));
    let levels: Vec<String> = ["level_1", "level_2", "level_3", "level_4"]
        .into_iter()
        .filter_map(|level| Some(format!("{} = {}", level.to_uppercase(), row.text(level)?)))
        .collect();
    let automatic = scheme.ends_with("AUTO_GRID");
    option(
        all,
        "grids",
        (!automatic && !levels.is_empty()).then(|| levels.join(", ")),
    );
    option(all, "cells_per_object", row.text("cells_per_object"));
}
