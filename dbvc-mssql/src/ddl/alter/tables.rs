//! Tables that change.

use std::collections::BTreeSet;

use dbvc_engine::schema::{Object, ObjectKey};

use super::super::indexes;
use super::super::lookup;
use super::super::names::{full, quoted};
use super::super::notes::part;
use super::super::script::Script;
use super::super::tables::{add_check, compression, key as key_definition, option, table_option, versioning};
use super::change::TableChange;
use super::plan::Plan;
use super::{Alter, columns};

/// What is in the way of the columns, and what is no more.
pub(super) fn take_away(way: &mut Alter, key: &ObjectKey, change: &TableChange, plan: &Plan<'_>) {
    let table = full(key);
    let script = &mut way.script;
    if is_versioned_off(key, change, plan) {
        script.first(&format!("ALTER TABLE {table} SET (SYSTEM_VERSIONING = OFF)"));
    }
    let old = indexes::in_order(&change.old.indexes);
    for (name, _) in old
        .into_iter()
        .rev()
        .filter(|(name, _)| change.indexes.gone.contains(*name))
    {
        script.first(&format!("DROP INDEX {} ON {table}", quoted(name)));
    }
    for name in &change.checks.gone {
        let Some(it) = change.old.checks.get(name) else {
            continue;
        };
        script.first(&if it.generated_name {
            lookup::check(&table, it, "DROP CONSTRAINT")
        } else {
            drop_constraint(&table, name)
        });
    }
    let mut keys: Vec<&String> = change.keys.gone.iter().collect();
    keys.sort_by_key(|name| change.old.keys[*name].primary);
    for name in keys {
        let Some(it) = change.old.keys.get(name) else {
            continue;
        };
        script.first(&if it.generated_name {
            lookup::key(&table, it, "DROP CONSTRAINT")
        } else {
            drop_constraint(&table, name)
        });
    }
    for column in &change.defaults.gone {
        let Some(it) = change.old.columns.get(column) else {
            continue;
        };
        script.first(&match option(&it.options, "default_name") {
            Some(name) => drop_constraint(&table, name),
            None => lookup::default(&table, column, "DROP CONSTRAINT"),
        });
    }
    columns::take_computed(script, &table, change);
}

fn drop_constraint(table: &str, name: &str) -> String {
    format!("ALTER TABLE {table} DROP CONSTRAINT {}", quoted(name))
}

/// Changes the columns, and gives the table what it is to have.
pub(super) fn change(way: &mut Alter, key: &ObjectKey, change: &TableChange, plan: &Plan<'_>) {
    let table = full(key);
    let Some((old, new)) = plan.both(key) else { return };
    if new.options.contains_key("mssql.memory_optimized") {
        way.script.no_transaction =
            Some("a memory-optimised table cannot be made or changed in a transaction");
    }
    columns::change(way, key, change, (old, new));
    let script = &mut way.script;
    let mut keys: Vec<&String> = change.keys.come.iter().collect();
    keys.sort_by_key(|name| !change.new.keys[*name].primary);
    for name in keys {
        let Some(it) = change.new.keys.get(name) else {
            continue;
        };
        script.first(&format!("ALTER TABLE {table} ADD {}", key_definition(name, it)));
    }
    for name in &change.checks.come {
        if let Some(it) = change.new.checks.get(name) {
            add_check(script, &table, name, it);
        }
    }
    let in_memory = option(&new.options, "memory_optimized").is_some();
    for (name, it) in indexes::in_order(&change.new.indexes) {
        if !change.indexes.come.contains(name) {
            continue;
        }
        if in_memory {
            script.first(&format!("ALTER TABLE {table} ADD {}", indexes::inline(name, it)));
        } else {
            indexes::create(script, key, name, it);
        }
    }
    options(script, key, (old, new), plan);
}

fn options(script: &mut Script, key: &ObjectKey, (_, new): (&Object, &Object), plan: &Plan<'_>) {
    let table = full(key);
    for field in plan.fields(key) {
        if field.field == "order of columns" {
            let reason = "SQL Server cannot put columns in another order, so they stay as they stand";
            script.leave_out(key, reason);
        }
        if field.field.starts_with("partitioning") {
            script.leave_out(
                key,
                "a table that is there is divided in another way by making its clustered index anew",
            );
        }
        let Some(name) = field.field.strip_prefix("options.mssql.") else {
            continue;
        };
        let value = option(&new.options, name);
        match name {
            "lock_escalation" => {
                let word = value.unwrap_or("table").to_uppercase();
                script.first(&format!("ALTER TABLE {table} SET (LOCK_ESCALATION = {word})"));
            }
            "compression" => {
                let said = compression(&new.options).unwrap_or_else(|| "DATA_COMPRESSION = NONE".to_owned());
                script.first(&format!(
                    "ALTER TABLE {table} REBUILD PARTITION = ALL WITH ({said})"
                ));
            }
            "large_values_out_of_row" => {
                let on = if value.is_some() { "1" } else { "0" };
                table_option(script, &table, "large value types out of row", on);
            }
            "text_in_row" => table_option(script, &table, "text in row", value.unwrap_or("0")),
            "period" | "history" | "history_retention" | "temporal" => {}
            name if name.starts_with("property.") => {}
            name => {
                let what = name.replace('_', " ");
                script.leave_out(key, &format!("{what} of a table that is there cannot be changed"));
            }
        }
    }
}

/// Whether the history must stop for a while: it has a table of its own that changes too, or it is to end.
fn is_versioned_off(key: &ObjectKey, change: &TableChange, plan: &Plan<'_>) -> bool {
    let Some((old, new)) = plan.both(key) else {
        return false;
    };
    let Some(was) = option(&old.options, "history") else {
        return false;
    };
    let other = ["history", "history_retention", "period"]
        .iter()
        .any(|name| option(&old.options, name) != option(&new.options, name));
    let columns = change.is_shaken() || !change.columns.come.is_empty();
    other || (columns && !was.is_empty())
}

/// Sets the history going, where it begins or had to stop.
pub(super) fn version_again(script: &mut Script, key: &ObjectKey, change: &TableChange, plan: &Plan<'_>) {
    let Some((old, new)) = plan.both(key) else { return };
    let Some(history) = option(&new.options, "history") else {
        return;
    };
    if option(&old.options, "history").is_none() || is_versioned_off(key, change, plan) {
        let versioned = versioning(history, &new.options);
        script.first(&format!("ALTER TABLE {} SET ({versioned})", full(key)));
    }
}

/// The parts that are dropped and made: what was written about them went along.
pub(super) fn made_again(change: &TableChange) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for word in ["column", "default"] {
        all.extend(change.anew.iter().map(|name| part(word, name)));
    }
    for (word, swap) in [
        ("default", &change.defaults),
        ("key", &change.keys),
        ("check", &change.checks),
        ("index", &change.indexes),
        ("foreign key", &change.foreign_keys),
    ] {
        all.extend(swap.gone.iter().map(|name| part(word, name)));
    }
    all
}
