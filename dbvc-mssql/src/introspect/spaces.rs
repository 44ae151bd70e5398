//! The database itself, schemas, synonyms and roles.

use dbvc_engine::driver::Rows;
use dbvc_engine::schema::{Body, Object, ObjectKey, ObjectKind, Other, Synonym};

use super::model::{Model, class, database_key};
use super::row::rows;
use crate::ddl::names::{put, quoted};

pub(super) fn add(model: &mut Model, answer: &Rows) {
    for row in rows(answer) {
        let (name, detail) = (row.word("name"), row.word("detail"));
        let (class, key, body) = match row.word("kind") {
            "database" => {
                detail.clone_into(&mut model.collation);
                let definition = format!("COLLATE {detail}");
                let body = Body::Other(Other { definition });
                (class::DATABASE, database_key(), body)
            }
            "schema" => (
                class::SCHEMA,
                ObjectKey::new(ObjectKind::Schema, name),
                Body::Schema {},
            ),
            "synonym" => {
                let key = ObjectKey::within(ObjectKind::Synonym, row.word("schema"), name);
                let target = detail.to_owned();
                (class::OBJECT, key, Body::Synonym(Synonym { target }))
            }
            _ => {
                let key = ObjectKey::new(ObjectKind::Other, name).of("role");
                let definition = role(name, detail);
                let body = Body::Other(Other { definition });
                (class::PRINCIPAL, key, body)
            }
        };
        let mut object = Object::new(body);
        if row.text("kind") == Some("role") {
            let above = roles(detail).map(|of| ObjectKey::new(ObjectKind::Other, of).of("role"));
            object.requires.extend(above);
        }
        object.owner = row.owned("owner");
        // Who made the database owns what everybody makes in it.
        object.owner = object.owner.filter(|owner| owner != "dbo");
        model.add(class, row.id("id"), key, object);
    }
}

/// The names in a list such as ` [a] [b]`.
fn roles(listed: &str) -> impl Iterator<Item = &str> {
    let each = listed.split(" [").map(|it| it.trim_start_matches([' ', '[']));
    each.filter_map(|it| it.strip_suffix(']'))
}

/// A role, and the roles that it belongs to.
fn role(name: &str, within: &str) -> String {
    let mut sql = format!("CREATE ROLE {}", quoted(name));
    for of in roles(within) {
        put(
            &mut sql,
            format_args!(";\nALTER ROLE [{of}] ADD MEMBER {}", quoted(name)),
        );
    }
    sql
}
