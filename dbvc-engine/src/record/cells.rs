//! Reading cells: a record that was tampered with or damaged gives an error, never a panic.

use std::str::FromStr;
use std::time::Duration;

use crate::error::{DriverError, ErrorKind, Operation, Result};

/// The cells of one row, read from left to right.
pub(super) struct Cells<'a> {
    row: &'a [Option<String>],
    at: usize,
}

impl<'a> Cells<'a> {
    pub(super) fn new(row: &'a [Option<String>]) -> Self {
        Self { row, at: 0 }
    }

    pub(super) fn optional(&mut self) -> Result<Option<&'a str>> {
        let cell = self
            .row
            .get(self.at)
            .ok_or_else(|| bad("a row of the record is too short"))?;
        self.at += 1;
        Ok(cell.as_deref())
    }

    pub(super) fn text(&mut self) -> Result<&'a str> {
        let at = self.at;
        self.optional()?
            .ok_or_else(|| bad(format!("column {} of the record is NULL", at + 1)))
    }

    pub(super) fn owned(&mut self) -> Result<String> {
        self.text().map(ToOwned::to_owned)
    }

    pub(super) fn optional_owned(&mut self) -> Result<Option<String>> {
        Ok(self.optional()?.map(ToOwned::to_owned))
    }

    pub(super) fn parsed<T: FromStr>(&mut self) -> Result<T> {
        let text = self.text()?;
        text.parse()
            .map_err(|_| bad(format!("the record holds `{text}` where something else belongs")))
    }

    pub(super) fn optional_parsed<T: FromStr>(&mut self) -> Result<Option<T>> {
        let Some(text) = self.optional()? else {
            return Ok(None);
        };
        let parsed = text.parse();
        parsed
            .map(Some)
            .map_err(|_| bad(format!("the record holds `{text}` where something else belongs")))
    }

    /// One of the small enums, by the word that JSON has for it.
    pub(super) fn word<T: serde::de::DeserializeOwned>(&mut self) -> Result<T> {
        let text = self.text()?;
        serde_json::from_value(serde_json::Value::String(text.to_owned())).map_err(|_| {
            bad(format!(
                "the record holds the word `{text}`, which this dbvc does not know"
            ))
        })
    }

    pub(super) fn millis(&mut self) -> Result<Duration> {
        Ok(self.optional_millis()?.unwrap_or_default())
    }

    pub(super) fn optional_millis(&mut self) -> Result<Option<Duration>> {
        let millis: Option<i64> = self.optional_parsed()?;
        Ok(millis.map(|millis| Duration::from_millis(u64::try_from(millis).unwrap_or(0))))
    }

    pub(super) fn flag(&mut self) -> Result<Option<bool>> {
        Ok(self.optional()?.map(|text| matches!(text, "1" | "t" | "true")))
    }
}

pub(super) fn bad(message: impl Into<String>) -> DriverError {
    DriverError::new(ErrorKind::Protocol, Operation::Survey, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_belong_is_named_and_never_panics() {
        let row = vec![Some("x".to_owned()), None];
        let mut cells = Cells::new(&row);
        assert!(
            cells
                .parsed::<u64>()
                .expect_err("no number")
                .message
                .contains("`x`")
        );
        assert!(cells.text().expect_err("NULL").message.contains("NULL"));
        assert!(cells.text().expect_err("nothing").message.contains("too short"));
    }
}
