//! `-- +goose Up` and `-- +goose Down` in one file (Goose's "SQL migrations" and "Annotations").
//!
//! Its `StatementBegin` and `StatementEnd` tell Goose where a statement ends; dbvc knows that, so they are comments.

use super::Markers;

pub(super) const MARKERS: Markers = Markers {
    up: "-- +goose Up",
    down: "-- +goose Down",
    is_up: |comment| is(comment, "up"),
    is_down: |comment| is(comment, "down"),
};

fn is(comment: &str, word: &str) -> bool {
    comment
        .trim()
        .strip_prefix("+goose")
        .is_some_and(|rest| rest.trim().eq_ignore_ascii_case(word))
}
