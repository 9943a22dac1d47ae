use accountd::accounts::fields::Email;
use proptest::prelude::*;

use super::{huge, reason};

fn canonical(text: &str) -> String {
    Email::parse(text).unwrap().canonical().to_owned()
}

#[test]
fn ordinary_addresses_pass() {
    for text in [
        "zack@example.com",
        "first.last+tag@mail.example.co.id",
        "o'brien@example.com",
        "a@b.co",
        "x@1und1.de",
    ] {
        let email = Email::parse(text).unwrap();
        assert_eq!(email.typed(), text);
        assert_eq!(email.canonical(), text);
        assert_eq!(email.for_sending(), text);
    }
}

#[test]
fn bi_01_lengths_are_bounded() {
    assert_eq!(reason(Email::parse("")), "REQUIRED");
    assert_eq!(reason(Email::parse(&huge("a@"))), "TOO_LONG");
    let local = "a".repeat(64);
    let domain = format!("{0}.{0}.{1}.com", "b".repeat(61), "c".repeat(61));
    let full = format!("{local}@{domain}");
    assert_eq!(full.len(), 254);
    assert!(Email::parse(&full).is_ok());
    let label = "c".repeat(62);
    let longer = format!("{local}@{0}.{0}.{label}.com", "b".repeat(61));
    assert_eq!(reason(Email::parse(&longer)), "TOO_LONG");
}

#[test]
fn bi_09_addresses_that_mislead_are_refused() {
    let long_local = format!("{}@example.com", "a".repeat(65));
    for (text, expected) in [
        ("\"a b\"@example.com", "MALFORMED"),
        ("\"a\"@example.com", "MALFORMED"),
        ("a@[127.0.0.1]", "MALFORMED"),
        ("a@127.0.0.1", "MALFORMED"),
        ("a@[IPv6:::1]", "MALFORMED"),
        ("a@localhost", "MALFORMED"),
        ("a@localhost.", "MALFORMED"),
        ("a(comment)@example.com", "MALFORMED"),
        ("a@example.com(comment)", "MALFORMED"),
        ("a%b@example.com", "MALFORMED"),
        ("b!a@example.com", "MALFORMED"),
        ("a@b@example.com", "MALFORMED"),
        ("-a@example.com", "MALFORMED"),
        ("=?utf-8?q?a?=@example.com", "MALFORMED"),
        (".a@example.com", "MALFORMED"),
        ("a.@example.com", "MALFORMED"),
        ("a..b@example.com", "MALFORMED"),
        ("@example.com", "MALFORMED"),
        ("a@", "MALFORMED"),
        ("a@.", "MALFORMED"),
        ("a@example..com", "MALFORMED"),
        ("a@example.com..", "MALFORMED"),
        ("a@-example.com", "MALFORMED"),
        ("a@exam_ple.com", "MALFORMED"),
        ("a@exam ple.com", "MALFORMED"),
        ("example.com", "MALFORMED"),
        (" a@example.com", "MALFORMED"),
        ("a@example.com ", "MALFORMED"),
        ("Ann <a@example.com>", "MALFORMED"),
        ("a@example.com,b@example.com", "MALFORMED"),
        ("\u{e4}@example.com", "NOT_SUPPORTED"),
        ("a\r\nBcc: b@example.com", "FORBIDDEN_CHARACTER"),
        ("a@example.com\r\n", "FORBIDDEN_CHARACTER"),
        ("a\0@example.com", "FORBIDDEN_CHARACTER"),
        ("a@exam\u{ad}ple.com", "FORBIDDEN_CHARACTER"),
        (long_local.as_str(), "TOO_LONG"),
    ] {
        assert_eq!(reason(Email::parse(text)), expected, "{text:?}");
        assert_eq!(Email::canonical_of(text), None);
    }
}

#[test]
fn bi_10_spellings_of_one_mailbox_are_one() {
    let one = canonical("a@ex\u{e4}mple.com");
    assert_eq!(one, "a@xn--exmple-cua.com");
    for text in [
        "A@EX\u{c4}MPLE.com",
        "a@exa\u{308}mple.com",
        "a@xn--exmple-cua.com",
        "a@XN--EXMPLE-CUA.COM",
        "a@ex\u{e4}mple.com.",
        "a@ex\u{e4}mple\u{3002}com",
    ] {
        assert_eq!(canonical(text), one, "{text}");
    }
    assert_ne!(canonical("a.b@example.com"), canonical("ab@example.com"));
    assert_ne!(canonical("a+b@example.com"), canonical("a@example.com"));
}

#[test]
fn mail_goes_to_the_local_part_as_typed() {
    let email = Email::parse("Ann.Lee@Ex\u{e4}mple.com.").unwrap();
    assert_eq!(email.typed(), "Ann.Lee@Ex\u{e4}mple.com.");
    assert_eq!(email.for_sending(), "Ann.Lee@xn--exmple-cua.com");
    assert_eq!(email.local_part(), "Ann.Lee");
    assert_eq!(format!("{email:?}"), "Email");
}

proptest! {
    #[test]
    fn a_canonical_form_is_its_own(text in "[a-zA-Z0-9.+@äßЖ-]{1,12}@[a-zA-Z0-9.äßЖ-]{1,16}") {
        if let Some(once) = Email::canonical_of(&text) {
            prop_assert_eq!(Email::canonical_of(&once), Some(once));
        }
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in any::<String>()) {
        let _ = Email::parse(&text);
    }
}
