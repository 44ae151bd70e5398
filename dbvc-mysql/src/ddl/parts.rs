//! Columns, keys and other parts of a table as SQL.

use std::collections::BTreeMap;
use std::fmt::{self, Write};

use dbvc_engine::schema::{Check, Column, ForeignKey, Index, IndexPart, Key, Table, TypeFamily};

use crate::introspect::{PRIMARY, quoted, string};

/// What needs other words on the two servers, and means the same.
const HIDDEN_INDEX: &str = " /*!80000 INVISIBLE */ /*M!100600 IGNORED */";

/// Adds to a statement. Writing to a text in memory cannot fail.
pub(super) fn put(sql: &mut String, text: fmt::Arguments<'_>) {
    let _ = sql.write_fmt(text);
}

/// Names with commas between.
pub(super) fn list<'a>(names: impl IntoIterator<Item = &'a String>) -> String {
    let names: Vec<_> = names.into_iter().map(|name| quoted(name)).collect();
    names.join(", ")
}

fn option<'a>(options: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
    options.get(&format!("mysql.{name}")).map(String::as_str)
}

/// The condition that belongs to a column alone, as MariaDB keeps it: it is called as the column is.
pub(super) fn own_check<'a>(name: &str, table: &'a Table) -> Option<&'a Check> {
    table.checks.get(name).filter(|check| check.generated_name)
}

/// A column's definition. `collation` is written where the column has none of its own.
pub(super) fn column(name: &str, column: &Column, table: &Table, collation: Option<&str>) -> String {
    let mut sql = format!("{} {}", quoted(name), column.data_type.raw);
    let of_table = collation.filter(|_| has_collation(column));
    if let Some(collation) = column.collation.as_deref().or(of_table) {
        put(&mut sql, format_args!(" COLLATE {collation}"));
    }
    if let Some(end) = option(&column.options, "row") {
        put(
            &mut sql,
            format_args!(" GENERATED ALWAYS AS ROW {}", end.to_uppercase()),
        );
    }
    if let Some(generated) = &column.generated {
        let how = if generated.stored { "STORED" } else { "VIRTUAL" };
        put(
            &mut sql,
            format_args!(" GENERATED ALWAYS AS ({}) {how}", generated.expression),
        );
    }
    if let Some(number) = option(&column.options, "srid") {
        put(&mut sql, format_args!(" SRID {number}"));
    }
    let computed = column.generated.is_some() || option(&column.options, "row").is_some();
    if !column.nullable && option(&column.options, "row").is_none() {
        // MariaDB computes a column that may not be NULL only where the expression says so.
        sql.push_str(if column.generated.is_some() {
            " /*!80000 NOT NULL */"
        } else {
            " NOT NULL"
        });
    } else if column.data_type.raw.starts_with("timestamp") && !computed {
        // Without the word, an old server makes it one that may not be.
        sql.push_str(" NULL");
    }
    if let Some(default) = &column.default {
        put(
            &mut sql,
            format_args!(" DEFAULT {}", default_value(default, column)),
        );
    }
    attributes(&mut sql, column);
    if let Some(more) = option(&column.options, "more") {
        put(&mut sql, format_args!(" {more}"));
    }
    if let Some(comment) = &column.comment {
        put(&mut sql, format_args!(" COMMENT {}", string(comment)));
    }
    if let Some(check) = own_check(name, table) {
        put(&mut sql, format_args!(" CHECK ({})", check.expression));
    }
    sql
}

fn attributes(sql: &mut String, column: &Column) {
    if let Some(value) = option(&column.options, "on_update") {
        put(sql, format_args!(" ON UPDATE {value}"));
    }
    if column.identity.is_some() {
        sql.push_str(" AUTO_INCREMENT");
    }
    if option(&column.options, "invisible").is_some() {
        sql.push_str(" INVISIBLE");
    }
    if option(&column.options, "versioning").is_some() {
        sql.push_str(" WITHOUT SYSTEM VERSIONING");
    }
}

/// Whether values of the column are compared as texts.
pub(super) fn has_collation(column: &Column) -> bool {
    matches!(column.data_type.family, TypeFamily::Text | TypeFamily::Enum)
        || column.data_type.raw.starts_with("set(")
}

