//! Cells as text.

use dbvc_engine::driver::Rows;
use jiff::Span;
use jiff::civil::{Date, DateTime, Time};
use tiberius::{Column, ColumnData, Row};

/// The columns' names.
pub(crate) fn names(columns: &[Column]) -> Vec<String> {
    columns.iter().map(|column| column.name().to_owned()).collect()
}

/// Appends a row.
pub(crate) fn push(rows: &mut Rows, row: &Row) {
    rows.cells.push(row.cells().map(|(_, cell)| text(cell)).collect());
}

/// A cell as the server itself would print it where that is plain, times as ISO 8601.
fn text(cell: &ColumnData<'_>) -> Option<String> {
    match cell {
        ColumnData::U8(value) => value.map(|value| value.to_string()),
        ColumnData::I16(value) => value.map(|value| value.to_string()),
        ColumnData::I32(value) => value.map(|value| value.to_string()),
        ColumnData::I64(value) => value.map(|value| value.to_string()),
        ColumnData::F32(value) => value.map(|value| value.to_string()),
        ColumnData::F64(value) => value.map(|value| value.to_string()),
        ColumnData::Bit(value) => value.map(|value| u8::from(value).to_string()),
        ColumnData::String(value) => value.as_ref().map(ToString::to_string),
        ColumnData::Guid(value) => value.map(|value| value.to_string().to_uppercase()),
        ColumnData::Binary(value) => value.as_ref().map(|value| hex(value)),
        ColumnData::Numeric(value) => value.map(|value| value.to_string()),
        ColumnData::Xml(value) => value.as_ref().map(std::string::ToString::to_string),
        ColumnData::DateTime(value) => {
            // Days from 1900 on, and three-hundredths of a second (MS-TDS, "DATETIME").
            value.and_then(|value| {
                let nanos = i64::from(value.seconds_fragments()) * 10_000_000 / 3;
                moment((1900, 1, 1), value.days(), nanos)
            })
        }
        ColumnData::SmallDateTime(value) => value.and_then(|value| {
            let minutes = i64::from(value.seconds_fragments());
            moment((1900, 1, 1), i32::from(value.days()), minutes * 60_000_000_000)
        }),
        ColumnData::Time(value) => value.map(|value| time_of(value).to_string()),
        ColumnData::Date(value) => {
            value.and_then(|value| Some(day((1, 1, 1), i32::try_from(value.days()).ok()?)?.to_string()))
        }
        ColumnData::DateTime2(value) => value.and_then(|value| {
            let date = day((1, 1, 1), i32::try_from(value.date().days()).ok()?)?;
            Some(DateTime::from_parts(date, time_of(value.time())).to_string())
        }),
        ColumnData::DateTimeOffset(value) => value.and_then(|value| {
            let utc = value.datetime2();
            let date = day((1, 1, 1), i32::try_from(utc.date().days()).ok()?)?;
            Some(format!("{}Z", DateTime::from_parts(date, time_of(utc.time()))))
        }),
    }
}

fn day((year, month, day): (i16, i8, i8), days: i32) -> Option<Date> {
    Date::new(year, month, day)
        .ok()?
        .checked_add(Span::new().try_days(days).ok()?)
        .ok()
}

fn moment(epoch: (i16, i8, i8), days: i32, nanos: i64) -> Option<String> {
    let span = Span::new().try_nanoseconds(nanos).ok()?;
    let start = DateTime::from_parts(day(epoch, days)?, Time::midnight());
    Some(start.checked_add(span).ok()?.to_string())
}

/// Increments of 10⁻ⁿ seconds from midnight on.
fn time_of(time: tiberius::time::Time) -> Time {
    let scale = 10_u64.saturating_pow(9_u32.saturating_sub(u32::from(time.scale())));
    let nanos = i64::try_from(time.increments().saturating_mul(scale)).unwrap_or(0);
    Time::midnight().wrapping_add(Span::new().try_nanoseconds(nanos).unwrap_or_default())
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(2 + bytes.len() * 2);
    text.push_str("0x");
    for byte in bytes {
        let _ = write!(text, "{byte:02X}");
    }
    text
}

#[cfg(test)]
mod tests {
    use tiberius::time::{
        Date as WireDate, DateTime as WireDateTime, DateTime2, SmallDateTime, Time as WireTime,
    };

    use super::*;

    #[test]
    fn times_are_written_as_iso_8601() {
        let told = |cell: ColumnData<'static>| text(&cell).expect("a value");
        let date = WireDate::new(739_575);
        let time = WireTime::new(45_296_789, 3);
        assert_eq!(told(ColumnData::Date(Some(date))), "2025-11-21");
        assert_eq!(told(ColumnData::Time(Some(time))), "12:34:56.789");
        assert_eq!(
            told(ColumnData::DateTime2(Some(DateTime2::new(date, time)))),
            "2025-11-21T12:34:56.789"
        );
        assert_eq!(
            told(ColumnData::DateTime(Some(WireDateTime::new(1, 450)))),
            "1900-01-02T00:00:01.5"
        );
        assert_eq!(
            told(ColumnData::SmallDateTime(Some(SmallDateTime::new(0, 61)))),
            "1900-01-01T01:01:00"
        );
    }

    #[test]
    fn other_values_are_written_plainly_and_null_is_none() {
        assert_eq!(text(&ColumnData::Bit(Some(true))).as_deref(), Some("1"));
        assert_eq!(
            text(&ColumnData::Binary(Some(vec![0, 171].into()))).as_deref(),
            Some("0x00AB")
        );
        assert_eq!(text(&ColumnData::String(None)), None);
    }
}
