//! The order in which changes can be made.

use crate::diff::{DiffOptions, diff};
use crate::schema::{Body, Database, Object, ObjectKey, ObjectKind, Other, View};

fn view(name: &str) -> ObjectKey {
    ObjectKey::within(ObjectKind::View, "public", name)
}

/// Views, each with what it needs; the text stands for its query.
fn database(views: &[(&str, &[&str], &str)]) -> Database {
    let mut database = Database::new("postgres");
    for (name, needs, text) in views {
        let mut object = Object::new(Body::View(View {
            definition: (*text).to_owned(),
            ..View::default()
        }));
        object.requires = needs.iter().map(|name| view(name)).collect();
        database.objects.insert(view(name), object);
    }
    database
}

fn order(before: &Database, after: &Database) -> Vec<String> {
    diff(before, after, DiffOptions::default())
        .changes
        .into_iter()
        .map(|change| change.object.name)
        .collect()
}

#[test]
fn what_is_needed_is_made_first_and_goes_last() {
    let chain = database(&[
        ("a", &["b"], ""),
        ("b", &["c"], ""),
        ("c", &[], ""),
        ("d", &["a", "c"], ""),
    ]);
    let nothing = Database::new("postgres");
    assert_eq!(order(&nothing, &chain), ["c", "b", "a", "d"]);
    assert_eq!(order(&chain, &nothing), ["d", "a", "b", "c"]);
}

#[test]
fn what_is_no_longer_needed_goes_after_the_one_that_needed_it_has_changed() {
    let before = database(&[("a", &[], ""), ("z", &["a"], "before")]);
    let after = database(&[("z", &["n"], "after"), ("n", &[], "")]);
    assert_eq!(order(&before, &after), ["n", "z", "a"]);
}

#[test]
fn what_stands_in_the_way_of_a_change_goes_before_it() {
    let before = database(&[("a", &[], "before"), ("z", &["a"], "")]);
    let after = database(&[("a", &[], "after")]);
    assert_eq!(order(&before, &after), ["z", "a"]);
}

#[test]
fn a_circle_is_cut_and_nothing_is_lost() {
    let circle = database(&[("a", &["b"], ""), ("b", &["a"], ""), ("c", &["a"], "")]);
    let nothing = Database::new("postgres");
    let mut found = order(&nothing, &circle);
    assert_eq!(found.last().map(String::as_str), Some("c"));
    found.sort();
    assert_eq!(found, ["a", "b", "c"]);
}

#[test]
fn one_name_in_two_families_is_two_objects() {
    let mut both = Database::new("postgres");
    for family in ["rule", "operator"] {
        let key = ObjectKey::new(ObjectKind::Other, "x").of(family);
        both.objects
            .insert(key, Object::new(Body::Other(Other::default())));
    }
    assert_eq!(order(&Database::new("postgres"), &both).len(), 2);
}
