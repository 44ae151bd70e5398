//! Tables as SQL.

use dbvc_engine::schema::{
    Body, Check, Column, Database, Deferral, ForeignKey, Identity, Key, Object, ObjectKey, ObjectKind,
    PartitionOf, Table, in_order,
};

use super::indexes::{INDEX_TOLD, indexes};
use super::names::{full, list, literal, put, quoted, within};
use super::policies::policies;
use super::{Script, foreign_options, parameters};

/// Options that are no storage parameters.
pub(super) const TOLD: &[&str] = &[
    "unlogged",
    "row_security",
    "replica_identity",
    "tablespace",
    "access_method",
    "of_type",
    "server",
];

pub(super) fn write(
    script: &mut Script,
    key: &ObjectKey,
    object: &Object,
    table: &Table,
    database: &Database,
) {
    let name = full(key);
    let parent = table
        .partition_of
        .as_ref()
        .and_then(|part| parent(part, database));
    let mut lines: Vec<String> = match (&table.partition_of, object.options.get("postgres.of_type")) {
        (None, None) => in_order(&table.columns)
            .into_iter()
            .map(|(name, it)| column(name, it))
            .collect(),
        // The columns come with the parent or the type; what differs is said afterwards.
        _ => Vec::new(),
    };
    lines.extend(table.keys.iter().map(|(name, it)| constraint_key(name, it)));
    let checks = table.checks.iter().filter(|(_, it)| !it.unvalidated);
    lines.extend(checks.map(|(name, it)| check(name, it)));
    let exclusions = table.exclusions.iter();
    lines.extend(exclusions.map(|(name, it)| format!("CONSTRAINT {} {}", quoted(name), it.definition)));
    script.first(&statement(&name, object, table, &lines));
    let before = parent.map(|parent| &parent.columns);
    let of_type = object.options.contains_key("postgres.of_type");
    for (column, it) in in_order(&table.columns) {
        columns_later(
            script,
            &name,
            column,
            it,
            before.and_then(|all| all.get(column)),
            of_type || before.is_some(),
        );
    }
    for (check_name, it) in table.checks.iter().filter(|(_, it)| it.unvalidated) {
        script.add(&format!(
            "ALTER TABLE {name} ADD {} NOT VALID",
            check(check_name, it)
        ));
    }
    indexes(script, key, &table.indexes);
    later(script, &name, object, table);
    policies(script, &name, table);
    comments(script, &name, table);
}

pub(super) fn parent<'a>(part: &PartitionOf, database: &'a Database) -> Option<&'a Table> {
    let key = ObjectKey {
        schema: part.schema.clone(),
        ..ObjectKey::new(ObjectKind::Table, part.table.as_str())
    };
    match &database.objects.get(&key)?.body {
        Body::Table(table) => Some(table),
        _ => None,
    }
}

fn statement(name: &str, object: &Object, table: &Table, lines: &[String]) -> String {
    let option = |name: &str| object.options.get(&format!("postgres.{name}"));
    let sort = match (option("server"), option("unlogged")) {
        (Some(_), _) => "FOREIGN ",
        (None, Some(_)) => "UNLOGGED ",
        (None, None) => "",
    };
    let mut sql = format!("CREATE {sort}TABLE {name}");
    if let Some(of) = option("of_type") {
        put(&mut sql, format_args!(" OF {of}"));
    }
    if let Some(part) = &table.partition_of {
        let parent = part
            .schema
            .as_ref()
            .map_or_else(|| quoted(&part.table), |it| within(it, &part.table));
        put(&mut sql, format_args!(" PARTITION OF {parent}"));
    }
    let inherited_form = table.partition_of.is_some() || option("of_type").is_some();
    if !lines.is_empty() {
        put(&mut sql, format_args!(" (\n  {}\n)", lines.join(",\n  ")));
    } else if !inherited_form {
        sql.push_str(" ()");
    }
    sql.push_str(&inherits(table));
    if let Some(part) = &table.partition_of {
        put(&mut sql, format_args!(" {}", part.bound));
    }
    if let Some(server) = option("server") {
        put(
            &mut sql,
            format_args!(" SERVER {}{}", quoted(server), foreign_options(&object.options)),
        );
    }
    if let Some(partitioning) = &table.partitioning {
        put(
            &mut sql,
            format_args!(" PARTITION BY {}", partitioning.definition),
        );
    }
    if let Some(method) = option("access_method") {
        put(&mut sql, format_args!(" USING {}", quoted(method)));
    }
    if let Some(with) = parameters(&object.options, TOLD) {
        put(&mut sql, format_args!(" WITH ({with})"));
    }
    if let Some(space) = option("tablespace") {
        put(&mut sql, format_args!(" TABLESPACE {}", quoted(space)));
    }
    sql
}

