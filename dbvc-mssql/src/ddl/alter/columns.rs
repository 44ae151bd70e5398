//! Columns that change.

use dbvc_engine::schema::{Column, Object, ObjectKey, in_order};

use super::super::names::{full, literal, put, quoted};
use super::super::script::Script;
use super::super::tables::{column as definition, default, option};
use super::Alter;
use super::change::TableChange;

/// Options that only a table that is made can give its columns.
const FIXED: &[&str] = &[
    "ansi_padding",
    "bound_default",
    "bound_rule",
    "column_set",
    "encryption",
    "filestream",
];

/// Drops computed columns that are no more or are made anew, since they hold those that they are of.
pub(super) fn take_computed(script: &mut Script, table: &str, change: &TableChange) {
    for (name, it) in &change.old.columns {
        let goes = change.columns.gone.contains(name) || change.anew.contains(name);
        if goes && it.generated.is_some() {
            script.first(&format!("ALTER TABLE {table} DROP COLUMN {}", quoted(name)));
        }
    }
}

pub(super) fn change(way: &mut Alter, key: &ObjectKey, change: &TableChange, (old, new): (&Object, &Object)) {
    let table = full(key);
    let period = (option(&old.options, "period"), option(&new.options, "period"));
    if period.0.is_some() && period.0 != period.1 {
        way.script
            .first(&format!("ALTER TABLE {table} DROP PERIOD FOR SYSTEM_TIME"));
    }
    for (name, it) in in_order(&change.old.columns) {
        let goes = change.columns.gone.contains(name) || change.anew.contains(name);
        if goes && it.generated.is_none() {
            let statement = format!("ALTER TABLE {table} DROP COLUMN {}", quoted(name));
            way.destroy(format!("column {name} of {key}"), &statement);
        }
    }
    for (name, is) in in_order(&change.new.columns) {
        if let Some(was) = change
            .old
            .columns
            .get(name)
            .filter(|_| !change.anew.contains(name))
        {
            one(way, key, name, (was, is), change.retyped.contains(name));
        }
    }
    add(way, &table, change, period.1.filter(|_| period.0 != period.1));
    for (name, is) in in_order(&change.new.columns) {
        if let Some(default) = default(is).filter(|_| change.defaults.come.contains(name)) {
            way.script
                .first(&format!("ALTER TABLE {table} ADD {default} FOR {}", quoted(name)));
        }
    }
}

/// Adds columns; those of a period come together with it.
fn add(way: &mut Alter, table: &str, change: &TableChange, period: Option<&str>) {
    let is_added = |name: &str| change.columns.come.contains(name) || change.anew.contains(name);
    let mut together = Vec::new();
    for (name, it) in in_order(&change.new.columns) {
        if !is_added(name) {
            continue;
        }
        if period.is_some() && option(&it.options, "generated_always").is_some() {
            together.push(definition(name, it));
            continue;
        }
        let given = it.default.is_some() || it.generated.is_some() || it.identity.is_some();
        if !it.nullable && !given && it.data_type.raw != "timestamp" {
            way.script.remark(
                "Fails where the table has rows: give the column a default, or fill it in three steps",
            );
        }
        let sql = format!("ALTER TABLE {table} ADD {}", definition(name, it));
        way.script.first(&sql);
    }
    if let Some(period) = period {
        together.push(format!("PERIOD FOR SYSTEM_TIME ({period})"));
        way.script
            .first(&format!("ALTER TABLE {table} ADD\n  {}", together.join(",\n  ")));
    }
}

fn one(way: &mut Alter, key: &ObjectKey, name: &str, (was, is): (&Column, &Column), retyped: bool) {
    let place = format!("ALTER TABLE {} ALTER COLUMN {}", full(key), quoted(name));
    if was.identity != is.identity {
        let reason = format!(
            "column {name}: SQL Server cannot change how a column that is there counts, it needs a new table"
        );
        way.script.leave_out(key, &reason);
    }
    if retyped {
        if was.nullable && !is.nullable {
            fill(&mut way.script, &full(key), name, is);
        }
        let mut sql = format!("{place} {}", is.data_type);
        if let Some(collation) = collation(was, is) {
            put(&mut sql, format_args!(" COLLATE {collation}"));
        }
        if option(&is.options, "sparse").is_some() && option(&was.options, "sparse").is_some() {
            sql.push_str(" SPARSE");
        }
        sql.push_str(if is.nullable { " NULL" } else { " NOT NULL" });
        way.script.first(&sql);
    }
    options(&mut way.script, key, name, (was, is), retyped);
}

/// Texts that are compared as the database's are say so only where they were not.
fn collation<'a>(was: &Column, is: &'a Column) -> Option<&'a str> {
    match (&was.collation, &is.collation) {
        (_, Some(collation)) => Some(collation),
        (Some(_), None) if is.data_type.family == dbvc_engine::schema::TypeFamily::Text => {
            Some("DATABASE_DEFAULT")
        }
        _ => None,
    }
}

/// Rows that have nothing where something must be get what a new row would.
fn fill(script: &mut Script, table: &str, name: &str, it: &Column) {
    let name = quoted(name);
    match &it.default {
        Some(default) => {
            script.first(&format!(
                "UPDATE {table} SET {name} = {default} WHERE {name} IS NULL"
            ));
        }
        None => script.remark(&format!("Fails where a row has nothing in {name}")),
    }
}

fn options(script: &mut Script, key: &ObjectKey, name: &str, (was, is): (&Column, &Column), retyped: bool) {
    let place = format!("ALTER TABLE {} ALTER COLUMN {}", full(key), quoted(name));
    for (option_name, word) in [
        ("sparse", "SPARSE"),
        ("rowguidcol", "ROWGUIDCOL"),
        ("hidden", "HIDDEN"),
        ("not_for_replication", "NOT FOR REPLICATION"),
    ] {
        let (before, after) = (
            option(&was.options, option_name).is_some(),
            option(&is.options, option_name).is_some(),
        );
        let counted = was.identity == is.identity || option_name != "not_for_replication";
        if before != after && counted {
            let verb = if after { "ADD" } else { "DROP" };
            script.first(&format!("{place} {verb} {word}"));
        }
    }
    match (option(&was.options, "mask"), option(&is.options, "mask")) {
        (Some(_), None) => script.first(&format!("{place} DROP MASKED")),
        (before, Some(mask)) if retyped || before != Some(mask) => {
            let mask = literal(mask);
            let function = mask.trim_start_matches('N');
            script.first(&format!("{place} ADD MASKED WITH (FUNCTION = {function})"));
        }
        _ => {}
    }
    for fixed in FIXED {
        if option(&was.options, fixed) != option(&is.options, fixed) {
            let what = fixed.replace('_', " ");
            script.leave_out(
                key,
                &format!("column {name}: {what} of a column that is there cannot be changed"),
            );
        }
    }
}
