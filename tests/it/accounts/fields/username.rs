use accountd::accounts::fields::{Username, UsernameRule};
use proptest::prelude::*;

use super::{huge, reason};

const RULE: UsernameRule = UsernameRule {
    min: 3,
    max: 20,
    alphanumeric_only: false,
};

fn canonical(text: &str) -> String {
    Username::parse(text, &RULE).unwrap().canonical().to_owned()
}

fn refusal(text: &str) -> &'static str {
    reason(Username::parse(text, &RULE))
}

#[test]
fn the_samples_of_the_documents_pass() {
    let strict = UsernameRule {
        alphanumeric_only: true,
        ..RULE
    };
    for text in ["zackdesu", "nekochan", "narutokonoha", "broo", "naruto123"] {
        let name = Username::parse(text, &strict).unwrap();
        assert_eq!(name.typed(), text);
        assert_eq!(Username::canonical_of(text).unwrap(), name.canonical());
    }
}

#[test]
fn bi_01_lengths_are_bounded() {
    assert_eq!(refusal(""), "REQUIRED");
    assert_eq!(refusal("ab"), "TOO_SHORT");
    assert!(Username::parse("abc", &RULE).is_ok());
    assert!(Username::parse(&"e".repeat(20), &RULE).is_ok());
    assert_eq!(refusal(&"e".repeat(21)), "TOO_LONG");
    assert_eq!(refusal(&huge("e")), "TOO_LONG");
    assert_eq!(Username::canonical_of(&huge("e")), None);
}

#[test]
fn bi_06_spellings_of_one_name_are_one() {
    for text in ["Bob", "bob", "BOB", "ｂｏｂ"] {
        assert_eq!(canonical(text), canonical("bob"));
    }
    assert_eq!(Username::parse("Bob", &RULE).unwrap().typed(), "Bob");
    assert_eq!(canonical("ren\u{e9}"), canonical("rene\u{301}"));
    assert_eq!(canonical("\u{d55c}\u{ae00}\u{d55c}"), {
        canonical("\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}\u{1112}\u{1161}\u{11ab}")
    });
    assert_ne!(canonical("rene"), canonical("ren\u{e9}"));
}

#[test]
fn bi_07_names_that_deceive_are_refused() {
    for text in [
        "bo\u{200b}b",
        "bo\u{ad}b",
        "bo\u{202e}b",
        "bo\u{200d}b",
        "bo\0b",
        "bo\nb",
        " bob",
        "bob ",
        "b ob",
        "bob\u{a0}",
        "bob\u{3000}",
        "bob@example.com",
        "bob/admin",
        "bob\u{1f600}",
        "bo\u{2126}b",
    ] {
        assert_eq!(refusal(text), "FORBIDDEN_CHARACTER", "{text:?}");
    }
    for text in ["...", "-_-", "'''"] {
        assert_eq!(refusal(text), "MALFORMED", "{text:?}");
    }
    for text in [
        "admin",
        "Administrator",
        "ＲＯＯＴ",
        "accountd",
        "system",
        "support",
        "current",
        "self",
        "null",
        "undefined",
        "r00t",
    ] {
        assert_eq!(refusal(text), "RESERVED", "{text:?}");
    }
    let short = UsernameRule { min: 1, ..RULE };
    assert_eq!(reason(Username::parse("me", &short)), "RESERVED");
    assert!(Username::parse("admin-team", &RULE).is_ok());
}

#[test]
fn bi_08_look_alikes_are_taken_or_refused() {
    // All Cyrillic, and the same to the eye as the Latin word.
    assert_eq!(canonical("\u{441}\u{43e}\u{440}\u{435}"), canonical("cope"));
    assert_eq!(canonical("rnike"), canonical("mike"));
    assert_eq!(canonical("user0"), canonical("usero"));
    assert_eq!(canonical("pau1"), canonical("paul"));
    // Cyrillic beside Latin.
    assert_eq!(refusal("\u{430}dmin-team"), "FORBIDDEN_CHARACTER");
    assert_eq!(Username::canonical_of("\u{430}dmin-team"), None);
    assert!(Username::parse("\u{438}\u{432}\u{430}\u{43d}", &RULE).is_ok());
    assert!(Username::parse("tanaka\u{7530}\u{4e2d}", &RULE).is_ok());
}

#[test]
fn letters_and_digits_only_means_ascii_as_typed() {
    let strict = UsernameRule {
        alphanumeric_only: true,
        ..RULE
    };
    for text in ["a.b", "a_b", "ren\u{e9}", "ｂｏｂ"] {
        let result = Username::parse(text, &strict);
        assert_eq!(reason(result), "FORBIDDEN_CHARACTER", "{text}");
        assert!(Username::parse(text, &RULE).is_ok(), "{text}");
    }
}

proptest! {
    #[test]
    fn a_canonical_form_is_its_own(text in "\\PC{1,24}") {
        if let Some(once) = Username::canonical_of(&text) {
            let twice = Username::canonical_of(&once);
            prop_assert!(twice.is_none() || twice.as_ref() == Some(&once), "{:?} {:?}", once, twice);
        }
    }

    #[test]
    fn a_name_is_found_by_what_it_was_registered_as(text in "[a-zA-Z0-9._é한а-я-]{3,20}") {
        if let Ok(name) = Username::parse(&text, &RULE) {
            let found = Username::canonical_of(&text);
            prop_assert_eq!(found.as_deref(), Some(name.canonical()));
        }
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in any::<String>()) {
        let _ = Username::parse(&text, &RULE);
    }
}
