//! Whose things are, and who may do what.

use std::collections::{BTreeMap, BTreeSet};

use dbvc_engine::schema::{Body, Column, Object, ObjectKey, ObjectKind};

use super::names::{full, quoted};
use super::script::Script;

const GRANTABLE: &str = " WITH GRANT OPTION";

pub(super) type Grants = BTreeMap<String, BTreeSet<String>>;

/// How statements about rights name a thing; none for what they do not know.
pub(super) fn place(key: &ObjectKey) -> Option<String> {
    let name = full(key);
    Some(match (key.kind, key.parent.as_deref()) {
        (ObjectKind::Schema, _) => format!("SCHEMA::{name}"),
        (ObjectKind::Type, _) => format!("TYPE::{name}"),
        (ObjectKind::Other, Some("xml schema collection")) => format!("XML SCHEMA COLLECTION::{name}"),
        (ObjectKind::Other, Some("role")) => format!("ROLE::{name}"),
        (ObjectKind::Other, Some("assembly")) => format!("ASSEMBLY::{name}"),
        (ObjectKind::Trigger | ObjectKind::Other, _) => return None,
        _ => format!("OBJECT::{name}"),
    })
}

/// Where a right is given: ` ON …`, and nothing where it is one on the database.
fn whereon(key: &ObjectKey) -> Option<String> {
    match key.parent.as_deref() {
        Some("database") => Some(String::new()),
        _ => place(key).map(|place| format!(" ON {place}")),
    }
}

/// Owners, where that is not whose schema it is in.
pub(super) fn owners(script: &mut Script, objects: &[(&ObjectKey, &Object)]) {
    for (key, object) in objects {
        if !script.has_left_out(key) {
            owner(script, key, object.owner.as_deref(), false);
        }
    }
}

pub(super) fn owner(script: &mut Script, key: &ObjectKey, owner: Option<&str>, changed: bool) {
    let Some(place) = place(key) else { return };
    let by_itself = match key.kind {
        ObjectKind::Schema | ObjectKind::Other => "[dbo]",
        _ => "SCHEMA OWNER",
    };
    let to = owner.map(quoted);
    if let Some(to) = to.or_else(|| changed.then(|| by_itself.to_owned())) {
        script.first(&format!("ALTER AUTHORIZATION ON {place} TO {to}"));
    }
}

/// The grants of what has just been made.
pub(super) fn of_object(script: &mut Script, key: &ObjectKey, object: &Object) {
    give(script, key, &Grants::new(), &object.grants, "");
    let none = BTreeMap::new();
    for (name, column) in columns(object).unwrap_or(&none) {
        let which = format!(" ({})", quoted(name));
        give(script, key, &Grants::new(), &column.grants, &which);
    }
}

/// Takes what is no more, and gives what is new.
pub(super) fn changed(script: &mut Script, key: &ObjectKey, old: &Object, new: &Object) {
    if old.owner != new.owner {
        // A change of the owner takes all rights away (manual, "ALTER AUTHORIZATION").
        owner(script, key, new.owner.as_deref(), true);
        of_object(script, key, new);
        return;
    }
    give(script, key, &old.grants, &new.grants, "");
    let none = BTreeMap::new();
    let (was, is) = (columns(old).unwrap_or(&none), columns(new).unwrap_or(&none));
    let empty = Grants::new();
    for (name, column) in is {
        let before = was.get(name).map_or(&empty, |column| &column.grants);
        let which = format!(" ({})", quoted(name));
        give(script, key, before, &column.grants, &which);
    }
}

fn columns(object: &Object) -> Option<&BTreeMap<String, Column>> {
    match &object.body {
        Body::Table(table) => Some(&table.columns),
        Body::View(view) => Some(&view.columns),
        _ => None,
    }
}

fn give(script: &mut Script, key: &ObjectKey, old: &Grants, new: &Grants, columns: &str) {
    let Some(on) = whereon(key) else { return };
    let none = BTreeSet::new();
    let grantees: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for grantee in grantees {
        let (was, is) = (
            old.get(grantee).unwrap_or(&none),
            new.get(grantee).unwrap_or(&none),
        );
        let to = quoted(grantee);
        for right in was.difference(is) {
            let right = right.strip_prefix("DENY ").unwrap_or(right);
            let (plain, cascade) = match right.strip_suffix(GRANTABLE) {
                Some(plain) => (plain, " CASCADE"),
                None => (right, ""),
            };
            script.first(&format!("REVOKE {plain}{columns}{on} FROM {to}{cascade}"));
        }
        for right in is.difference(was) {
            let (plain, grantable) = match right.strip_suffix(GRANTABLE) {
                Some(plain) => (plain, GRANTABLE),
                None => (right.as_str(), ""),
            };
            match plain.strip_prefix("DENY ") {
                Some(denied) => script.first(&format!("DENY {denied}{columns}{on} TO {to}")),
                None => script.first(&format!("GRANT {plain}{columns}{on} TO {to}{grantable}")),
            }
        }
    }
}
