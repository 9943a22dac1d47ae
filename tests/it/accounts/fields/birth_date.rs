use accountd::accounts::fields::BirthDate;
use proptest::prelude::*;

use super::{TODAY, reason};

#[test]
fn bi_12_only_days_that_have_been() {
    for (year, month, day) in [(2023, 2, 30), (2023, 2, 29), (2000, 0, 1), (2000, 13, 1)] {
        let result = BirthDate::parse(year, month, day, TODAY);
        assert_eq!(reason(result), "MALFORMED", "{year}-{month}-{day}");
    }
    for (year, month, day) in [
        (2000, 1, 0),
        (2000, 1, 32),
        (2000, -1, 257),
        (i32::MAX, 1, 1),
    ] {
        let result = BirthDate::parse(year, month, day, TODAY);
        assert_eq!(reason(result), "MALFORMED", "{year}-{month}-{day}");
    }
    for (year, month, day) in [(0, 1, 1), (1899, 12, 31), (2024, 9, 26), (9999, 1, 1)] {
        let result = BirthDate::parse(year, month, day, TODAY);
        assert_eq!(reason(result), "OUT_OF_RANGE", "{year}-{month}-{day}");
    }
    for (year, month, day) in [(1900, 1, 1), (2024, 2, 29), (2024, 9, 25)] {
        let date = BirthDate::parse(year, month, day, TODAY).unwrap();
        assert_eq!(date.parts(), (year, month, day));
    }
}

#[test]
fn a_date_is_stored_as_days_and_written_as_text() {
    let date = BirthDate::parse(1999, 12, 1, TODAY).unwrap();
    assert_eq!(date.days(), 10_926);
    assert_eq!(BirthDate::from_days(date.days()), Some(date));
    assert_eq!(date.to_string(), "1999-12-01");
    assert_eq!(BirthDate::parse_text("1999-12-01", TODAY), Ok(date));
    assert_eq!(BirthDate::parse(1970, 1, 1, TODAY).unwrap().days(), 0);
    assert_eq!(BirthDate::from_days(i32::MAX), None);
    assert_eq!(BirthDate::from_days(i32::MIN), None);
}

#[test]
fn text_has_one_form() {
    for text in [
        "",
        "1999-12-1",
        "1999/12/01",
        "99-12-01",
        "+999-12-01",
        "1999-+1-01",
        "1999-12-01T",
        "1999-12-01T00:00:00Z",
        "1999-02-30",
        "\u{661}999-12-1",
    ] {
        let result = BirthDate::parse_text(text, TODAY);
        assert_eq!(reason(result), "MALFORMED", "{text:?}");
    }
}

proptest! {
    #[test]
    fn any_parts_are_read_without_a_panic(year: i32, month: i32, day: i32, text in "[-0-9]{10}") {
        let _ = BirthDate::parse(year, month, day, TODAY);
        let _ = BirthDate::parse_text(&text, TODAY);
    }
}
