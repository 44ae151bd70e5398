//! One table that becomes another: as few statements as it takes, as each may copy all rows.

use std::collections::BTreeMap;

use dbvc_engine::diff::pairs;
use dbvc_engine::schema::{Body, Index, Key, Object, ObjectKey, Table};

use super::super::parts::{check, index, key as unique_key, own_check};
use super::Alter;
use super::{columns, options};
use crate::introspect::{PRIMARY, quoted};

const PARSER: &str = "mysql.parser";
const HIDDEN: &str = "mysql.invisible";

/// The clauses of one `ALTER TABLE`.
#[derive(Default)]
struct Clauses {
    drop: Vec<String>,
    add: Vec<String>,
    /// What the server would take for no change if it stood in one statement with what comes.
    early: Vec<String>,
}

pub(super) fn alter(alter: &mut Alter, name: &ObjectKey, (old, new): (&Object, &Object), table: &Table) {
    let Body::Table(before) = &old.body else { return };
    let mut clauses = Clauses::default();
    keys(&mut clauses, before, table);
    indexes(&mut clauses, before, table);
    checks(&mut clauses, before, table);
    let [mut first, last] = options::clauses(&mut alter.script, name, old, new);
    let columns = columns::clauses(old, new);
    let mut losses: Vec<String> = columns
        .lost
        .iter()
        .map(|column| format!("{column} of {name}"))
        .collect();
    let versioned = |object: &Object| object.options.contains_key("mysql.system_versioning");
    match (versioned(old), versioned(new)) {
        (true, false) => {
            first.push("DROP SYSTEM VERSIONING".to_owned());
            losses.push(format!("the history of {name}"));
        }
        (false, true) => clauses.add.push("ADD SYSTEM VERSIONING".to_owned()),
        _ => {}
    }
    // What a versioned table was before stays what it was.
    let head = if versioned(old) && versioned(new) {
        "SET STATEMENT system_versioning_alter_history = KEEP FOR "
    } else {
        ""
    };
    let head = format!("{head}ALTER TABLE {}", quoted(&name.name));
    if !clauses.early.is_empty() {
        alter
            .script
            .first(&format!("{head}\n  {}", clauses.early.join(",\n  ")));
    }
    let all: Vec<String> = first
        .into_iter()
        .chain(clauses.drop)
        .chain(columns.clauses)
        .chain(clauses.add)
        .chain(last)
        .collect();
    let divided = divided(before, table);
    if all.is_empty() && divided.is_empty() {
        return;
    }
    let listed = if all.is_empty() {
        String::new()
    } else {
        format!("\n  {}", all.join(",\n  "))
    };
    let statement = format!("{head}{listed}{divided}");
    alter.destroy(losses, &statement);
    if !columns.later.is_empty() {
        alter
            .script
            .first(&format!("{head}\n  {}", columns.later.join(",\n  ")));
    }
}

/// How the table is divided; it stands last.
fn divided(before: &Table, after: &Table) -> String {
    match (&before.partitioning, &after.partitioning) {
        (old, new) if old == new => String::new(),
        (_, Some(new)) => format!("\nPARTITION BY {}", new.definition),
        (_, None) => "\nREMOVE PARTITIONING".to_owned(),
    }
}

/// Hides an index from the optimizer or shows it again, where nothing else of it differs; true if so.
fn show_or_hide(
    clauses: &mut Clauses,
    name: &str,
    differs_only_so: bool,
    options: &BTreeMap<String, String>,
) -> bool {
    if differs_only_so {
        let words = if options.contains_key(HIDDEN) {
            "/*!80000 INVISIBLE */ /*M!100600 IGNORED */"
        } else {
            "/*!80000 VISIBLE */ /*M!100600 NOT IGNORED */"
        };
        clauses.add.push(format!("ALTER INDEX {} {words}", quoted(name)));
    }
    differs_only_so
}

/// Options but for whether the index is hidden.
fn shown(options: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut options = options.clone();
    options.remove(HIDDEN);
    options
}

fn keys(clauses: &mut Clauses, before: &Table, after: &Table) {
    let (mut gone, mut come) = pairs(&before.keys, &after.keys);
    gone.retain(|name| {
        let (Some(was), Some(is)) = (before.keys.get(*name), after.keys.get(*name)) else {
            return true;
        };
        let plain = |key: &Key| Key {
            options: shown(&key.options),
            generated_name: false,
            ..key.clone()
        };
        let done = show_or_hide(clauses, name, plain(was) == plain(is), &is.options);
        come.retain(|other| !done || other != name);
        !done
    });
    for name in gone {
        clauses.drop.push(if name == PRIMARY {
            "DROP PRIMARY KEY".to_owned()
        } else {
            format!("DROP INDEX {}", quoted(name))
        });
    }
    let come = come.into_iter().map(|name| unique_key(name, &after.keys[name]));
    clauses.add.extend(come.map(|key| format!("ADD {key}")));
}

fn indexes(clauses: &mut Clauses, before: &Table, after: &Table) {
    let (mut gone, mut come) = pairs(&before.indexes, &after.indexes);
    gone.retain(|name| {
        let (Some(was), Some(is)) = (before.indexes.get(*name), after.indexes.get(*name)) else {
            return true;
        };
        let plain = |index: &Index| Index {
            options: shown(&index.options),
            generated_name: false,
            ..index.clone()
        };
        let done = show_or_hide(clauses, name, plain(was) == plain(is), &is.options);
        come.retain(|other| !done || other != name);
        !done
    });
    for name in gone {
        let drop = format!("DROP INDEX {}", quoted(name));
        // MySQL does not look at the parser when it compares the one that goes with the one that comes.
        if come.contains(&name)
            && (before.indexes[name].options.contains_key(PARSER)
                || after.indexes[name].options.contains_key(PARSER))
        {
            clauses.early.push(drop);
        } else {
            clauses.drop.push(drop);
        }
    }
    let come = come.into_iter().map(|name| index(name, &after.indexes[name]));
    clauses.add.extend(come.map(|index| format!("ADD {index}")));
}

/// Conditions of a column alone change with it.
fn checks(clauses: &mut Clauses, before: &Table, after: &Table) {
    let is_own =
        |name: &str, table: &Table| table.columns.contains_key(name) && own_check(name, table).is_some();
    let (gone, come) = pairs(&before.checks, &after.checks);
    let gone = gone.into_iter().filter(|name| !is_own(name, before));
    clauses
        .drop
        .extend(gone.map(|name| format!("DROP CONSTRAINT {}", quoted(name))));
    let come = come.into_iter().filter(|name| !is_own(name, after));
    clauses
        .add
        .extend(come.map(|name| format!("ADD {}", check(name, &after.checks[name]))));
}
