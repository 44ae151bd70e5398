//! Types, sequences, views, triggers and the rest as SQL.

use dbvc_engine::schema::{Object, ObjectKey, Other, Sequence, Trigger, TypeBody, View, in_order};

use super::indexes::indexes;
use super::names::{full, literal, put, quoted, within};
use super::tables::check;
use super::{Script, parameters};

pub(super) fn made_type(script: &mut Script, key: &ObjectKey, body: &TypeBody) {
    let name = full(key);
    match body {
        TypeBody::Enum { labels } => {
            let labels: Vec<String> = labels.iter().map(|label| literal(label)).collect();
            script.first(&format!("CREATE TYPE {name} AS ENUM ({})", labels.join(", ")));
        }
        TypeBody::Domain { .. } => domain(script, &name, body),
        TypeBody::Composite { columns } => {
            let fields: Vec<String> = in_order(columns)
                .into_iter()
                .map(|(name, it)| {
                    let collation = it.collation.as_ref().map(|name| format!(" COLLATE {name}"));
                    format!(
                        "{} {}{}",
                        quoted(name),
                        it.data_type,
                        collation.unwrap_or_default()
                    )
                })
                .collect();
            script.first(&format!("CREATE TYPE {name} AS ({})", fields.join(", ")));
            for (field, it) in columns {
                script.comment(&format!("COLUMN {name}.{}", quoted(field)), it.comment.as_deref());
            }
        }
        TypeBody::Written { definition } if definition.starts_with("RANGE ") => {
            script.first(&format!("CREATE TYPE {name} AS {definition}"));
        }
        TypeBody::Written { .. } => script.leave_out(key, "a base type needs functions of the server's own"),
    }
}

fn domain(script: &mut Script, name: &str, body: &TypeBody) {
    let TypeBody::Domain {
        base,
        nullable,
        default,
        collation,
        checks,
    } = body
    else {
        return;
    };
    let mut sql = format!("CREATE DOMAIN {name} AS {base}");
    if let Some(collation) = collation {
        put(&mut sql, format_args!(" COLLATE {collation}"));
    }
    if let Some(default) = default {
        put(&mut sql, format_args!(" DEFAULT {default}"));
    }
    if !nullable {
        sql.push_str(" NOT NULL");
    }
    for (check_name, it) in checks.iter().filter(|(_, it)| !it.unvalidated) {
        put(&mut sql, format_args!("\n  {}", check(check_name, it)));
    }
    script.first(&sql);
    for (check_name, it) in checks {
        if it.unvalidated {
            script.add(&format!(
                "ALTER DOMAIN {name} ADD {} NOT VALID",
                check(check_name, it)
            ));
        }
        let place = format!("CONSTRAINT {} ON DOMAIN {name}", quoted(check_name));
        script.comment(&place, it.comment.as_deref());
    }
}

pub(super) fn sequence(script: &mut Script, key: &ObjectKey, object: &Object, it: &Sequence) {
    let unlogged = if object.options.contains_key("postgres.unlogged") {
        "UNLOGGED "
    } else {
        ""
    };
    let cycle = if it.cycle { " CYCLE" } else { "" };
    script.first(&format!(
        "CREATE {unlogged}SEQUENCE {} AS {} START WITH {} INCREMENT BY {} MINVALUE {} MAXVALUE {} CACHE {}{cycle}",
        full(key),
        it.data_type,
        it.start,
        it.increment,
        it.min,
        it.max,
        it.cache
    ));
}

