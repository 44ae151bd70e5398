//! `-- migrate:up` and `-- migrate:down` in one file (dbmate's README, "Writing Migrations").

use super::Markers;

pub(super) const MARKERS: Markers = Markers {
    up: "-- migrate:up",
    down: "-- migrate:down",
    is_up: |comment| is(comment, "migrate:up"),
    is_down: |comment| is(comment, "migrate:down"),
};

/// Options such as `transaction:false` may follow.
fn is(comment: &str, marker: &str) -> bool {
    comment
        .trim()
        .strip_prefix(marker)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(char::is_whitespace))
}
