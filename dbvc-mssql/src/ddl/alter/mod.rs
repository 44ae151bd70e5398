//! The way from one schema to another as T-SQL.
//!
//! First goes what is in the way: foreign keys, what is bound to the shape of tables, programs that are no more, then
//! indexes, conditions, keys and defaults, and tables that are no more. Then new objects are made and others changed, in
//! the order of what they need. Then foreign keys come and the rest goes, and last come owners, rights and notes.

mod change;
mod columns;
mod others;
mod plan;
mod tables;
#[cfg(test)]
pub(super) mod tests;

use std::collections::BTreeSet;

use dbvc_engine::diff::What;
use dbvc_engine::driver::Altered;
use dbvc_engine::schema::{Body, Database, ObjectKey, ObjectKind};

use super::names::{full, quoted};
use super::objects::{drop_statement, hidden};
use super::script::Script;
use super::tables::{add_foreign_key, option};
use super::{DBO, create, is_last, lookup, notes, rights};
use plan::Plan;

/// A script under way, with what it destroys.
pub(super) struct Alter {
    pub(super) script: Script,
    pub(super) losses: Vec<String>,
}

impl Alter {
    /// Adds a statement, with a warning before it.
    pub(super) fn destroy(&mut self, what: String, statement: &str) {
        self.script.remark(&format!("Destroys data: {what}"));
        self.script.add(statement);
        self.losses.push(what);
    }
}

pub(super) fn alter(before: &Database, after: &Database) -> Altered {
    let plan = Plan::of(before, after);
    let mut way = Alter {
        script: if plan.changes.is_empty() {
            Script::default()
        } else {
            Script::with_head()
        },
        losses: Vec::new(),
    };
    for (key, name, it) in &plan.foreign_keys_gone {
        let table = full(key);
        way.script.first(&if it.generated_name {
            lookup::foreign_key(&table, it, "DROP CONSTRAINT")
        } else {
            format!("ALTER TABLE {table} DROP CONSTRAINT {}", quoted(name))
        });
    }
    let held: BTreeSet<&ObjectKey> = held_by_tables(&plan);
    drop_all(&mut way, &plan, |key| is_early(key) && !held.contains(key));
    for (key, change) in &plan.tables {
        tables::take_away(&mut way, key, change, &plan);
    }
    // A table that goes may name such a function, too, or be what one is bound to: what needs the other goes first.
    drop_all(&mut way, &plan, |key| {
        held.contains(key) || key.kind == ObjectKind::Table
    });
    drop_all(&mut way, &plan, |key| {
        matches!(key.kind, ObjectKind::Sequence | ObjectKind::Synonym)
    });
    make(&mut way, &plan);
    for (key, name, it) in &plan.foreign_keys_come {
        add_foreign_key(&mut way.script, key, name, it);
    }
    for (key, change) in &plan.tables {
        tables::version_again(&mut way.script, key, change, &plan);
    }
    drop_all(&mut way, &plan, |key| {
        !is_early(key)
            && !matches!(
                key.kind,
                ObjectKind::Table | ObjectKind::Sequence | ObjectKind::Synonym
            )
    });
    afterwards(&mut way.script, &plan);
    let no_transaction = way.script.no_transaction.map(ToOwned::to_owned);
    let written = way.script.finish();
    Altered {
        sql: written.sql,
        losses: way.losses,
        left_out: written.left_out,
        no_transaction,
    }
}

/// What goes before tables change.
fn is_early(key: &ObjectKey) -> bool {
    match key.kind {
        ObjectKind::View | ObjectKind::Routine | ObjectKind::Trigger => true,
        ObjectKind::Other => matches!(
            key.parent.as_deref(),
            Some("security policy" | "statistics" | "fulltext index" | "change tracking")
        ),
        _ => false,
    }
}

/// Functions that conditions, defaults and computed columns of tables name: those go first.
fn held_by_tables<'a>(plan: &Plan<'a>) -> BTreeSet<&'a ObjectKey> {
    let tables = plan
        .before
        .tables()
        .filter_map(|(key, _)| plan.before.objects.get(key));
    let needed: BTreeSet<&ObjectKey> = tables.flat_map(|object| &object.requires).collect();
    let routines = plan.before.of_kind(ObjectKind::Routine).map(|(key, _)| key);
    routines.filter(|key| needed.contains(key)).collect()
}

