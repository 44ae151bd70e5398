//! Conditions on rows, and foreign keys.

use dbvc_engine::driver::Rows;
use dbvc_engine::schema::{Check, ForeignKey, Reference};

use super::model::{Model, Part, Sort};
use super::row::{Options, Row, lower, option_if, rows};

pub(super) fn add(model: &mut Model, answer: &Rows) {
    for row in rows(answer) {
        let (id, name) = (row.id("id"), row.word("name").to_owned());
        let check = Check {
            expression: row.word("definition").to_owned(),
            unvalidated: is_unvalidated(row),
            generated_name: row.flag("is_system_named"),
            options: replication(row),
            ..Check::default()
        };
        let Some(table) = model.table(id) else { continue };
        table.checks.insert(name.clone(), check);
        let part = Part {
            table: id,
            sort: Sort::Check,
            name,
        };
        model.constraints.insert(row.id("key_id"), part);
    }
}

pub(super) fn add_foreign_keys(model: &mut Model, answer: &Rows) {
    for row in rows(answer) {
        let (id, name) = (row.id("id"), row.word("name").to_owned());
        let Some(table) = model.table(id) else { continue };
        let key = table
            .foreign_keys
            .entry(name.clone())
            .or_insert_with(|| foreign_key(row));
        key.columns.push(row.word("column_name").to_owned());
        key.references.columns.push(row.word("target_column").to_owned());
        let part = Part {
            table: id,
            sort: Sort::ForeignKey,
            name,
        };
        model.constraints.insert(row.id("key_id"), part);
    }
}

/// One without its columns.
fn foreign_key(row: Row<'_>) -> ForeignKey {
    let action = |column: &str| row.text(column).filter(|it| *it != "NO_ACTION").map(lower);
    ForeignKey {
        references: Reference {
            schema: row.owned("target_schema"),
            table: row.word("target").to_owned(),
            columns: Vec::new(),
        },
        on_update: action("on_update"),
        on_delete: action("on_delete"),
        unvalidated: is_unvalidated(row),
        generated_name: row.flag("is_system_named"),
        options: replication(row),
        ..ForeignKey::default()
    }
}

/// What is not for replication is never trusted, though rows were looked at (manual, `sys.foreign_keys`).
fn is_unvalidated(row: Row<'_>) -> bool {
    row.flag("is_not_trusted") && !row.flag("is_not_for_replication") && !row.flag("is_disabled")
}

fn replication(row: Row<'_>) -> Options {
    let mut options = Options::new();
    let not = row.flag("is_not_for_replication");
    option_if(&mut options, not, "not_for_replication", "yes");
    option_if(&mut options, row.flag("is_disabled"), "disabled", "yes");
    options
}
