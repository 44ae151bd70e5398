//! One server for all tests of a process.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::sync::{Mutex, OnceLock, PoisonError};

use super::{TestServer, Unavailable};

/// A server with a place to be kept for the life of the process.
pub trait Shareable: TestServer {
    /// The one place; the first caller fills it.
    fn place() -> &'static OnceLock<Result<Self, Unavailable>>;
}

/// The server of this process, started by whoever asks first; otherwise why it cannot be had.
///
/// For harnesses that show a test as ignored with the reason; [`shared`] suits a plain `#[test]`.
///
/// # Errors
/// The reason of the first attempt: there is no second.
pub fn shared_or_reason<S: Shareable>() -> Result<&'static S, &'static Unavailable> {
    S::place().get_or_init(S::start).as_ref()
}

/// The server of this process; `None` where it cannot be had, which is printed.
///
/// # Panics
/// Where it cannot be had and `DBVC_REQUIRE_SERVER` names it: the test then fails.
pub fn shared<S: Shareable>() -> Option<&'static S> {
    shared_or_reason()
        .inspect_err(|reason| {
            assert!(
                !required(S::NAME),
                "{} is required by DBVC_REQUIRE_SERVER: {reason}",
                S::NAME
            );
            say_skipped(S::NAME, reason);
        })
        .ok()
}

/// Whether `DBVC_REQUIRE_SERVER`, a list with commas, names this server.
pub fn required(name: &str) -> bool {
    std::env::var("DBVC_REQUIRE_SERVER").is_ok_and(|list| names(&list, name))
}

fn names(list: &str, name: &str) -> bool {
    list.split(',').any(|one| one.trim().eq_ignore_ascii_case(name))
}

/// Tells about a skipped test, by the name of its thread, once for each.
pub(super) fn say_skipped(server: &str, reason: &Unavailable) {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    if SAID
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(format!("{server} {test}"))
    {
        // Not `eprintln!`: the test harness would swallow it for a test that passes.
        let _ = std::io::stderr().write_all(skipped(&test, server, reason).as_bytes());
    }
}

fn skipped(test: &str, server: &str, reason: &Unavailable) -> String {
    format!("SKIPPED {test}: no {server} server: {reason}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_skipped_test_is_told_with_its_name_and_the_reason() {
        let line = skipped(
            "orders::lock",
            "postgres",
            &Unavailable::new("`initdb` was not found"),
        );
        assert_eq!(
            line,
            "SKIPPED orders::lock: no postgres server: `initdb` was not found\n"
        );
    }

    #[test]
    fn the_list_of_required_servers_is_read_by_whole_names() {
        assert!(names("mysql, Postgres", "postgres"));
        assert!(!names("postgresql", "postgres"));
        assert!(!names("", "postgres"));
    }
}