/// Drops what is no more, and what is made again, if it is meant.
fn drop_all(way: &mut Alter, plan: &Plan<'_>, is_meant: impl Fn(&ObjectKey) -> bool) {
    for key in plan.order_before.iter().rev() {
        let goes = plan.is_removed(key);
        if !(goes || plan.rebuilt.contains(key)) || !is_meant(key) || key.name == DBO {
            continue;
        }
        let Some(object) = plan.before.objects.get(*key) else {
            continue;
        };
        // What belongs to a table or a view goes with it.
        let with_its_table = is_early(key)
            && key.kind != ObjectKind::Routine
            && key.kind != ObjectKind::View
            && object.requires.iter().any(|needed| {
                let own =
                    key.parent.as_deref() == Some(needed.name.as_str()) || key.kind == ObjectKind::Other;
                own && plan.is_removed(needed) && needed.kind == ObjectKind::Table
            });
        if with_its_table && key.parent.as_deref() != Some("security policy") {
            continue;
        }
        match drop_statement(key, object) {
            None => {
                let family = key.parent.as_deref().unwrap_or_default();
                way.script
                    .leave_out(key, &format!("dbvc does not drop a {family}"));
            }
            Some(statement) if key.kind == ObjectKind::Table => {
                if option(&object.options, "history").is_some() {
                    way.script.first(&format!(
                        "ALTER TABLE {} SET (SYSTEM_VERSIONING = OFF)",
                        full(key)
                    ));
                }
                way.destroy(format!("{key} with its rows"), &statement);
            }
            Some(statement) => {
                if statement.contains("FULLTEXT") {
                    way.script.no_transaction =
                        Some("full-text catalogs and indexes cannot be dropped in a transaction");
                }
                way.script.first(&statement);
            }
        }
    }
}

/// Makes what is new and changes what stays, in the order of what needs what.
fn make(way: &mut Alter, plan: &Plan<'_>) {
    let (last, first): (Vec<&ObjectKey>, Vec<&ObjectKey>) =
        plan.order_after.iter().copied().partition(|key| is_last(key));
    for key in first.into_iter().chain(last) {
        let Some(object) = plan.after.objects.get(key) else {
            continue;
        };
        if plan.is_new(key) || plan.rebuilt.contains(key) {
            create(&mut way.script, key, object);
        } else if let Some(change) = plan.tables.get(key) {
            tables::change(way, key, change, plan);
        } else if let Some((old, new)) = plan.both(key).filter(|_| plan.changes.contains_key(key)) {
            if hidden(new).is_some() && plan.is_another(key) {
                way.script.leave_out(key, "the server does not give its text");
            } else {
                others::change(way, key, (old, new), plan);
            }
        }
    }
    for (key, change) in &plan.changes {
        // What it shows are the columns from when it was made or told to look again.
        if let What::Changed { fields, parts } = &change.what
            && let Some((old, new)) = plan.both(key)
            && let (Body::View(old), Body::View(new)) = (&old.body, &new.body)
            && fields.iter().all(|field| field.field != "definition")
            && parts.iter().any(|part| part.part == "column")
            && !plan.rebuilt.contains(key)
            && others::columns_differ(old, new)
        {
            let name = super::names::literal(&full(key));
            way.script.first(&format!("EXEC sys.sp_refreshsqlmodule {name}"));
        }
    }
}

/// Owners, rights and notes.
fn afterwards(script: &mut Script, plan: &Plan<'_>) {
    for key in &plan.order_after {
        let Some(new) = plan.after.objects.get(*key) else {
            continue;
        };
        let is_made = plan.is_new(key) || plan.rebuilt.contains(*key);
        if is_made && script.has_left_out(key) {
            continue;
        }
        if is_made {
            rights::owner(script, key, new.owner.as_deref(), false);
            rights::of_object(script, key, new);
            notes::of_object(script, key, new);
        } else if let Some((old, new)) = plan.both(key) {
            let anew = plan.tables.get(*key).map(tables::made_again).unwrap_or_default();
            if plan.changes.contains_key(*key) || !anew.is_empty() {
                rights::changed(script, key, old, new);
                notes::changed(script, key, old, new, &anew);
            }
        }
    }
}
