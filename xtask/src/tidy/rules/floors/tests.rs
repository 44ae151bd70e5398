use super::*;
use crate::tidy::rules::sample::findings;

fn in_module(path: &str, text: &str) -> Vec<String> {
    findings(check, &[(&format!("dbvc-engine/src/{path}"), text)])
}

#[test]
fn a_module_may_not_use_a_floor_above() {
    assert_eq!(
        in_module("driver/order.rs", "use std::fmt;\nuse crate::plan::Step;\n"),
        ["dbvc-engine/src/driver/order.rs:2: `driver` (port) uses `plan` (logic) above it"]
    );
}

#[test]
fn every_way_to_name_a_module_is_seen() {
    for text in [
        "use crate::{text::Span, project::Project};",
        "use crate::project;",
        "use crate::project as p;",
        "use crate::project::*;",
        "pub use super::project::Project;",
        "fn a() -> crate::project::Project {}",
        "fn a() { let _ = crate::project::open(); }",
        "fn a() { log!(\"{}\", crate::project::open()); }",
        "mod inner { use super::super::project::Project; }",
    ] {
        assert_eq!(in_module("sql/mod.rs", text).len(), 1, "{text}");
    }
}

#[test]
fn using_what_is_below_or_inside_is_fine() {
    for text in [
        "use crate::text::Span;",
        "use super::dialect::Dialect;",
        "use self::inner::project;",
        "use crate::lock::keeper::Keeper;",
        "use tokio::project::driver;",
        "#[cfg(test)] mod tests { use crate::project::Project; }",
    ] {
        assert!(in_module("lock/keeper.rs", text).is_empty(), "{text}");
    }
}

#[test]
fn a_circle_on_one_floor_is_named_from_both_sides() {
    let files = [
        ("dbvc-engine/src/sql/mod.rs", "use crate::schema::Name;"),
        (
            "dbvc-engine/src/schema.rs",
            "use crate::text::Span;\nuse crate::sql::Dialect;",
        ),
    ];
    assert_eq!(
        findings(check, &files),
        [
            "dbvc-engine/src/schema.rs:2: `schema` and `sql` use each other in a circle",
            "dbvc-engine/src/sql/mod.rs:1: `sql` and `schema` use each other in a circle",
        ]
    );
}

#[test]
fn a_circle_through_a_third_module_is_found() {
    let files = [
        ("dbvc-engine/src/sql.rs", "use crate::schema::Name;"),
        ("dbvc-engine/src/schema.rs", "use crate::error::Error;"),
        ("dbvc-engine/src/error.rs", "use crate::sql::Dialect;"),
    ];
    assert_eq!(findings(check, &files).len(), 3);
}

#[test]
fn a_new_module_needs_a_floor() {
    assert_eq!(
        in_module("cellar/mod.rs", "fn a() {}"),
        ["dbvc-engine/src/cellar/mod.rs:1: the engine's module `cellar` stands on no floor"]
    );
}

#[test]
fn tests_may_look_anywhere() {
    assert!(in_module("plan/tests.rs", "use crate::driver::Session;").is_empty());
}