pub(super) fn view(script: &mut Script, key: &ObjectKey, object: &Object, view: &View) {
    let name = full(key);
    let option = |name: &str| object.options.get(&format!("postgres.{name}"));
    let sort = if view.materialized { "MATERIALIZED " } else { "" };
    let mut sql = format!("CREATE {sort}VIEW {name}");
    if let Some(method) = option("access_method") {
        put(&mut sql, format_args!(" USING {}", quoted(method)));
    }
    if let Some(with) = parameters(
        &object.options,
        &["tablespace", "access_method", "replica_identity"],
    ) {
        put(&mut sql, format_args!(" WITH ({with})"));
    }
    if let Some(space) = option("tablespace") {
        put(&mut sql, format_args!(" TABLESPACE {}", quoted(space)));
    }
    script.first(&format!("{sql} AS\n{}", view.definition));
    for (column, it) in &view.columns {
        if let Some(default) = &it.default {
            script.add(&format!(
                "ALTER VIEW {name} ALTER COLUMN {} SET DEFAULT {default}",
                quoted(column)
            ));
        }
        script.comment(
            &format!("COLUMN {name}.{}", quoted(column)),
            it.comment.as_deref(),
        );
    }
    indexes(script, key, &view.indexes);
}

/// `TRIGGER name ON table`.
pub(super) fn trigger_name(key: &ObjectKey) -> String {
    format!("TRIGGER {} ON {}", quoted(&key.name), trigger_table(key))
}

pub(super) fn trigger_table(key: &ObjectKey) -> String {
    let table = key.parent.as_deref().unwrap_or_default();
    key.schema
        .as_ref()
        .map_or_else(|| quoted(table), |schema| within(schema, table))
}

pub(super) fn state(enabled: Option<&String>) -> Option<&'static str> {
    match enabled?.as_str() {
        "disabled" | "D" => Some("DISABLE"),
        "replica" | "R" => Some("ENABLE REPLICA"),
        _ => Some("ENABLE ALWAYS"),
    }
}

pub(super) fn trigger(script: &mut Script, key: &ObjectKey, object: &Object, trigger: &Trigger) {
    script.first(&trigger.definition);
    if let Some(state) = state(object.options.get("postgres.enabled")) {
        let table = trigger_table(key);
        script.add(&format!(
            "ALTER TABLE {table} {state} TRIGGER {}",
            quoted(&key.name)
        ));
    }
}

/// How a statement names it: the family is the word.
pub(super) fn other_name(key: &ObjectKey) -> String {
    let family = key.parent.as_deref().unwrap_or_default();
    let word = family.to_uppercase();
    match (family, key.name.split_once(" on ")) {
        ("rule", Some((rule, table))) => {
            let table = key
                .schema
                .as_ref()
                .map_or_else(|| quoted(table), |schema| within(schema, table));
            format!("RULE {} ON {table}", quoted(rule))
        }
        ("cast", _) => format!("CAST ({})", key.name.replacen(" as ", " AS ", 1)),
        ("operator", _) => {
            let schema = key.schema.as_deref().map(quoted).unwrap_or_default();
            format!("OPERATOR {schema}.{}", key.name)
        }
        ("foreign server", _) => format!("SERVER {}", quoted(&key.name)),
        _ => format!("{word} {}", full(key)),
    }
}

pub(super) fn other(script: &mut Script, key: &ObjectKey, object: &Object, other: &Other) {
    let family = key.parent.as_deref().unwrap_or_default();
    if family == "statistics" {
        let (sql, target) = match other.definition.rsplit_once(" TARGET ") {
            Some((sql, target)) => (sql, Some(target)),
            None => (other.definition.as_str(), None),
        };
        script.first(sql);
        if let Some(target) = target {
            script.add(&format!("ALTER STATISTICS {} SET STATISTICS {target}", full(key)));
        }
    } else if other.definition.starts_with("CREATE ") {
        script.first(&other.definition);
    } else {
        script.leave_out(key, &format!("dbvc does not write a {family}"));
        return;
    }
    let Some(state) = state(object.options.get("postgres.enabled")) else {
        return;
    };
    match (family, key.name.split_once(" on ")) {
        ("rule", Some((rule, table))) => {
            let table = key
                .schema
                .as_ref()
                .map_or_else(|| quoted(table), |schema| within(schema, table));
            script.add(&format!("ALTER TABLE {table} {state} RULE {}", quoted(rule)));
        }
        _ => script.add(&format!("ALTER {} {state}", other_name(key))),
    }
}
