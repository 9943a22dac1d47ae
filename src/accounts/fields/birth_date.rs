//! A day of birth.

use std::fmt;

use time::{Date, Month};

use super::Violation;
use crate::backend::Timestamp;

/// 1970-01-01 as a Julian day.
const EPOCH_JULIAN_DAY: i32 = 2_440_588;
const SECONDS_PER_DAY: i64 = 86_400;
const MIN_YEAR: i32 = 1900;

/// A day of the Gregorian calendar from 1900 on that has come, as `YYYY-MM-DD`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct BirthDate(Date);

impl BirthDate {
    /// Reads a date from its parts. Refused are days that no calendar has, years before 1900, and days after `today`
    /// (UTC).
    pub fn parse(year: i32, month: i32, day: i32, today: Timestamp) -> Result<Self, Violation> {
        let Some(date) = calendar_day(year, month, day) else {
            return Err(Violation::malformed("must be a day of the calendar"));
        };
        if date.year() < MIN_YEAR {
            let text = format!("must not be before the year {MIN_YEAR}");
            return Err(Violation::out_of_range(text));
        }
        let date = Self(date);
        if i64::from(date.days()) > today.seconds().div_euclid(SECONDS_PER_DAY) {
            return Err(Violation::out_of_range("must not be in the future"));
        }
        Ok(date)
    }

    /// Reads a date written as `YYYY-MM-DD`, and nothing else of ISO 8601. Refused is what [`BirthDate::parse`] refuses.
    pub fn parse_text(text: &str, today: Timestamp) -> Result<Self, Violation> {
        let Some((year, month, day)) = split(text) else {
            return Err(Violation::malformed("must have the form YYYY-MM-DD"));
        };
        Self::parse(year, month, day, today)
    }

    /// The date that was stored as `days`; `None` for a number that is no date.
    pub fn from_days(days: i32) -> Option<Self> {
        let julian = days.checked_add(EPOCH_JULIAN_DAY)?;
        Date::from_julian_day(julian).ok().map(Self)
    }

    /// Days since 1970-01-01, negative before it: the form of the tables.
    pub const fn days(self) -> i32 {
        self.0.to_julian_day() - EPOCH_JULIAN_DAY
    }

    /// Year, month (1 to 12) and day (1 to 31).
    pub fn parts(self) -> (i32, i32, i32) {
        let (year, month, day) = self.0.to_calendar_date();
        (year, i32::from(u8::from(month)), i32::from(day))
    }
}

impl fmt::Display for BirthDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.parts();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Debug for BirthDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BirthDate")
    }
}

fn calendar_day(year: i32, month: i32, day: i32) -> Option<Date> {
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok()
}

fn split(text: &str) -> Option<(i32, i32, i32)> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    // `str::parse` would take a sign.
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0, |sum, byte| {
            byte.is_ascii_digit()
                .then(|| sum * 10 + i32::from(byte - b'0'))
        })
    };
    Some((
        number(&bytes[..4])?,
        number(&bytes[5..7])?,
        number(&bytes[8..])?,
    ))
}
