//! What the model has no place for, as text.

use dbvc_engine::driver::Rows;
use dbvc_engine::schema::{Body, Object, ObjectKey, ObjectKind, Other};

use super::datatype::built_in;
use super::model::{Model, class};
use super::row::{Row, rows};
use crate::ddl::names::{literal, quoted, within};

pub(super) fn other(definition: String) -> Object {
    Object::new(Body::Other(Other { definition }))
}

pub(super) fn add(model: &mut Model, answer: &Rows) {
    for row in rows(answer) {
        let family = row.word("family");
        let key = ObjectKey {
            schema: row.owned("schema"),
            ..ObjectKey::new(ObjectKind::Other, row.word("name")).of(family)
        };
        let mut object = other(row.word("definition").to_owned());
        let table = model.key(class::OBJECT, row.id("id")).cloned();
        if matches!(family, "fulltext index" | "statistics" | "change tracking") {
            let named = table.or_else(|| {
                let key = ObjectKey::within(ObjectKind::Table, row.word("schema"), row.word("name"));
                model.objects().contains_key(&key).then_some(key)
            });
            object.requires.extend(named);
        }
        let catalogs = model.objects().keys();
        let catalogs = catalogs.filter(|key| key.parent.as_deref() == Some("fulltext catalog"));
        if family == "fulltext index" {
            object.requires.extend(catalogs.cloned());
        }
        // Those that have no number of their own have none that stands for them.
        let (class, id) = match (row.id("class"), row.id("id")) {
            (class::DATABASE, _) => (-1, -1),
            other => other,
        };
        model.add(class, id, key, object);
    }
}

pub(super) fn add_partitions(model: &mut Model, answer: &Rows) {
    let all: Vec<Row<'_>> = rows(answer).collect();
    let same = |a: &Row<'_>, b: &Row<'_>| a.word("kind") == b.word("kind") && a.id("id") == b.id("id");
    for group in all.chunk_by(same) {
        let Some(row) = group.first() else { continue };
        let name = row.word("name");
        if row.word("kind") == "function" {
            let key = ObjectKey::new(ObjectKind::Other, name).of("partition function");
            let object = other(function(*row, group));
            model.add(class::PARTITION_FUNCTION, row.id("id"), key, object);
        } else {
            let groups: Vec<String> = group.iter().map(|row| quoted(row.word("value"))).collect();
            let mut object = other(format!(
                "CREATE PARTITION SCHEME {} AS PARTITION {} TO ({})",
                quoted(name),
                quoted(row.word("of_function")),
                groups.join(", ")
            ));
            let function = ObjectKey::new(ObjectKind::Other, row.word("of_function"));
            object.requires.insert(function.of("partition function"));
            let key = ObjectKey::new(ObjectKind::Other, name).of("partition scheme");
            model.add(class::DATA_SPACE, row.id("id"), key, object);
        }
    }
}

fn function(row: Row<'_>, group: &[Row<'_>]) -> String {
    let values: Vec<String> = group
        .iter()
        .filter(|row| row.text("place").is_some())
        .map(|row| match (row.text("value"), row.word("value_type")) {
            (None, _) => "NULL".to_owned(),
            (
                Some(value),
                "int" | "bigint" | "smallint" | "tinyint" | "bit" | "decimal" | "numeric" | "money"
                | "smallmoney" | "float" | "real" | "binary" | "varbinary",
            ) => value.to_owned(),
            (Some(value), _) => literal(value),
        })
        .collect();
    format!(
        "CREATE PARTITION FUNCTION {}({}) AS RANGE {} FOR VALUES ({})",
        quoted(row.word("name")),
        built_in(row, row.word("base_type")),
        if row.flag("is_right") { "RIGHT" } else { "LEFT" },
        values.join(", ")
    )
}

/// Row-level security: who sees and writes which rows of several tables.
pub(super) fn add_policies(model: &mut Model, answer: &Rows) {
    let all: Vec<Row<'_>> = rows(answer).collect();
    for group in all.chunk_by(|a, b| a.id("id") == b.id("id")) {
        let Some(row) = group.first() else { continue };
        let key = ObjectKey::within(ObjectKind::Other, row.word("schema"), row.word("name"));
        let mut object = other(policy(*row, group));
        object.owner = row.owned("owner");
        for target in group {
            let table = model.key(class::OBJECT, target.id("target_id"));
            object.requires.extend(table.cloned());
        }
        model.add(class::OBJECT, row.id("id"), key.of("security policy"), object);
    }
}

fn policy(row: Row<'_>, group: &[Row<'_>]) -> String {
    let predicates: Vec<String> = group
        .iter()
        .filter(|row| row.text("sort").is_some())
        .map(|row| {
            let operation = row.text("operation").map(|it| format!(" {it}"));
            // The server keeps it in parentheses, which the statement does not take.
            let text = row.word("definition");
            let text = text
                .strip_prefix('(')
                .and_then(|it| it.strip_suffix(')'))
                .unwrap_or(text);
            format!(
                "  ADD {} PREDICATE {text} ON {}{}",
                row.word("sort"),
                within(row.word("target_schema"), row.word("target")),
                operation.unwrap_or_default()
            )
        })
        .collect();
    let state = if row.flag("is_enabled") { "ON" } else { "OFF" };
    let bound = if row.is_off("is_schema_bound") {
        ", SCHEMABINDING = OFF"
    } else {
        ""
    };
    let replication = if row.flag("is_not_for_replication") {
        "\nNOT FOR REPLICATION"
    } else {
        ""
    };
    format!(
        "CREATE SECURITY POLICY {}\n{}\nWITH (STATE = {state}{bound}){replication}",
        within(row.word("schema"), row.word("name")),
        predicates.join(",\n")
    )
}
