//! Owners, rights and comments that change.

use std::collections::{BTreeMap, BTreeSet};

use dbvc_engine::diff::What;
use dbvc_engine::schema::{Body, Column, Database, Object, ObjectKey, ObjectKind};

use super::super::names::quoted;
use super::super::rights::{grant_place, grants, of_object, usual};
use super::super::{Script, comment_place};
use super::plan::{Plan, is_made_over};

type Grants = BTreeMap<String, BTreeSet<String>>;

/// Sets a comment, or takes it away.
pub(super) fn comment(script: &mut Script, place: &str, comment: Option<&str>) {
    match comment {
        Some(_) => script.comment(place, comment),
        None => script.add(&format!("COMMENT ON {place} IS NULL")),
    }
}

pub(super) fn write(script: &mut Script, plan: &Plan<'_>, before: &Database, after: &Database) {
    let usual = usual(after.objects.values());
    for key in &plan.made_or_changed {
        let Some(new) = after.objects.get(key) else {
            continue;
        };
        if script.left_out.iter().any(|(left, _)| left == *key) && !before.objects.contains_key(key) {
            continue;
        }
        let stays = matches!(
            plan.changes.get(key).map(|change| &change.what),
            Some(What::Changed { .. })
        );
        match before
            .objects
            .get(key)
            .filter(|old| stays && !plan.rebuilt.contains(key) && !is_made_over(old, new))
        {
            Some(old) => changed(script, key, old, new),
            None => of_object(script, key, new, usual),
        }
    }
}

fn changed(script: &mut Script, key: &ObjectKey, old: &Object, new: &Object) {
    if let Some(owner) = new.owner.as_deref().filter(|_| old.owner != new.owner) {
        script.add(&format!(
            "ALTER {} OWNER TO {}",
            comment_place(key, new),
            quoted(owner)
        ));
    }
    let Some(place) = grant_place(key) else { return };
    let owner = new.owner.as_deref();
    let moved = old.owner != new.owner;
    regrant(
        script,
        &place,
        &old.grants,
        &new.grants,
        "",
        &|grantee| {
            if Some(grantee) == owner {
                return Some("ALL");
            }
            match (grantee, key.kind) {
                ("PUBLIC", ObjectKind::Routine) => Some("EXECUTE"),
                ("PUBLIC", ObjectKind::Type) => Some("USAGE"),
                _ => None,
            }
        },
        moved,
    );
    // What the owner before had left himself is the new one's now.
    let narrowed = old
        .owner
        .as_ref()
        .is_some_and(|owner| old.grants.contains_key(owner));
    if let Some(owner) = owner.filter(|owner| moved && narrowed && !new.grants.contains_key(*owner)) {
        script.add(&format!("GRANT ALL ON {place} TO {}", quoted(owner)));
    }
    let none = BTreeMap::new();
    let was = columns(old).unwrap_or(&none);
    let empty = Grants::new();
    // What is taken from somebody on a table is taken on its columns, too.
    let swept = |grantee: &String| {
        old.grants.contains_key(grantee) && (moved || old.grants.get(grantee) != new.grants.get(grantee))
    };
    for (name, column) in columns(new).unwrap_or(&none) {
        let mut before = was
            .get(name)
            .map_or_else(|| empty.clone(), |column| column.grants.clone());
        before.retain(|grantee, _| !swept(grantee));
        let which = format!(" ({})", quoted(name));
        regrant(script, &place, &before, &column.grants, &which, &|_| None, false);
    }
}

fn columns(object: &Object) -> Option<&BTreeMap<String, Column>> {
    match &object.body {
        Body::Table(table) => Some(&table.columns),
        Body::View(view) => Some(&view.columns),
        _ => None,
    }
}

/// Takes away what was given and gives what is to be. `habit` is what the server gives by itself to somebody of whom
/// nothing is said.
fn regrant(
    script: &mut Script,
    place: &str,
    old: &Grants,
    new: &Grants,
    column: &str,
    habit: &dyn Fn(&str) -> Option<&'static str>,
    moved: bool,
) {
    let grantees: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for grantee in grantees {
        if old.get(grantee) == new.get(grantee) && !moved {
            continue;
        }
        let role = if grantee == "PUBLIC" {
            grantee.clone()
        } else {
            quoted(grantee)
        };
        if old.contains_key(grantee) {
            script.add(&format!("REVOKE ALL{column} ON {place} FROM {role}"));
        }
        match (new.get(grantee), habit(grantee)) {
            (Some(rights), _) => {
                // Whoever has something by himself has less now.
                let owner = habit(grantee).map(|_| grantee.as_str());
                grants(script, place, grantee, rights, owner, column);
            }
            (None, Some(habit)) => script.add(&format!("GRANT {habit} ON {place} TO {role}")),
            (None, None) => {}
        }
    }
}
