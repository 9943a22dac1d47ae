use accountd::accounts::fields::{Password, PasswordRule};
use proptest::prelude::*;

use super::{huge, reason};

const RULE: PasswordRule = PasswordRule {
    min: 8,
    max: 128,
    blocklist: true,
    classes: false,
};
const PLAIN: PasswordRule = PasswordRule {
    min: 6,
    blocklist: false,
    ..RULE
};

fn refusal(text: &str) -> &'static str {
    reason(Password::parse(
        text,
        &RULE,
        &["zackdesu", "zack.desu", "accountd"],
    ))
}

#[test]
fn bi_01_lengths_are_bounded() {
    assert_eq!(refusal(""), "REQUIRED");
    assert_eq!(refusal("mgkwpzv"), "TOO_SHORT");
    assert!(Password::parse("mgkwpzvt", &RULE, &[]).is_ok());
    assert!(Password::parse(&"mgkw".repeat(32), &RULE, &[]).is_ok());
    assert_eq!(refusal(&"m".repeat(129)), "TOO_LONG");
    assert_eq!(refusal(&huge("m")), "TOO_LONG");
    assert_eq!(reason(Password::presented("")), "REQUIRED");
    assert_eq!(reason(Password::presented(&huge("m"))), "TOO_LONG");
    assert!(Password::presented(&"m".repeat(1024)).is_ok());
    assert_eq!(reason(Password::presented(&"m".repeat(1025))), "TOO_LONG");
}

#[test]
fn bi_02_length_is_counted_in_code_points_of_the_composed_form() {
    let composed = "p\u{e9} \u{1f970}\u{ac00}n ".repeat(10);
    let decomposed = "pe\u{301} \u{1f970}\u{1100}\u{1161}n ".repeat(10);
    let rule = PasswordRule {
        min: 70,
        max: 70,
        ..RULE
    };
    let one = Password::parse(&composed, &rule, &[]).unwrap();
    let other = Password::parse(&decomposed, &rule, &[]).unwrap();
    assert_eq!(one.secret(), other.secret());
    assert_eq!(
        Password::presented(&decomposed).unwrap().secret(),
        one.secret()
    );
    let wide = Password::presented("correct\u{3000}horse\u{a0}battery").unwrap();
    assert_eq!(wide.secret(), "correct horse battery");
    assert!(
        Password::parse(
            "\u{2764}\u{fe0f}\u{1f469}\u{200d}\u{1f4bb} & more",
            &RULE,
            &[]
        )
        .is_ok()
    );
}

#[test]
fn bi_03_nothing_is_cut_off_and_edges_stay() {
    let start = "m".repeat(512);
    let (a, b) = (format!("{start}a"), format!("{start}b"));
    let (a, b) = (
        Password::presented(&a).unwrap(),
        Password::presented(&b).unwrap(),
    );
    assert_eq!(a.secret().len(), 513);
    assert_ne!(a.secret(), b.secret());
    assert_eq!(Password::presented(" a ").unwrap().secret(), " a ");
    assert_ne!(Password::presented("Aa").unwrap().secret(), "aa");
}

#[test]
fn bi_04_common_passwords_are_refused() {
    for text in [
        "password",
        "Password1",
        "P@ssw0rd",
        "drowssap",
        "12345678",
        "1qaz2wsx",
        "qwertyuiop",
        "ILOVEYOU",
        "iloveyou2",
        "naruto123",
        "aaaaaaaaaaaaaaa",
        "abcdefghijklmno",
        "passwordpassword",
        "!@#$%^&*",
    ] {
        assert_eq!(refusal(text), "COMMON_PASSWORD", "{text}");
        assert!(Password::parse(text, &PLAIN, &[text]).is_ok(), "{text}");
    }
    for text in ["correct horse battery", "zackdesu-and-more", "Naruto123$"] {
        assert!(
            Password::parse(text, &RULE, &["zackdesu"]).is_ok(),
            "{text}"
        );
    }
}

#[test]
fn bi_04_words_of_the_account_are_refused() {
    for text in ["zackdesu", "ZackDesu", "zack.desu", "AccountD"] {
        assert_eq!(refusal(text), "CONTAINS_CONTEXT", "{text}");
    }
    let rule = PasswordRule { min: 1, ..RULE };
    assert!(Password::parse("mgkwpzvtq", &rule, &["", "mgkw"]).is_ok());
}

#[test]
fn bi_05_one_class_of_characters_is_enough() {
    assert!(Password::parse("mgkwpzvtqyhdbxr", &RULE, &[]).is_ok());
    assert!(Password::parse("730918264590317", &RULE, &[]).is_ok());
}

#[test]
fn classes_are_asked_for_where_the_rule_says_so() {
    let rule = PasswordRule {
        classes: true,
        blocklist: false,
        ..RULE
    };
    assert!(Password::parse("Naruto123$", &rule, &[]).is_ok());
    for text in [
        "naruto123$",
        "NARUTO123$",
        "Narutoabc$",
        "Naruto1234",
        "Naruto123?",
    ] {
        let result = Password::parse(text, &rule, &[]);
        assert_eq!(reason(result), "TOO_SIMPLE", "{text}");
    }
}

#[test]
fn control_characters_are_refused_and_nothing_is_printed() {
    for text in ["mgkw\0pzvt", "mgkw\npzvt", "mgkw\u{2028}pzvt"] {
        assert_eq!(refusal(text), "FORBIDDEN_CHARACTER");
        assert_eq!(reason(Password::presented(text)), "FORBIDDEN_CHARACTER");
    }
    assert_eq!(
        format!("{:?}", Password::presented("mgkwpzvt").unwrap()),
        "Password"
    );
}

#[test]
fn the_samples_of_the_documents_pass_without_the_blocklist() {
    for text in ["naruto123", "Naruto123$", "rahasia", "123456"] {
        assert!(Password::parse(text, &PLAIN, &["naruto"]).is_ok(), "{text}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_normal_form_is_its_own(text in any::<String>()) {
        if let Ok(once) = Password::presented(&text) {
            let twice = Password::presented(once.secret()).unwrap();
            prop_assert_eq!(once.secret(), twice.secret());
        }
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in "\\PC{0,40}", word in any::<String>()) {
        let _ = Password::parse(&text, &RULE, &[&word]);
    }
}
