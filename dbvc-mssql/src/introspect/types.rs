//! Types that people made, and sequences.

use dbvc_engine::driver::Rows;
use dbvc_engine::schema::{Body, DataType, Object, ObjectKey, ObjectKind, Other, Sequence, Table, TypeBody};

use super::datatype::{built_in, family, of_column};
use super::model::{Model, class};
use super::row::{Row, option, option_if, rows};
use crate::ddl::names::{quoted, within};

pub(super) fn add(model: &mut Model, answer: &Rows) {
    for row in rows(answer) {
        let key = ObjectKey::within(ObjectKind::Type, row.word("schema"), row.word("name"));
        let id = row.id("id");
        if row.flag("is_assembly_type") {
            let definition = format!(
                "EXTERNAL NAME {}.{}",
                quoted(row.word("assembly")),
                quoted(row.word("assembly_class"))
            );
            let key = ObjectKey {
                kind: ObjectKind::Other,
                ..key.of("clr type")
            };
            let object = Object::new(Body::Other(Other { definition }));
            model.add(class::TYPE, id, key, object);
            continue;
        }
        let table = row.number("table_id");
        let body = match table {
            // What it is of is read as a table's, and put into words at the end.
            Some(_) => Body::Table(Table::default()),
            None => Body::Type(alias(row)),
        };
        let mut object = Object::new(body);
        object.owner = row.owned("owner");
        option_if(
            &mut object.options,
            row.flag("is_memory_optimized"),
            "memory_optimized",
            "yes",
        );
        for (name, schema, bound) in [
            ("bound_default", "bound_default_schema", "bound_default"),
            ("bound_rule", "bound_rule_schema", "bound_rule"),
        ] {
            let bound = row.text(bound).map(|bound| within(row.word(schema), bound));
            option(&mut object.options, name, bound);
        }
        model.add(class::TYPE, id, key.clone(), object);
        if let Some(table) = table {
            model.also(class::OBJECT, table, key);
        }
    }
}

fn alias(row: Row<'_>) -> TypeBody {
    let name = row.word("base_type");
    TypeBody::Domain {
        base: DataType::new(family(name), built_in(row, name)),
        nullable: row.flag("is_nullable"),
        default: None,
        collation: None,
        checks: std::collections::BTreeMap::new(),
    }
}

pub(super) fn add_sequences(model: &mut Model, answer: &Rows) {
    for row in rows(answer) {
        let key = ObjectKey::within(ObjectKind::Sequence, row.word("schema"), row.word("name"));
        let mut large = Vec::new();
        let mut number = |column: &'static str| {
            let text = row.word(column);
            text.trim().parse().unwrap_or_else(|_| {
                // A `decimal` has more digits.
                large.push((column, text.to_owned()));
                0
            })
        };
        let sequence = Sequence {
            data_type: of_column(row),
            start: number("start"),
            increment: number("increment"),
            min: number("least"),
            max: number("most"),
            cache: row.number("cache_size").unwrap_or_default(),
            cycle: row.flag("is_cycling"),
            owned_by: None,
        };
        let mut object = Object::new(Body::Sequence(sequence));
        object.owner = row.owned("owner");
        option_if(&mut object.options, row.is_off("is_cached"), "cache", "no");
        for (column, text) in large {
            option(&mut object.options, column, Some(text));
        }
        let made = model.key(class::TYPE, row.id("type_id")).cloned();
        object.requires.extend(made);
        model.add(class::OBJECT, row.id("id"), key, object);
    }
}
