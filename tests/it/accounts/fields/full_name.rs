use accountd::accounts::fields::{ExternalId, FullName, FullNameRule};

use super::{huge, reason};

const RULE: FullNameRule = FullNameRule { min: 2, max: 50 };

#[test]
fn bi_15_what_looks_like_code_is_kept_letter_by_letter() {
    for text in [
        "' OR 1=1--",
        "{{7*7}}",
        "${x}",
        "%s%n",
        "<b>Zack</b>",
        "Zack Desu",
    ] {
        assert_eq!(FullName::parse(text, &RULE).unwrap().as_str(), text);
    }
}

#[test]
fn edges_are_trimmed_and_lengths_counted_without_them() {
    let name = FullName::parse("  Zack  Desu\u{3000}", &RULE).unwrap();
    assert_eq!(name.as_str(), "Zack  Desu");
    assert_eq!(reason(FullName::parse("", &RULE)), "REQUIRED");
    assert_eq!(reason(FullName::parse("   ", &RULE)), "REQUIRED");
    assert_eq!(reason(FullName::parse(" a ", &RULE)), "TOO_SHORT");
    assert!(FullName::parse("\u{5c71}\u{7530}", &RULE).is_ok());
    assert!(FullName::parse(&"\u{1f600}".repeat(50), &RULE).is_ok());
    assert_eq!(reason(FullName::parse(&"a".repeat(51), &RULE)), "TOO_LONG");
    assert_eq!(reason(FullName::parse(&huge("a"), &RULE)), "TOO_LONG");
}

#[test]
fn names_that_break_lines_or_turn_text_are_refused() {
    for text in [
        "Zack\r\nBcc: x",
        "Zack\0",
        "Zack\u{7f}",
        "Zack\u{85}Desu",
        "Zack\u{2028}Desu",
        "Zack\u{202e}Desu",
        "Zack\u{2066}Desu",
        "Zack\u{200b}Desu",
        "Zack\u{feff}Desu",
    ] {
        let result = FullName::parse(text, &RULE);
        assert_eq!(reason(result), "FORBIDDEN_CHARACTER", "{text:?}");
    }
    // Persian is written with the zero-width non-joiner.
    assert!(FullName::parse("\u{639}\u{644}\u{6cc}\u{200c}\u{631}\u{636}\u{627}", &RULE).is_ok());
}

#[test]
fn an_external_id_is_visible_ascii() {
    assert_eq!(
        ExternalId::parse("202272036").unwrap().as_str(),
        "202272036"
    );
    assert!(ExternalId::parse(&"x".repeat(64)).is_ok());
    assert_eq!(reason(ExternalId::parse("")), "REQUIRED");
    assert_eq!(reason(ExternalId::parse(&"x".repeat(65))), "TOO_LONG");
    for text in ["a b", "a\0", "\u{e9}", "a\u{7f}"] {
        assert_eq!(reason(ExternalId::parse(text)), "FORBIDDEN_CHARACTER");
    }
}
