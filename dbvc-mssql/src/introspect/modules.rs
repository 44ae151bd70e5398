//! Views, routines, triggers, and old defaults and rules.

use dbvc_engine::driver::Rows;
use dbvc_engine::schema::{Body, Object, ObjectKey, ObjectKind, Other, Routine, RoutineForm, Trigger, View};

use super::model::{Model, class};
use super::row::{Options, Row, lower, option, option_if, rows};
use crate::ddl::head::renamed;
use crate::ddl::names::full;

pub(super) fn add(model: &mut Model, answer: &Rows) {
    for row in rows(answer) {
        let Some((key, word)) = key(row) else { continue };
        // A trigger's name stands in its table's schema.
        let definition = row.text("definition").unwrap_or_default();
        let definition = renamed(definition, word, &full(&key));
        let mut object = Object::new(body(&key, word, definition));
        object.owner = row.owned("owner");
        options(&mut object.options, row);
        if let Some(parent) = row.text("parent") {
            let kind = if row.text("parent_type") == Some("V") {
                ObjectKind::View
            } else {
                ObjectKind::Table
            };
            let parent = ObjectKey::within(kind, row.word("parent_schema"), parent);
            object.requires.insert(parent);
        }
        model.add(class::OBJECT, row.id("id"), key, object);
    }
}

/// What it is called, and the word that makes it.
fn key(row: Row<'_>) -> Option<(ObjectKey, &'static str)> {
    let within = |kind| ObjectKey::within(kind, row.word("schema"), row.word("name"));
    Some(match row.word("type") {
        "V" => (within(ObjectKind::View), "VIEW"),
        "P" | "RF" => (within(ObjectKind::Routine), "PROCEDURE"),
        "FN" | "IF" | "TF" => (within(ObjectKind::Routine), "FUNCTION"),
        "TR" => (within(ObjectKind::Trigger).of(row.word("parent")), "TRIGGER"),
        "DDL" => {
            let key = ObjectKey::new(ObjectKind::Trigger, row.word("name"));
            (key.of("the database"), "TRIGGER")
        }
        "D" => (within(ObjectKind::Other).of("default"), "DEFAULT"),
        "R" => (within(ObjectKind::Other).of("rule"), "RULE"),
        _ => return None,
    })
}

fn body(key: &ObjectKey, word: &str, definition: String) -> Body {
    match key.kind {
        ObjectKind::View => Body::View(View {
            definition,
            ..View::default()
        }),
        ObjectKind::Routine => Body::Routine(Routine {
            form: if word == "FUNCTION" {
                RoutineForm::Function
            } else {
                RoutineForm::Procedure
            },
            definition,
        }),
        ObjectKind::Trigger => Body::Trigger(Trigger { definition }),
        _ => Body::Other(Other { definition }),
    }
}

fn options(all: &mut Options, row: Row<'_>) {
    if row.text("definition").is_none() {
        let encrypted = row.flag("is_encrypted");
        option(all, "hidden", Some(if encrypted { "encrypted" } else { "yes" }));
    }
    option_if(all, row.is_off("uses_ansi_nulls"), "ansi_nulls", "off");
    option_if(
        all,
        row.is_off("uses_quoted_identifier"),
        "quoted_identifier",
        "off",
    );
    option_if(all, row.flag("is_schema_bound"), "schema_bound", "yes");
    option_if(all, row.flag("is_disabled"), "disabled", "yes");
    option_if(all, row.text("type") == Some("IF"), "returns", "a query");
    option_if(all, row.text("type") == Some("TF"), "returns", "a table");
    option(all, "first", row.text("first_of").map(|it| lower(it.trim())));
    option(all, "last", row.text("last_of").map(|it| lower(it.trim())));
}
