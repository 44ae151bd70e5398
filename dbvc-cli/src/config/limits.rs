//! How long statements may run and locks may be waited for: said by a flag, a variable or the file, in this order.

use std::time::Duration;

use dbvc_engine::diagnostic::Diagnostic;

use super::database::Said;
use super::document::Located;
use super::load::Project;
use super::variables::{DBVC_LOCK_TIMEOUT, DBVC_LOCK_WAIT, DBVC_STATEMENT_TIMEOUT};
use super::{Source, Sourced, codes, duration};

/// Statement timeout, lock timeout and lock wait.
pub(super) fn limits(
    project: &Project<'_>,
    said: &Said<'_>,
    problems: &mut Vec<Diagnostic>,
) -> [Sourced<Option<Duration>>; 3] {
    let flags = project.flags;
    let mut limit = |flag: Option<Duration>, name: &str, variable: &str, file: Option<&Located<Duration>>| {
        if let Some(value) = flag {
            return Sourced::new(Some(value), Source::flag(name));
        }
        if let Some(text) = project.variables.get(variable) {
            match duration::parse(&text.value) {
                Ok(value) => return Sourced::new(Some(value), text.source),
                Err(reason) => problems.push(
                    Diagnostic::error(codes::VALUE, format!("{variable} is not a duration"))
                        .note(reason)
                        .help("write it like `500ms`, `30s` or `2min`"),
                ),
            }
        }
        file.map_or_else(|| Sourced::default_value(None), |found| found.sourced().map(Some))
    };
    [
        limit(
            flags.statement_timeout,
            "--statement-timeout",
            DBVC_STATEMENT_TIMEOUT,
            said.first(|section| section.statement_timeout.as_ref()),
        ),
        limit(
            flags.lock_timeout,
            "--lock-timeout",
            DBVC_LOCK_TIMEOUT,
            said.first(|section| section.lock_timeout.as_ref()),
        ),
        limit(
            flags.lock_wait,
            "--lock-wait",
            DBVC_LOCK_WAIT,
            said.first(|section| section.lock_wait.as_ref()),
        ),
    ]
}
