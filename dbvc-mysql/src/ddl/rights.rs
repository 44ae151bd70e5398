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
    change(script, key, object, &Rights::new(), &of(object));
}

/// What leads from one set of rights to another.
pub(super) fn change(script: &mut Script, key: &ObjectKey, object: &Object, before: &Rights, after: &Rights) {
    let place = place(key, object);
    let none = BTreeSet::new();
    let accounts: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for account in accounts {
        let old = before.get(account).unwrap_or(&none);
        let new = after.get(account).unwrap_or(&none);
        let gone: Vec<&str> = old.difference(new).map(String::as_str).collect();
        if !gone.is_empty() {
            script.add(&format!("REVOKE {} ON {place} FROM {account}", gone.join(", ")));
        }
        let come: Vec<&str> = new.difference(old).map(String::as_str).collect();
        let given: Vec<&str> = come.iter().copied().filter(|right| *right != PASS_ON).collect();
        if !come.is_empty() {
            let words = if given.is_empty() {
                "USAGE".to_owned()
            } else {
                given.join(", ")
            };
            let ending = if come.contains(&PASS_ON) {
                " WITH GRANT OPTION"
            } else {
                ""
            };
            script.add(&format!("GRANT {words} ON {place} TO {account}{ending}"));
        }
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
