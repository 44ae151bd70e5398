//! Versions that are a date and a time.

use super::{Version, VersionScheme};

/// Whether the text is certainly meant as a date and time. Twelve digits in one run are not: they may be a number.
pub(super) fn looks_like(text: &str) -> bool {
    groups(text).is_some_and(|groups| groups != [12])
}

/// The lengths of the runs of digits, when they are those of a known way of writing a date and a time.
fn groups(text: &str) -> Option<Vec<usize>> {
    let runs: Vec<&str> = text.split(['_', '-']).collect();
    if runs.iter().any(|run| !run.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let lengths: Vec<usize> = runs.iter().map(|run| run.len()).collect();
    match lengths.as_slice() {
        [8, 4 | 6] | [12 | 14..=20] | [4, 2, 2, 6] | [4, 2, 2, 6, 1..=6] => Some(lengths),
        _ => None,
    }
}

/// Reads a date and time; what stands after the seconds (Diesel writes a counter there) is a further number.
pub(super) fn parse(text: &str) -> Result<Version, String> {
    let groups = groups(text).ok_or("it is not YYYYMMDD_HHMMSS, YYYYMMDDHHMMSS or YYYYMMDD_HHMM")?;
    let mut digits: String = text.chars().filter(char::is_ascii_digit).collect();
    // As a number it would be read back from a record as another value.
    let shown = if groups == [12] {
        format!("{}_{}", &digits[..8], &digits[8..])
    } else {
        text.to_owned()
    };
    if digits.len() == 12 {
        digits.push_str("00");
    }
    check_calendar(&digits)?;
    let (stamp, counter) = digits.split_at(14);
    let number = |text: &str| text.parse::<u64>().map_err(|error| error.to_string());
    let mut numbers = vec![number(stamp)?];
    if !counter.is_empty() {
        numbers.push(number(counter)?);
    }
    Ok(Version::new(VersionScheme::Timestamp, numbers, shown))
}

fn check_calendar(digits: &str) -> Result<(), String> {
    let part = |from: usize, to: usize| digits[from..to].parse::<i8>().map_err(|error| error.to_string());
    let year = digits[..4].parse::<i16>().map_err(|error| error.to_string())?;
    let (month, day) = (part(4, 6)?, part(6, 8)?);
    let (hour, minute, second) = (part(8, 10)?, part(10, 12)?, part(12, 14)?);
    if !(1970..3000).contains(&year) {
        return Err(format!("{year} is no likely year"));
    }
    jiff::civil::DateTime::new(year, month, day, hour, minute, second, 0)
        .map(drop)
        .map_err(|_| "there is no such date and time".into())
}