/// `INHERITS (…)`, or nothing.
fn inherits(table: &Table) -> String {
    if table.inherits.is_empty() {
        return String::new();
    }
    let parents: Vec<String> = table
        .inherits
        .iter()
        .map(|it| {
            it.split_once('.')
                .map_or_else(|| quoted(it), |(schema, name)| within(schema, name))
        })
        .collect();
    format!(" INHERITS ({})", parents.join(", "))
}

/// A column's definition.
pub(super) fn column(name: &str, column: &Column) -> String {
    let mut sql = format!("{} {}", quoted(name), column.data_type.raw);
    if column
        .options
        .keys()
        .any(|it| it.starts_with("postgres.foreign."))
    {
        sql.push_str(&foreign_options(&column.options));
    }
    if let Some(collation) = &column.collation {
        put(&mut sql, format_args!(" COLLATE {collation}"));
    }
    if let Some(generated) = &column.generated {
        let how = if generated.stored { "STORED" } else { "VIRTUAL" };
        put(
            &mut sql,
            format_args!(" GENERATED ALWAYS AS ({}) {how}", generated.expression),
        );
    }
    if let Some(identity) = &column.identity {
        put(&mut sql, format_args!(" {}", counted(identity)));
    }
    if let Some(default) = &column.default {
        put(&mut sql, format_args!(" DEFAULT {default}"));
    }
    if !column.nullable {
        sql.push_str(" NOT NULL");
    }
    sql
}

pub(super) fn counted(identity: &Identity) -> String {
    let how = if identity.always { "ALWAYS" } else { "BY DEFAULT" };
    let mut options = Vec::new();
    for (word, value) in [
        ("START WITH", identity.start),
        ("INCREMENT BY", identity.increment),
        ("MINVALUE", identity.min),
        ("MAXVALUE", identity.max),
        ("CACHE", identity.cache),
    ] {
        options.extend(value.map(|value| format!("{word} {value}")));
    }
    if identity.cycle {
        options.push("CYCLE".to_owned());
    }
    let options = if options.is_empty() {
        String::new()
    } else {
        format!(" ({})", options.join(" "))
    };
    format!("GENERATED {how} AS IDENTITY{options}")
}

/// What is said of a column after its table was made. `before` is the parent's, where the columns came from there.
pub(super) fn columns_later(
    script: &mut Script,
    table: &str,
    name: &str,
    column: &Column,
    before: Option<&Column>,
    given: bool,
) {
    let alter = format!("ALTER TABLE {table} ALTER COLUMN {}", quoted(name));
    if given {
        let default = before.and_then(|before| before.default.as_ref());
        match &column.default {
            Some(own) if Some(own) != default => script.add(&format!("{alter} SET DEFAULT {own}")),
            None if default.is_some() => script.add(&format!("{alter} DROP DEFAULT")),
            _ => {}
        }
        if !column.nullable && before.is_none_or(|before| before.nullable) {
            script.add(&format!("{alter} SET NOT NULL"));
        }
    }
    for (option, word) in [
        ("storage", "STORAGE"),
        ("compression", "COMPRESSION"),
        ("statistics", "STATISTICS"),
    ] {
        let option = format!("postgres.{option}");
        let Some(value) = column.options.get(&option) else {
            continue;
        };
        // A part takes storage and compression over from its parent.
        if word == "STATISTICS" || before.and_then(|before| before.options.get(&option)) != Some(value) {
            script.add(&format!("{alter} SET {word} {value}"));
        }
    }
    if let Some(with) = parameters(&column.options, &["storage", "compression", "statistics"]) {
        script.add(&format!("{alter} SET ({with})"));
    }
    script.comment(
        &format!("COLUMN {table}.{}", quoted(name)),
        column.comment.as_deref(),
    );
}

pub(super) fn constraint_key(name: &str, key: &Key) -> String {
    let option = |name: &str| key.options.get(&format!("postgres.{name}"));
    let mut sql = format!("CONSTRAINT {} ", quoted(name));
    sql.push_str(match (key.primary, option("nulls_not_distinct")) {
        (true, _) => "PRIMARY KEY",
        (false, None) => "UNIQUE",
        (false, Some(_)) => "UNIQUE NULLS NOT DISTINCT",
    });
    put(
        &mut sql,
        format_args!(
            " ({})",
            list(key.parts.iter().filter_map(|part| part.column.as_ref()))
        ),
    );
    if !key.include.is_empty() {
        put(&mut sql, format_args!(" INCLUDE ({})", list(&key.include)));
    }
    if let Some(with) = parameters(&key.options, INDEX_TOLD) {
        put(&mut sql, format_args!(" WITH ({with})"));
    }
    if let Some(space) = option("tablespace") {
        put(
            &mut sql,
            format_args!(" USING INDEX TABLESPACE {}", quoted(space)),
        );
    }
    sql + deferral(key.deferral)
}