/// Constants stand alone, everything else in parentheses. MySQL knows no constant for a long text (manual, "Data Type
/// Default Values"), but the same as an expression.
fn default_value(default: &str, column: &Column) -> String {
    let is_constant = default.starts_with('\'')
        || default.starts_with("b'")
        || default.starts_with("x'")
        || default.starts_with("CURRENT_TIMESTAMP")
        || default
            .bytes()
            .all(|byte| byte.is_ascii_digit() || b"+-.eExX".contains(&byte));
    let is_long = ["text", "blob"]
        .iter()
        .any(|end| column.data_type.raw.ends_with(end))
        || matches!(column.data_type.family, TypeFamily::Json | TypeFamily::Spatial);
    if is_constant && !is_long {
        default.to_owned()
    } else {
        format!("({default})")
    }
}

fn index_part(part: &IndexPart) -> String {
    let mut sql = match (&part.column, &part.expression) {
        (Some(column), _) => quoted(column),
        (None, Some(expression)) => format!("({expression})"),
        (None, None) => String::new(),
    };
    if let Some(prefix) = part.prefix {
        put(&mut sql, format_args!("({prefix})"));
    }
    if part.descending {
        sql.push_str(" DESC");
    }
    sql
}

fn index_rest(
    parts: &[IndexPart],
    options: &BTreeMap<String, String>,
    method: Option<&str>,
    comment: Option<&String>,
) -> String {
    let mut listed: Vec<String> = parts.iter().map(index_part).collect();
    if let Some(period) = option(options, "without_overlaps") {
        listed.push(format!("{} WITHOUT OVERLAPS", quoted(period)));
    }
    let mut sql = format!("({})", listed.join(", "));
    if let Some(method) = method {
        put(&mut sql, format_args!(" USING {}", method.to_uppercase()));
    }
    if let Some(parser) = option(options, "parser") {
        put(&mut sql, format_args!(" WITH PARSER {}", quoted(parser)));
    }
    if let Some(more) = option(options, "more") {
        put(&mut sql, format_args!(" {more}"));
    }
    if let Some(comment) = comment {
        put(&mut sql, format_args!(" COMMENT {}", string(comment)));
    }
    if option(options, "invisible").is_some() {
        sql.push_str(HIDDEN_INDEX);
    }
    sql
}

/// A primary or unique key, as `CREATE TABLE` and `ADD` have it.
pub(super) fn key(name: &str, key: &Key) -> String {
    let method = option(&key.options, "method");
    let rest = index_rest(&key.parts, &key.options, method, key.comment.as_ref());
    if name == PRIMARY {
        format!("PRIMARY KEY {rest}")
    } else {
        format!("UNIQUE KEY {} {rest}", quoted(name))
    }
}

/// An index, as `CREATE TABLE` and `ADD` have it.
pub(super) fn index(name: &str, index: &Index) -> String {
    let (word, method) = match index.method.as_str() {
        "btree" | "" => ("KEY", None),
        "fulltext" => ("FULLTEXT KEY", None),
        "spatial" => ("SPATIAL KEY", None),
        "vector" => ("VECTOR KEY", None),
        method => ("KEY", Some(method)),
    };
    let rest = index_rest(&index.parts, &index.options, method, index.comment.as_ref());
    format!("{word} {} {rest}", quoted(name))
}

/// A condition of the table's.
pub(super) fn check(name: &str, check: &Check) -> String {
    let ending = match option(&check.options, "not_enforced") {
        Some(_) => " NOT ENFORCED",
        None => "",
    };
    format!("CONSTRAINT {} CHECK ({}){ending}", quoted(name), check.expression)
}

/// A foreign key.
pub(super) fn foreign_key(name: &str, key: &ForeignKey) -> String {
    let target = &key.references;
    let schema = target.schema.as_ref();
    let schema = schema
        .map(|schema| format!("{}.", quoted(schema)))
        .unwrap_or_default();
    let mut sql = format!(
        "CONSTRAINT {} FOREIGN KEY ({}) REFERENCES {schema}{} ({})",
        quoted(name),
        list(&key.columns),
        quoted(&target.table),
        list(&target.columns)
    );
    if let Some(more) = option(&key.options, "more") {
        put(&mut sql, format_args!(" {more}"));
    }
    for (word, action) in [("ON DELETE", &key.on_delete), ("ON UPDATE", &key.on_update)] {
        if let Some(action) = action {
            put(&mut sql, format_args!(" {word} {}", action.to_uppercase()));
        }
    }
    sql
}
