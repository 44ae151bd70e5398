//! Columns.

use std::collections::BTreeMap;

use dbvc_engine::driver::Rows;
use dbvc_engine::schema::{Column, Generated, Identity, ObjectKey, ObjectKind};

use super::datatype::of_column;
use super::model::{Model, Part, Sort, class};
use super::row::{Options, Row, lower, option, option_if, rows};
use crate::ddl::names::within;

pub(super) fn add(model: &mut Model, answer: &Rows) {
    // Numbers have gaps where columns went.
    let mut places: BTreeMap<i64, u32> = BTreeMap::new();
    for row in rows(answer) {
        let (id, name) = (row.id("id"), row.word("name"));
        let place = places.entry(id).or_default();
        *place += 1;
        let mut column = column(row, &model.collation);
        column.position = *place;
        let Some(columns) = model.columns_of(id) else {
            continue;
        };
        columns.insert(name.to_owned(), column);
        model.columns.insert((id, row.id("number")), name.to_owned());
        if let Some(default) = row.number("default_id") {
            let part = Part {
                table: id,
                sort: Sort::Default,
                name: name.to_owned(),
            };
            model.constraints.insert(default, part);
        }
        needs(model, id, row);
    }
}

/// The types and old defaults and rules that a column is of.
fn needs(model: &mut Model, id: i64, row: Row<'_>) {
    if let Some(made) = model.key(class::TYPE, row.id("type_id")).cloned() {
        model.require(class::OBJECT, id, made);
    }
    if let (Some(schema), Some(name)) = (row.text("xml_schema"), row.text("xml_collection"))
        && schema != "sys"
    {
        let key = ObjectKey::within(ObjectKind::Other, schema, name).of("xml schema collection");
        model.require(class::OBJECT, id, key);
    }
    for (family, schema, name) in [
        ("default", "bound_default_schema", "bound_default"),
        ("rule", "bound_rule_schema", "bound_rule"),
    ] {
        if let (Some(schema), Some(name)) = (row.text(schema), row.text(name)) {
            let key = ObjectKey::within(ObjectKind::Other, schema, name).of(family);
            model.require(class::OBJECT, id, key);
        }
    }
}

fn column(row: Row<'_>, usual: &str) -> Column {
    let is_view = row.word("owner_type").trim() == "V";
    let data_type = of_column(row);
    let collation = row.owned("collation");
    // A type of people's has the database's own.
    let collation = collation.filter(|name| name != usual && !row.flag("type_is_made"));
    Column {
        data_type,
        nullable: row.flag("is_nullable"),
        default: row.owned("default_definition"),
        // Whose columns it shows counts them.
        identity: (!is_view).then(|| identity(row)).flatten(),
        generated: row.owned("computed").map(|expression| Generated {
            expression,
            stored: row.flag("is_persisted"),
        }),
        collation,
        options: options(row),
        ..Column::default()
    }
}

fn identity(row: Row<'_>) -> Option<Identity> {
    let seed = row.text("seed")?;
    let other_than_one = |text: &str| text.trim().parse().ok().filter(|number: &i64| *number != 1);
    Some(Identity {
        always: true,
        start: other_than_one(seed),
        increment: other_than_one(row.word("increment")),
        ..Identity::default()
    })
}

fn options(row: Row<'_>) -> Options {
    let mut all = Options::new();
    let named = row.text("default_name").filter(|_| row.is_off("is_system_named"));
    option(&mut all, "default_name", named);
    for (name, schema, bound) in [
        ("bound_default", "bound_default_schema", "bound_default"),
        ("bound_rule", "bound_rule_schema", "bound_rule"),
    ] {
        let bound = row.text(bound).map(|bound| within(row.word(schema), bound));
        option(&mut all, name, bound);
    }
    let replicated = row.text("seed").is_none() || row.is_off("is_not_for_replication");
    option_if(&mut all, !replicated, "not_for_replication", "yes");
    for (name, column) in [
        ("sparse", "is_sparse"),
        ("column_set", "is_column_set"),
        ("rowguidcol", "is_rowguidcol"),
        ("filestream", "is_filestream"),
        ("hidden", "is_hidden"),
    ] {
        option_if(&mut all, row.flag(column), name, "yes");
    }
    // Texts of Unicode always are (manual, "SET ANSI_PADDING").
    let padded = matches!(row.word("base_type"), "char" | "varchar" | "binary" | "varbinary");
    let table = row.word("owner_type").trim() == "U";
    let unpadded = padded && table && row.is_off("is_ansi_padded") && row.text("computed").is_none();
    option_if(&mut all, unpadded, "ansi_padding", "off");
    let always = row.text("always").filter(|it| *it != "NOT_APPLICABLE");
    option(&mut all, "generated_always", always.map(lower));
    option(&mut all, "mask", row.text("mask"));
    if let Some(encryption) = row.text("encryption") {
        let algorithm = row.word("encryption_algorithm");
        let said = format!("{encryption} {algorithm} {}", row.word("encryption_key"));
        option(&mut all, "encryption", Some(said));
    }
    all
}
