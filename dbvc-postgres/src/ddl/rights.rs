//! Whose things are, and who may do what.

use std::collections::{BTreeMap, BTreeSet};

use dbvc_engine::schema::{Body, Object, ObjectKey, ObjectKind, Table};
use dbvc_engine::sql::comment;

use super::names::{full, quoted};
use super::{Script, comment_place};

const GRANTABLE: &str = " WITH GRANT OPTION";

/// Writes owners that are not everybody's, then grants.
pub(super) fn write(script: &mut Script, objects: &[(&ObjectKey, &Object)]) {
    let usual = usual(objects.iter().map(|(_, object)| *object));
    if let Some(usual) = usual {
        let told = format!("To be run as {usual}: what is not said to be somebody else's is theirs.");
        script.sql.insert_str(0, &(comment(&told) + "\n"));
    }
    let left_out: BTreeSet<ObjectKey> = script.left_out.iter().map(|(key, _)| key.clone()).collect();
    for (key, object) in objects.iter().filter(|(key, _)| !left_out.contains(*key)) {
        of_object(script, key, object, usual);
    }
}

/// Who owns the most.
pub(super) fn usual<'a>(objects: impl Iterator<Item = &'a Object>) -> Option<&'a str> {
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for owner in objects.filter_map(|object| object.owner.as_deref()) {
        *count.entry(owner).or_default() += 1;
    }
    count
        .into_iter()
        .max_by_key(|(_, count)| *count)
        .map(|(owner, _)| owner)
}

/// The owner of a new object, if that is not who makes it, and its grants.
pub(super) fn of_object(script: &mut Script, key: &ObjectKey, object: &Object, usual: Option<&str>) {
    // The server makes `public` itself, for whoever owns the database.
    let servers = key.kind == ObjectKind::Schema && object.owner.as_deref() == Some("pg_database_owner");
    if let Some(owner) = object
        .owner
        .as_deref()
        .filter(|owner| Some(*owner) != usual && !servers)
    {
        script.add(&format!(
            "ALTER {} OWNER TO {}",
            comment_place(key, object),
            quoted(owner)
        ));
    }
    if key.kind == ObjectKind::Schema && key.name == "public" && !object.grants.contains_key("PUBLIC") {
        script.add("REVOKE ALL ON SCHEMA public FROM PUBLIC");
    }
    if let Some(place) = grant_place(key) {
        for (grantee, rights) in &object.grants {
            grants(script, &place, grantee, rights, object.owner.as_deref(), "");
        }
        columns(script, &place, object);
    }
}

fn columns(script: &mut Script, place: &str, object: &Object) {
    let columns = match &object.body {
        Body::Table(Table { columns, .. }) => columns,
        Body::View(view) => &view.columns,
        _ => return,
    };
    for (name, column) in columns {
        for (grantee, rights) in &column.grants {
            grants(
                script,
                place,
                grantee,
                rights,
                None,
                &format!(" ({})", quoted(name)),
            );
        }
    }
}

pub(super) fn grants(
    script: &mut Script,
    place: &str,
    grantee: &str,
    rights: &BTreeSet<String>,
    owner: Option<&str>,
    column: &str,
) {
    let role = if grantee == "PUBLIC" {
        grantee.to_owned()
    } else {
        quoted(grantee)
    };
    // Only these two have something by themselves.
    if column.is_empty() && (grantee == "PUBLIC" || Some(grantee) == owner) {
        script.add(&format!("REVOKE ALL ON {place} FROM {role}"));
    }
    for grantable in [false, true] {
        let named: Vec<String> = rights
            .iter()
            .filter(|right| right.ends_with(GRANTABLE) == grantable)
            .map(|right| format!("{}{column}", right.trim_end_matches(GRANTABLE)))
            .collect();
        if !named.is_empty() {
            let ending = if grantable { GRANTABLE } else { "" };
            script.add(&format!(
                "GRANT {} ON {place} TO {role}{ending}",
                named.join(", ")
            ));
        }
    }
}

pub(super) fn grant_place(key: &ObjectKey) -> Option<String> {
    let word = match key.kind {
        ObjectKind::Schema => "SCHEMA",
        ObjectKind::Sequence => "SEQUENCE",
        ObjectKind::Table | ObjectKind::View => "TABLE",
        ObjectKind::Routine => "ROUTINE",
        ObjectKind::Type => "TYPE",
        ObjectKind::Other => match key.parent.as_deref() {
            Some("foreign server") => "FOREIGN SERVER",
            Some("foreign data wrapper") => "FOREIGN DATA WRAPPER",
            Some("language") => "LANGUAGE",
            _ => return None,
        },
        _ => return None,
    };
    Some(format!("{word} {}", full(key)))
}
