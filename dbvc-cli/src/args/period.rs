//! Moments and actions as people type them.

use dbvc_engine::audit::AuditAction;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use crate::config::duration;

/// The beginning of a period; a day begins at midnight, UTC.
pub(super) fn since(text: &str) -> Result<Timestamp, String> {
    moment(text, false, Timestamp::now())
}

/// The end of a period, which itself is not in it; a day ends at the next midnight, UTC.
pub(super) fn until(text: &str) -> Result<Timestamp, String> {
    moment(text, true, Timestamp::now())
}

fn moment(text: &str, is_end: bool, now: Timestamp) -> Result<Timestamp, String> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    // A date's parser also takes a date with a time, and would lose that.
    if text.len() == 10
        && let Ok(day) = text.parse::<Date>()
    {
        let day = if is_end { day.saturating_add(1.day()) } else { day };
        let midnight = day.to_zoned(TimeZone::UTC).map_err(|error| error.to_string())?;
        return Ok(midnight.timestamp());
    }
    ago(text)
        .and_then(|ago| now.checked_sub(ago).ok())
        .ok_or_else(|| {
            "write a day such as 2026-11-01, a moment such as 2026-11-01T08:00:00Z, or how long ago, such as 7d or 12h"
                .to_owned()
        })
}

/// `7d` is seven times 24 hours.
fn ago(text: &str) -> Option<SignedDuration> {
    let days = text
        .trim()
        .strip_suffix('d')
        .and_then(|days| days.parse::<i64>().ok());
    match days {
        Some(days) => days
            .checked_mul(24 * 60 * 60)
            .filter(|seconds| *seconds >= 0)
            .map(SignedDuration::from_secs),
        None => SignedDuration::try_from(duration::parse(text).ok()?).ok(),
    }
}

/// An action by its word.
pub(super) fn action(text: &str) -> Result<AuditAction, String> {
    let found = AuditAction::ALL.into_iter().find(|action| action.word() == text);
    found.ok_or_else(|| {
        let words = AuditAction::ALL.map(AuditAction::word);
        format!("actions are {}", words.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, is_end: bool) -> String {
        let now = "2026-11-21T12:00:00Z".parse().expect("a moment");
        moment(text, is_end, now).expect("a moment").to_string()
    }

    #[test]
    fn a_day_counts_from_its_beginning_to_its_end() {
        assert_eq!(at("2026-11-01", false), "2026-11-01T00:00:00Z");
        assert_eq!(at("2026-11-30", true), "2026-12-01T00:00:00Z");
    }

    #[test]
    fn a_moment_is_taken_as_it_is_and_in_any_zone() {
        assert_eq!(at("2026-11-01T08:00:00+02:00", true), "2026-11-01T06:00:00Z");
    }

    #[test]
    fn a_time_that_is_over_counts_back_from_now() {
        assert_eq!(at("7d", false), "2026-11-14T12:00:00Z");
        assert_eq!(at("12h", false), "2026-11-21T00:00:00Z");
    }

    #[test]
    fn anything_else_says_what_to_write() {
        for text in ["yesterday", "", "-3d", "2026-13-01", "9999999999999999d"] {
            assert!(since(text).expect_err("no moment").contains("such as"), "{text}");
        }
    }

    #[test]
    fn an_unknown_action_lists_the_known() {
        assert_eq!(action("drift-approved"), Ok(AuditAction::DriftApproved));
        assert!(action("dropped").expect_err("unknown").contains("run-started"));
    }
}