fn deferral(deferral: Option<Deferral>) -> &'static str {
    match deferral {
        None => "",
        Some(Deferral::Deferrable) => " DEFERRABLE",
        Some(Deferral::Deferred) => " DEFERRABLE INITIALLY DEFERRED",
    }
}

pub(super) fn check(name: &str, check: &Check) -> String {
    let no_inherit = check.options.contains_key("postgres.no_inherit");
    let ending = if no_inherit { " NO INHERIT" } else { "" };
    format!("CONSTRAINT {} CHECK ({}){ending}", quoted(name), check.expression)
}

pub(super) fn foreign_keys(script: &mut Script, key: &ObjectKey, table: &Table) {
    for (name, it) in &table.foreign_keys {
        foreign_key(script, key, name, it);
    }
}

pub(super) fn foreign_key(script: &mut Script, key: &ObjectKey, name: &str, it: &ForeignKey) {
    let target = &it.references;
    let parent = target
        .schema
        .as_ref()
        .map_or_else(|| quoted(&target.table), |schema| within(schema, &target.table));
    let mut sql = format!(
        "ALTER TABLE {} ADD CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {parent} ({})",
        full(key),
        quoted(name),
        list(&it.columns),
        list(&target.columns)
    );
    for (word, action) in [
        ("MATCH", &it.matching),
        ("ON UPDATE", &it.on_update),
        ("ON DELETE", &it.on_delete),
    ] {
        if let Some(action) = action {
            put(&mut sql, format_args!(" {word} {}", action.to_uppercase()));
        }
    }
    if let Some(columns) = it.options.get("postgres.delete_columns") {
        put(&mut sql, format_args!(" ({columns})"));
    }
    sql.push_str(deferral(it.deferral));
    if it.unvalidated {
        sql.push_str(" NOT VALID");
    }
    script.add(&sql);
    script.comment(
        &format!("CONSTRAINT {} ON {}", quoted(name), full(key)),
        it.comment.as_deref(),
    );
}

fn later(script: &mut Script, name: &str, object: &Object, table: &Table) {
    match object.options.get("postgres.row_security").map(String::as_str) {
        Some("enabled") => script.add(&format!("ALTER TABLE {name} ENABLE ROW LEVEL SECURITY")),
        Some("forced") => {
            script.add(&format!(
                "ALTER TABLE {name} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"
            ));
        }
        Some(_) => script.add(&format!("ALTER TABLE {name} FORCE ROW LEVEL SECURITY")),
        None => {}
    }
    let keys = table.keys.iter().map(|(name, key)| (name, &key.options));
    let indexes = table.indexes.iter().map(|(name, index)| (name, &index.options));
    for (index, options) in keys.chain(indexes) {
        if options.contains_key("postgres.clustered") {
            script.add(&format!("ALTER TABLE {name} CLUSTER ON {}", quoted(index)));
        }
        if options.contains_key("postgres.replica_identity") {
            script.add(&format!(
                "ALTER TABLE {name} REPLICA IDENTITY USING INDEX {}",
                quoted(index)
            ));
        }
    }
    match object
        .options
        .get("postgres.replica_identity")
        .map(String::as_str)
    {
        Some("full") => script.add(&format!("ALTER TABLE {name} REPLICA IDENTITY FULL")),
        Some("nothing") => script.add(&format!("ALTER TABLE {name} REPLICA IDENTITY NOTHING")),
        _ => {}
    }
}

fn comments(script: &mut Script, name: &str, table: &Table) {
    let keys = table.keys.iter().map(|(name, it)| (name, &it.comment));
    let checks = table.checks.iter().map(|(name, it)| (name, &it.comment));
    let exclusions = table.exclusions.iter().map(|(name, it)| (name, &it.comment));
    for (constraint, comment) in keys.chain(checks).chain(exclusions) {
        if let Some(comment) = comment {
            script.add(&format!(
                "COMMENT ON CONSTRAINT {} ON {name} IS {}",
                quoted(constraint),
                literal(comment)
            ));
        }
    }
}
