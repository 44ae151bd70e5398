//! The version after another.

use super::{Version, VersionScheme};

impl Version {
    /// The first version of a scheme; `now` (UTC) is that of a timestamp.
    pub fn first(scheme: VersionScheme, now: jiff::Timestamp) -> Self {
        match scheme {
            VersionScheme::Semantic => of_semantic(1, 0),
            VersionScheme::Integer => Self::new(scheme, vec![1], "1".into()),
            VersionScheme::Timestamp => stamp(now),
        }
    }

    /// The version that follows: semantic the next minor release; integer the last part plus one, as wide as before;
    /// timestamp `now` (UTC), or one second after `self` where that is later.
    #[must_use]
    pub fn next(&self, now: jiff::Timestamp) -> Self {
        match self.scheme {
            VersionScheme::Semantic => of_semantic(self.number(0), self.number(1) + 1),
            VersionScheme::Integer => self.next_integer(),
            VersionScheme::Timestamp => {
                let today = stamp(now);
                if today > *self {
                    today
                } else {
                    self.a_second_later()
                }
            }
        }
    }

    fn next_integer(&self) -> Self {
        let (head, last) = match self.text.rfind('.') {
            Some(dot) => self.text.split_at(dot + 1),
            None => ("", self.text.as_str()),
        };
        let number = last.parse::<u64>().unwrap_or(0).saturating_add(1);
        let text = format!("{head}{number:0width$}", width = last.len());
        super::integer(&text).unwrap_or_else(|_| self.clone())
    }

    fn a_second_later(&self) -> Self {
        let parsed = jiff::civil::DateTime::strptime("%Y%m%d%H%M%S", self.number(0).to_string());
        match parsed {
            Ok(time) => of_civil(time.saturating_add(jiff::Span::new().seconds(1))),
            Err(_) => self.clone(),
        }
    }
}

fn of_semantic(major: u64, minor: u64) -> Version {
    let text = format!("{major}.{minor}.0");
    Version::new(VersionScheme::Semantic, vec![major, minor, 0], text)
}

fn stamp(now: jiff::Timestamp) -> Version {
    of_civil(jiff::tz::TimeZone::UTC.to_datetime(now))
}

fn of_civil(time: jiff::civil::DateTime) -> Version {
    let number = time.strftime("%Y%m%d%H%M%S").to_string();
    let text = time.strftime("%Y%m%d_%H%M%S").to_string();
    let number = number.parse().unwrap_or(0);
    Version::new(VersionScheme::Timestamp, vec![number], text)
}
