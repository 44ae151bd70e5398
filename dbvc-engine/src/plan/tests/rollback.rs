//! Planning `rollback`.

use super::*;

#[test]
fn the_last_to_run_is_the_first_to_be_undone() {
    let set = set(vec![
        migration("1.0.0", "a"),
        migration("1.1.0", "b"),
        migration("1.2.0", "c"),
    ]);
    let known = known(vec![
        applied("1.0.0", "a", 1),
        applied("1.2.0", "c", 2),
        applied("1.1.0", "b", 3),
    ]);
    assert_eq!(
        steps(&back(&set, &known, Selection::Count(2))),
        ["1.1.0", "1.2.0"]
    );
    let to = Selection::To("1.0.0".parse().expect("a version"));
    assert_eq!(steps(&back(&set, &known, to)), ["1.1.0", "1.2.0"]);
    assert_eq!(
        steps(&back(&set, &known, Selection::One(key("1.2.0")))),
        ["1.2.0"]
    );
    let all = Selection::To("0".parse().expect("a version"));
    assert_eq!(steps(&back(&set, &known, all)), ["1.1.0", "1.2.0", "1.0.0"]);
}

#[test]
fn a_repeatable_runs_again_after_a_rollback() {
    let mut stale = applied("R__views", "v", 2);
    stale.state = AppliedState::Stale;
    let set = set(vec![migration("R__views", "v"), migration("R__later", "l")]);
    let known = known(vec![stale, applied("R__later", "l", 4)]);
    assert_eq!(
        steps(&forward(&set, &known, &MigrateOptions::default())),
        ["R__views"]
    );
}

#[test]
fn undoing_what_is_not_there_is_refused() {
    let set = set(vec![migration("1.0.0", "a")]);
    let empty = known(vec![]);
    assert_eq!(
        codes(&back(&set, &empty, Selection::One(key("1.0.0")))),
        ["DBVC3021"]
    );
    let to = Selection::To("1.0.0".parse().expect("a version"));
    assert_eq!(codes(&back(&set, &empty, to)), ["DBVC3020"]);
}

#[test]
fn undoing_without_a_script_or_against_the_migrations_word_is_refused() {
    let mut without = migration("1.0.0", "a");
    without.undo = None;
    let mut never = migration("1.1.0", "b");
    never.up.directives.irreversible = Some("data is gone".into());
    let set = set(vec![without, never]);
    let known = known(vec![applied("1.0.0", "a", 1), applied("1.1.0", "b", 2)]);
    assert_eq!(
        codes(&back(&set, &known, Selection::Count(2))),
        ["DBVC3024", "DBVC3025"]
    );
}

#[test]
fn what_others_require_is_not_undone_under_them() {
    let mut user = migration("1.1.0", "b");
    user.up.directives.requires = vec![key("1.0.0")];
    let set = set(vec![migration("1.0.0", "a"), user]);
    let known = known(vec![applied("1.0.0", "a", 1), applied("1.1.0", "b", 2)]);
    assert_eq!(
        codes(&back(&set, &known, Selection::One(key("1.0.0")))),
        ["DBVC3022"]
    );
    assert!(back(&set, &known, Selection::Count(2)).findings.is_empty());
}
