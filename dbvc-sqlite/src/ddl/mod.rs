//! Writing a schema as SQL.

mod alter;
mod rows;

use std::fmt::{self, Write};

use dbvc_engine::diff::{DiffOptions, diff};
use dbvc_engine::driver::{Altered, DdlWriter, RowSql, Written};
use dbvc_engine::schema::{
    Body, Column, Database, Deferral, ForeignKey, Index, IndexPart, Key, Object, ObjectKey, Table, in_order,
};

/// SQLite's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SqliteDdl;

impl DdlWriter for SqliteDdl {
    /// SQLite looks at names in views, triggers and foreign keys only when they are used, so any order would do; tables
    /// first reads best.
    fn create(&self, database: &Database) -> Written {
        let mut written = Written::default();
        let order = diff(
            &Database::new(&database.dialect),
            database,
            DiffOptions::default(),
        );
        for change in order.changes {
            let Some(object) = database.objects.get(&change.object) else {
                continue;
            };
            let Some(statements) = statements(&change.object, object) else {
                let reason = "SQLite has no such thing".to_owned();
                written.left_out.push((change.object, reason));
                continue;
            };
            if !written.sql.is_empty() {
                written.sql.push('\n');
            }
            for statement in statements {
                put(&mut written.sql, format_args!("{statement};\n"));
            }
        }
        written
    }

    fn alter(&self, before: &Database, after: &Database) -> Option<Altered> {
        Some(alter::alter(before, after))
    }

    fn rows(&self, key: &ObjectKey, table: &Table) -> Option<RowSql> {
        Some(rows::rows(key, table))
    }
}

/// Adds to a statement. Writing to a text in memory cannot fail.
fn put(sql: &mut String, text: fmt::Arguments<'_>) {
    let _ = sql.write_fmt(text);
}

/// A name in quotes: SQLite's keywords grow with its versions, and any name may be one.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn list<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    names
        .into_iter()
        .map(|name| quoted(name))
        .collect::<Vec<_>>()
        .join(", ")
}

fn statements(key: &ObjectKey, object: &Object) -> Option<Vec<String>> {
    let name = quoted(&key.name);
    match &object.body {
        Body::Table(table) => {
            let mut all = vec![table_statement(&name, object, table)];
            let indexes = table.indexes.iter();
            all.extend(indexes.map(|(index, it)| index_statement(index, &name, it)));
            Some(all)
        }
        // With names for its columns, it begins with them.
        Body::View(view) if view.definition.starts_with('(') => {
            Some(vec![format!("CREATE VIEW {name} {}", view.definition)])
        }
        Body::View(view) => Some(vec![format!("CREATE VIEW {name} AS\n{}", view.definition)]),
        Body::Trigger(trigger) => Some(vec![trigger.definition.clone()]),
        _ => None,
    }
}

fn table_statement(name: &str, object: &Object, table: &Table) -> String {
    if let Some(using) = object.options.get("sqlite.virtual") {
        return format!("CREATE VIRTUAL TABLE {name} USING {using}");
    }
    let mut lines: Vec<String> = in_order(&table.columns)
        .into_iter()
        .map(|(name, it)| column(name, it, table))
        .collect();
    let apart = table.keys.iter().filter(|(_, key)| !stands_in_column(key));
    lines.extend(apart.map(|(name, it)| {
        let word = if it.primary { "PRIMARY KEY" } else { "UNIQUE" };
        let ending = conflict(&it.options);
        format!(
            "{}{word} ({}){ending}",
            constraint(name, it.generated_name),
            parts(&it.parts)
        )
    }));
    lines.extend(table.checks.iter().map(|(name, it)| {
        let ending = conflict(&it.options);
        format!(
            "{}CHECK ({}){ending}",
            constraint(name, it.generated_name),
            it.expression
        )
    }));
    lines.extend(
        table
            .foreign_keys
            .iter()
            .map(|(name, it)| format!("{}{}", constraint(name, it.generated_name), foreign_key(it))),
    );
    let options: Vec<&str> = [
        ("sqlite.strict", "STRICT"),
        ("sqlite.without_rowid", "WITHOUT ROWID"),
    ]
    .into_iter()
    .filter(|(option, _)| object.options.contains_key(*option))
    .map(|(_, word)| word)
    .collect();
    let ending = if options.is_empty() {
        String::new()
    } else {
        format!(" {}", options.join(", "))
    };
    format!("CREATE TABLE {name} (\n  {}\n){ending}", lines.join(",\n  "))
}

