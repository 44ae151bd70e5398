//! Who may do what, as SQL. Accounts belong to the server and are not made here.

use std::collections::{BTreeMap, BTreeSet};

use dbvc_engine::schema::{Body, Object, ObjectKey, ObjectKind, RoutineForm};

use super::script::Script;
use crate::introspect::quoted;

/// The right to pass on the others, which has words of its own.
const PASS_ON: &str = "GRANT OPTION";

type Rights = BTreeMap<String, BTreeSet<String>>;

/// Every right on an object, those on its columns with the column behind: `` SELECT (`a`) ``.
pub(super) fn of(object: &Object) -> Rights {
    let mut rights = object.grants.clone();
    if let Body::Table(table) = &object.body {
        for (name, column) in &table.columns {
            for (account, granted) in &column.grants {
                let of_column = granted.iter().map(|right| format!("{right} ({})", quoted(name)));
                rights.entry(account.clone()).or_default().extend(of_column);
            }
        }
    }
    rights
}

pub(super) fn grant_all(script: &mut Script, key: &ObjectKey, object: &Object) {
    grant(script, key, object, &Rights::new(), &of(object));
}

fn only(one: &Rights, other: &Rights) -> Vec<(String, Vec<String>)> {
    let none = BTreeSet::new();
    let rights = one.iter().map(|(account, rights)| {
        let others = other.get(account).unwrap_or(&none);
        let own = rights.difference(others).cloned().collect();
        (account.clone(), own)
    });
    rights.filter(|(_, own): &(_, Vec<_>)| !own.is_empty()).collect()
}

/// Takes what is there before and not after.
pub(super) fn revoke(script: &mut Script, key: &ObjectKey, object: &Object, before: &Rights, after: &Rights) {
    let place = place(key, object);
    for (account, gone) in only(before, after) {
        script.add(&format!("REVOKE {} ON {place} FROM {account}", gone.join(", ")));
    }
}

/// Gives what is there after and not before.
pub(super) fn grant(script: &mut Script, key: &ObjectKey, object: &Object, before: &Rights, after: &Rights) {
    let place = place(key, object);
    for (account, come) in only(after, before) {
        let given: Vec<&str> = come
            .iter()
            .map(String::as_str)
            .filter(|right| *right != PASS_ON)
            .collect();
        let words = if given.is_empty() {
            "USAGE".to_owned()
        } else {
            given.join(", ")
        };
        let ending = if given.len() < come.len() {
            " WITH GRANT OPTION"
        } else {
            ""
        };
        script.add(&format!("GRANT {words} ON {place} TO {account}{ending}"));
    }
}

fn place(key: &ObjectKey, object: &Object) -> String {
    let word = match &object.body {
        Body::Routine(routine) if routine.form == RoutineForm::Procedure => "PROCEDURE ",
        Body::Routine(_) => "FUNCTION ",
        _ if key.kind == ObjectKind::Other => "PACKAGE ",
        _ => "",
    };
    format!("{word}{}", quoted(&key.name))
}
