//! Durations as people write them.

use std::time::Duration;

/// Reads `500ms`, `30s`, `2min`, `1h 30m`; the error says what is wrong.
pub fn parse(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    if text.chars().all(|c| c.is_ascii_digit()) && !text.is_empty() {
        return Err(format!("`{text}` has no unit; `{text}s` are seconds"));
    }
    let signed: jiff::SignedDuration = text
        .parse()
        .map_err(|_| format!("`{text}` cannot be read as a duration"))?;
    Duration::try_from(signed).map_err(|_| format!("`{text}` is less than nothing"))
}

/// Shows a duration as people write it.
pub fn show(duration: Duration) -> String {
    jiff::SignedDuration::try_from(duration)
        .map_or_else(|_| format!("{duration:?}"), |signed| format!("{signed:#}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_spellings_are_read() {
        for (text, millis) in [
            ("500ms", 500),
            ("30s", 30_000),
            ("2min", 120_000),
            ("1h 30m", 5_400_000),
        ] {
            assert_eq!(parse(text), Ok(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn a_number_without_unit_is_refused_with_advice() {
        assert!(parse("30").expect_err("no unit").contains("`30s`"));
    }

    #[test]
    fn nothing_and_less_than_nothing_are_refused() {
        for text in ["", "soon", "-3s"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