fn constraint(name: &str, generated: bool) -> String {
    if generated {
        String::new()
    } else {
        format!("CONSTRAINT {} ", quoted(name))
    }
}

fn conflict(options: &std::collections::BTreeMap<String, String>) -> String {
    let word = options.get("sqlite.on_conflict");
    word.map(|word| format!(" ON CONFLICT {}", word.to_uppercase()))
        .unwrap_or_default()
}

/// A key that cannot stand apart from its column: one that counts up, and a descending one, which means something else
/// there (`sqlite.org/lang_createtable.html`, "ROWIDs and the INTEGER PRIMARY KEY").
fn stands_in_column(key: &Key) -> bool {
    key.options.contains_key("sqlite.autoincrement") || key.options.contains_key("sqlite.in_column")
}

fn column(name: &str, it: &Column, table: &Table) -> String {
    let mut sql = quoted(name);
    if !it.data_type.raw.is_empty() {
        put(&mut sql, format_args!(" {}", it.data_type.raw));
    }
    let mut keys = table.keys.iter().filter(|(_, key)| stands_in_column(key));
    if let Some((key, it)) =
        keys.find(|(_, key)| key.parts.iter().any(|part| part.column.as_deref() == Some(name)))
    {
        let descending = if it.parts.iter().any(|part| part.descending) {
            " DESC"
        } else {
            ""
        };
        let ending = conflict(&it.options);
        put(
            &mut sql,
            format_args!(
                " {}PRIMARY KEY{descending}{ending}",
                constraint(key, it.generated_name)
            ),
        );
        if it.options.contains_key("sqlite.autoincrement") {
            sql.push_str(" AUTOINCREMENT");
        }
    }
    if !it.nullable {
        put(&mut sql, format_args!(" NOT NULL{}", conflict(&it.options)));
    }
    if let Some(default) = &it.default {
        let plain = default.starts_with('\'')
            || default
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if plain {
            put(&mut sql, format_args!(" DEFAULT {default}"));
        } else {
            put(&mut sql, format_args!(" DEFAULT ({default})"));
        }
    }
    if let Some(collation) = &it.collation {
        put(&mut sql, format_args!(" COLLATE {}", quoted(collation)));
    }
    if let Some(generated) = &it.generated {
        let how = if generated.stored { "STORED" } else { "VIRTUAL" };
        put(
            &mut sql,
            format_args!(" GENERATED ALWAYS AS ({}) {how}", generated.expression),
        );
    }
    sql
}

fn foreign_key(key: &ForeignKey) -> String {
    let mut sql = format!(
        "FOREIGN KEY ({}) REFERENCES {}",
        list(&key.columns),
        quoted(&key.references.table)
    );
    if !key.references.columns.is_empty() {
        put(&mut sql, format_args!(" ({})", list(&key.references.columns)));
    }
    for (word, action) in [
        ("MATCH", &key.matching),
        ("ON UPDATE", &key.on_update),
        ("ON DELETE", &key.on_delete),
    ] {
        if let Some(action) = action {
            put(&mut sql, format_args!(" {word} {}", action.to_uppercase()));
        }
    }
    sql.push_str(match key.deferral {
        None => "",
        Some(Deferral::Deferrable) => " DEFERRABLE",
        Some(Deferral::Deferred) => " DEFERRABLE INITIALLY DEFERRED",
    });
    sql
}

fn parts(parts: &[IndexPart]) -> String {
    let written = parts.iter().map(|part| {
        let mut sql = match (&part.column, &part.expression) {
            (Some(column), _) => quoted(column),
            (None, expression) => expression.clone().unwrap_or_default(),
        };
        if let Some(collation) = &part.collation {
            put(&mut sql, format_args!(" COLLATE {}", quoted(collation)));
        }
        if part.descending {
            sql.push_str(" DESC");
        }
        sql
    });
    written.collect::<Vec<_>>().join(", ")
}

fn index_statement(name: &str, table: &str, index: &Index) -> String {
    let unique = if index.unique { "UNIQUE " } else { "" };
    let filter = index.filter.as_ref().map(|filter| format!(" WHERE {filter}"));
    format!(
        "CREATE {unique}INDEX {} ON {table} ({}){}",
        quoted(name),
        parts(&index.parts),
        filter.unwrap_or_default()
    )
}
