use accountd::accounts::fields::{
    Phone,
    PhoneRule::{self, Digits, Valid},
};
use proptest::prelude::*;

use super::{huge, reason};

fn canonical(text: &str, rule: PhoneRule) -> String {
    let phone = Phone::parse(text, "ID", rule).unwrap();
    assert_eq!(phone.typed(), text);
    phone.canonical().to_owned()
}

fn refusal(text: &str, rule: PhoneRule) -> &'static str {
    reason(Phone::parse(text, "ID", rule))
}

#[test]
fn spellings_of_one_number_are_one_under_both_rules() {
    for text in ["08123123123", "+628123123123", "628123123123"] {
        for rule in [Valid, Digits] {
            assert_eq!(canonical(text, rule), "+628123123123", "{text} {rule:?}");
        }
    }
    assert_eq!(canonical("0812-3123.123", Valid), "+628123123123");
    assert_eq!(canonical("+62 (812) 312 3123", Valid), "+628123123123");
    assert_eq!(canonical("+85223456789", Valid), "+85223456789");
}

#[test]
fn digits_that_no_plan_has_pass_by_the_rule_of_digits_only() {
    assert_eq!(refusal("00812312", Valid), "MALFORMED");
    assert_eq!(refusal("01234567", Valid), "MALFORMED");
    assert_eq!(canonical("01234567", Digits), "+621234567");
    assert_eq!(canonical("+99912345678", Digits), "+99912345678");
    assert_eq!(refusal("+99912345678", Valid), "MALFORMED");
    assert_eq!(refusal("00000000", Digits), "MALFORMED");
    // In the plan of New Zealand, but of seven digits in E.164.
    assert_eq!(refusal("+64082200", Valid), "MALFORMED");
    assert_eq!(canonical("+64082200", Digits), "+64082200");
    assert_eq!(refusal("+0123456789", Digits), "MALFORMED");
    assert_eq!(reason(Phone::parse("99912345", "XX", Digits)), "MALFORMED");
}

#[test]
fn bi_12_letters_and_other_scripts_digits_are_refused() {
    for text in [
        "0812CALLME12",
        "0812312312x9",
        "tel:08123123123",
        "08123123123;ext=5",
        "08123123123 ext 5",
        "\u{660}\u{668}\u{661}\u{662}\u{663}\u{661}\u{662}\u{663}",
        "\u{ff10}\u{ff18}\u{ff11}\u{ff12}\u{ff13}\u{ff11}\u{ff12}\u{ff13}",
        "+",
        "++628123123123",
        "62+8123123123",
        "0812\u{0}3123123",
        "0812\n3123123",
    ] {
        for rule in [Valid, Digits] {
            assert_eq!(refusal(text, rule), "MALFORMED", "{text:?} {rule:?}");
        }
    }
    assert_eq!(refusal("0812-3123-123", Digits), "MALFORMED");
}

#[test]
fn bi_12_edges_of_the_length() {
    assert_eq!(refusal("", Digits), "REQUIRED");
    assert_eq!(refusal("1234567", Digits), "MALFORMED");
    assert_eq!(canonical("12345678", Digits), "+6212345678");
    assert_eq!(canonical("+999123456789012", Digits), "+999123456789012");
    assert_eq!(refusal("+9991234567890123", Digits), "MALFORMED");
    assert_eq!(canonical("1234567890123", Digits), "+621234567890123");
    assert_eq!(refusal("12345678901234", Digits), "TOO_LONG");
    assert_eq!(refusal(&huge("1"), Digits), "TOO_LONG");
}

proptest! {
    #[test]
    fn a_canonical_form_is_its_own(text in "\\+?[0-9]{8,15}") {
        for rule in [Valid, Digits] {
            if let Ok(phone) = Phone::parse(&text, "ID", rule) {
                let again = Phone::parse(phone.canonical(), "ID", rule).unwrap();
                prop_assert_eq!(again.canonical(), phone.canonical());
            }
        }
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in any::<String>(), numeric in "[-+0-9 .()]{0,34}") {
        for rule in [Valid, Digits] {
            let _ = Phone::parse(&text, "ID", rule);
            let _ = Phone::parse(&numeric, "ID", rule);
        }
    }
}
