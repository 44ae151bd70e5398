//! What people wrote about things, and other notes on them.

use dbvc_engine::driver::Rows;
use dbvc_engine::schema::{Body, Table};

use super::model::{Model, Part, Sort, class};
use super::row::{Options, option, rows};

/// Under which name a comment stands: the server's own tools and most others look there.
pub(crate) const DESCRIPTION: &str = "MS_Description";

/// What designers of views keep about their windows.
const OF_TOOLS: &[&str] = &[
    "MS_DiagramPane",
    "MS_DiagramPaneCount",
    "microsoft_database_tools_support",
];

pub(super) fn add(model: &mut Model, answer: &Rows) {
    for row in rows(answer) {
        let name = row.word("name");
        if OF_TOOLS.iter().any(|own| name.starts_with(own)) {
            continue;
        }
        let (id, minor) = (row.id("id"), row.number("minor").unwrap_or_default());
        let note = (name, row.word("value"));
        match row.id("class") {
            class::OBJECT if minor != 0 => of_column(model, (id, minor), note),
            class::TYPE_COLUMN => of_type_column(model, (id, minor), note),
            class::OBJECT => of_object(model, id, note),
            class::INDEX => {
                if let Some(part) = model.indexes.get(&(id, minor)).cloned() {
                    of_part(model, &part, note);
                }
            }
            class => {
                if let Some(object) = model.object(class, id) {
                    set(&mut object.comment, &mut object.options, note);
                }
            }
        }
    }
}

fn set(comment: &mut Option<String>, options: &mut Options, (name, value): (&str, &str)) {
    if name == DESCRIPTION {
        *comment = Some(value.to_owned()).filter(|text| !text.is_empty());
    } else {
        option(options, &format!("property.{name}"), Some(value));
    }
}

fn of_object(model: &mut Model, id: i64, note: (&str, &str)) {
    match model.constraints.get(&id).cloned() {
        Some(part) => of_part(model, &part, note),
        None => {
            if let Some(object) = model.object(class::OBJECT, id) {
                set(&mut object.comment, &mut object.options, note);
            }
        }
    }
}

/// A note on a column, or on a parameter, which has no number among the columns.
fn of_column(model: &mut Model, place: (i64, i64), note: (&str, &str)) {
    let Some(name) = model.columns.get(&place).cloned() else {
        return;
    };
    let column = model.columns_of(place.0).and_then(|all| all.get_mut(&name));
    if let Some(column) = column {
        set(&mut column.comment, &mut column.options, note);
    }
}

/// The manual leaves open whether the number is the type's or that of the table that it stands for; both are understood.
/// A table type never changes, so that its columns have their places as numbers.
fn of_type_column(model: &mut Model, (id, number): (i64, i64), note: (&str, &str)) {
    if model.key(class::TYPE, id).is_none() {
        return of_column(model, (id, number), note);
    }
    if let Some(Body::Table(table)) = model.object(class::TYPE, id).map(|object| &mut object.body) {
        let mut columns = table.columns.values_mut();
        if let Some(column) = columns.find(|column| i64::from(column.position) == number) {
            set(&mut column.comment, &mut column.options, note);
        }
    }
}

fn of_part(model: &mut Model, part: &Part, note: (&str, &str)) {
    let Some(object) = model.object(class::OBJECT, part.table) else {
        return;
    };
    if let Body::View(view) = &mut object.body
        && let Some(index) = view.indexes.get_mut(&part.name)
    {
        set(&mut index.comment, &mut index.options, note);
    }
    if let Body::Table(table) = &mut object.body {
        of_table_part(table, part, note);
    }
}

fn of_table_part(table: &mut Table, part: &Part, note: (&str, &str)) {
    macro_rules! on {
        ($($map:ident),*) => {{
            $(if let Some(it) = table.$map.get_mut(&part.name) {
                set(&mut it.comment, &mut it.options, note);
                return;
            })*
        }};
    }
    match part.sort {
        Sort::Key => on!(keys),
        // A note on a key's index is one on the key.
        Sort::Index => on!(indexes, keys),
        Sort::ForeignKey => on!(foreign_keys),
        Sort::Check => on!(checks),
        Sort::Default => {
            if let Some(column) = table.columns.get_mut(&part.name) {
                let name = format!("default.{}", note.0);
                option(&mut column.options, &format!("property.{name}"), Some(note.1));
            }
        }
    }
}
