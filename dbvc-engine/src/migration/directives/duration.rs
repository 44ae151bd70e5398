//! Durations as people write them: `30s`, `5min`, `1500ms`.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serializer};

/// Reads a whole number and its unit: `ms`, `s`, `m` or `min`, `h`.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let milliseconds: u64 = match unit.trim() {
        "ms" => 1,
        "s" | "sec" => 1_000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        "" if digits > 0 => return Err(format!("`{text}` has no unit; write `{text}s`")),
        _ => {
            return Err(format!("`{text}` is no duration such as 30s, 5min or 1500ms"));
        }
    };
    number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(milliseconds))
        .map(Duration::from_millis)
        .ok_or_else(|| format!("`{text}` is no duration such as 30s, 5min or 1500ms"))
}

#[allow(
    clippy::ref_option,
    reason = "serde's `with` calls it with a reference to the field"
)]
pub(super) fn serialize<S: Serializer>(
    duration: &Option<Duration>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match duration.map(|duration| duration.as_millis()) {
        None => serializer.serialize_none(),
        Some(ms) if ms.is_multiple_of(1000) => serializer.collect_str(&format_args!("{}s", ms / 1000)),
        Some(ms) => serializer.collect_str(&format_args!("{ms}ms")),
    }
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| parse(&text).map_err(serde::de::Error::custom))
        .transpose()
}
