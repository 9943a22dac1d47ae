//! Times, dates, states and attributes, as JSON and terminals have them.

use prost_types::{Struct, Timestamp};
use serde_json::{Map, Value as Json};
use time::{
    OffsetDateTime, format_description::BorrowedFormatItem,
    format_description::well_known::Rfc3339, macros::format_description,
};

use crate::{
    grpc::attributes,
    proto::{AccountState, Date},
};

const DATE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

/// Whole numbers beyond this are not all exact in a double, which is what the contract has.
const LARGEST_EXACT: u64 = 1 << 53;

/// An instant in RFC 3339; none for one that no calendar has.
pub(super) fn time_text(at: Timestamp) -> Option<String> {
    let nanos = i128::from(at.seconds) * 1_000_000_000 + i128::from(at.nanos);
    OffsetDateTime::from_unix_timestamp_nanos(nanos)
        .ok()?
        .format(&Rfc3339)
        .ok()
}

/// An instant as tables have it: RFC 3339 to the second, or `-`.
pub(super) fn short_time(at: Option<Timestamp>) -> String {
    let text = at.and_then(|at| time_text(Timestamp { nanos: 0, ..at }));
    text.unwrap_or_else(|| "-".to_owned())
}

/// Reads an instant in RFC 3339.
pub(super) fn parse_time(text: &str) -> Result<Timestamp, String> {
    let at = OffsetDateTime::parse(text, &Rfc3339)
        .map_err(|_| "is no time such as 2027-06-30T00:00:00Z")?;
    Ok(Timestamp {
        seconds: at.unix_timestamp(),
        nanos: i32::try_from(at.nanosecond()).unwrap_or_default(),
    })
}

/// A date as `YYYY-MM-DD`.
pub(super) fn date_text(date: Date) -> String {
    format!("{:04}-{:02}-{:02}", date.year, date.month, date.day)
}

/// Reads a date as `YYYY-MM-DD`; none when the calendar has no such day.
pub(super) fn parse_date(text: &str) -> Option<Date> {
    // The parser would take a sign before the year.
    let unsigned =
        Some(text).filter(|text| text.starts_with(|letter: char| letter.is_ascii_digit()));
    let date = time::Date::parse(unsigned?, DATE).ok()?;
    Some(Date {
        year: date.year(),
        month: u8::from(date.month()).into(),
        day: date.day().into(),
    })
}

/// The word for a state: `PENDING`, `ACTIVE`, `SUSPENDED`; empty for none.
pub(super) fn state_word(state: i32) -> &'static str {
    match AccountState::try_from(state) {
        Ok(AccountState::Pending) => "PENDING",
        Ok(AccountState::Active) => "ACTIVE",
        Ok(AccountState::Suspended) => "SUSPENDED",
        Ok(AccountState::Unspecified) | Err(_) => "",
    }
}

/// The JSON of attributes.
pub(super) fn attributes_json(attributes: Option<Struct>) -> Map<String, Json> {
    attributes.map(attributes::to_json).unwrap_or_default()
}

/// Reads attributes. Refused, with a sentence: whole numbers that the contract could not carry exactly.
pub(super) fn parse_attributes(object: Map<String, Json>) -> Result<Struct, &'static str> {
    if object.values().all(is_exact) {
        Ok(attributes::from_json(object))
    } else {
        Err(
            "has a whole number beyond 2^53, which would not come through exactly; write it as text",
        )
    }
}

fn is_exact(value: &Json) -> bool {
    match value {
        Json::Number(number) => {
            let size = number
                .as_u64()
                .or_else(|| number.as_i64().map(i64::unsigned_abs));
            size.is_none_or(|size| size <= LARGEST_EXACT)
        }
        Json::Array(values) => values.iter().all(is_exact),
        Json::Object(object) => object.values().all(is_exact),
        Json::Null | Json::Bool(_) | Json::String(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_and_dates_come_back_as_they_were() {
        for text in [
            "2027-06-30T00:00:00Z",
            "1969-12-31T23:59:59.5Z",
            "2024-02-29T12:00:00.000000001Z",
        ] {
            assert_eq!(time_text(parse_time(text).unwrap()).unwrap(), text);
        }
        assert_eq!(
            time_text(parse_time("2027-01-01T02:00:00+02:00").unwrap()).unwrap(),
            "2027-01-01T00:00:00Z"
        );
        assert_eq!(date_text(parse_date("0099-02-28").unwrap()), "0099-02-28");
        for text in ["2023-02-29", "2023-2-1", "2023-02-01 ", "", "+2023-02-01"] {
            assert_eq!(parse_date(text), None, "{text}");
        }
        for text in ["2027-06-30", "2027-06-30T00:00:00", "tomorrow"] {
            assert!(parse_time(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_number_that_would_change_is_refused() {
        let read = |json: Json| parse_attributes(json.as_object().unwrap().clone());
        for json in [
            json!({"a": 9_007_199_254_740_993_u64}),
            json!({"a": [{"b": -9_007_199_254_740_993_i64}]}),
        ] {
            assert!(read(json).is_err());
        }
        let json = json!({"a": 9_007_199_254_740_992_u64, "b": [1.5, null, {"c": true}]});
        let back = attributes_json(Some(read(json.clone()).unwrap()));
        assert_eq!(Json::Object(back), json);
    }
}
