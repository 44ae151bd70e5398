//! What a person does when dbvc cannot tell what became of a statement: read what it says, look, and answer.

use dbvc_tests::Ran;

use super::backend::Backend;
use super::eye::Eye;
use super::look::Begun;

/// The answer to `ran`, which stopped because of a statement that cannot be proven done or not done: the words for the
/// command line, and the statement.
///
/// # Panics
/// Where it says less than a person needs to know.
pub(super) fn answer(backend: &Backend, eye: &Eye, begun: Begun, ran: &Ran) -> (&'static str, String) {
    let (migration, statement) = in_flight(eye);
    let said = ran.all();
    let again = if ran.command.starts_with("dbvc rollback") {
        format!("dbvc rollback {migration}")
    } else {
        "dbvc migrate".to_owned()
    };
    let first_line = statement.lines().next().unwrap_or_default();
    let shown: String = first_line.chars().take(40).collect();
    for needed in [
        "DBVC5011",
        shown.as_str(),
        "dbvc looked at: ",
        &format!("`{again} --in-flight done`"),
        &format!("`{again} --in-flight repeat`"),
    ] {
        assert!(said.contains(needed), "`{needed}` is not in\n{ran}");
    }
    let word = if took_effect(backend, eye, begun, &statement) {
        " --in-flight done"
    } else {
        " --in-flight repeat"
    };
    (word, statement)
}

/// The statement that the record says was under way.
fn in_flight(eye: &Eye) -> (String, String) {
    let found = eye.record(
        "select migration_id || ' ' || in_flight from @migration_applied_status where in_flight is not null",
    );
    assert_eq!(found.len(), 1, "one statement is under way: {found:?}");
    let (migration, statement) = found[0].split_once(' ').expect("two words");
    (migration.to_owned(), statement.to_owned())
}

fn took_effect(backend: &Backend, eye: &Eye, begun: Begun, statement: &str) -> bool {
    if let Some((_, rest)) = statement.split_once("update tally set n = n + 1 where name = '") {
        return begun.is_ahead(eye, rest.split('\'').next().unwrap_or_default());
    }
    // On SQL Server a batch has the comments that stand before it.
    let bare = statement
        .lines()
        .map(str::trim_start)
        .find(|line| !line.is_empty() && !line.starts_with("--"))
        .unwrap_or_default();
    let truth = backend
        .truths
        .iter()
        .find(|truth| bare.starts_with(truth.starts))
        .unwrap_or_else(|| panic!("dbvc should know what became of `{statement}`: the catalogue shows it"));
    !eye.texts(truth.took_effect).is_empty()
}
