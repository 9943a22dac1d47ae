//! The words themselves.

use accountd::mails::{ComposeError, Context, Locale, Mail, Purpose, Words, compose, mask_address};

use super::{NOW, code, every_mail};

fn words(mail: &Mail, locale: Locale, realm_title: &str) -> Words {
    let context = Context {
        realm_title,
        locale,
        code: Some("482913"),
        at: NOW,
    };
    compose(mail, &context).expect("words")
}

#[test]
fn every_mail_has_words_in_every_language() {
    for mail in every_mail() {
        for locale in [Locale::En, Locale::Id] {
            let words = words(&mail, locale, "Sekolah Nusantara");
            let name = mail.name();
            assert!(words.subject.contains("Sekolah Nusantara"), "{name}");
            assert!(!words.subject.contains("482913"), "{name}");
            assert!(words.text.contains("2026-11-21 10:15 UTC"), "{name}");
            for line in words.text.lines() {
                assert!(line.chars().count() < 78, "{name}: {line}");
            }
            for rendering in [&words.text, &words.html] {
                assert_eq!(
                    rendering.contains("482913"),
                    matches!(mail, Mail::Code { .. }),
                    "{name}"
                );
                for mark in ["{{", "{%", "://", "www.", "<a ", "none"] {
                    assert!(!rendering.contains(mark), "{name}: {mark}");
                }
            }
            assert!(
                words
                    .html
                    .contains(&format!("lang=\"{}\"", locale.as_str()))
            );
        }
    }
}

#[test]
fn ot_18_the_mail_tells_purpose_time_and_what_to_do() {
    let english = words(&code(Purpose::ResetPassword), Locale::En, "Contoso");
    assert_eq!(english.subject, "Contoso: your code to set a new password");
    assert_eq!(
        english.text,
        "Use this code to set a new password for your account at Contoso:\n\
         \n\
         \x20   482913\n\
         \n\
         The code was asked for at 2026-11-21 10:15 UTC and is valid for 5 minutes\n\
         from then. Nobody from Contoso will ever ask you for it.\n\
         \n\
         If you did not ask for it, you need not do anything: your password stays as\n\
         it is. Keep the code to yourself.\n\
         \n\
         This mail was sent by a machine. Replies to it are not read.\n"
    );
    let indonesian = words(&code(Purpose::ResetPassword), Locale::Id, "Contoso");
    assert_eq!(
        indonesian.text,
        "Gunakan kode ini untuk membuat kata sandi baru bagi akun Anda di Contoso:\n\
         \n\
         \x20   482913\n\
         \n\
         Kode ini diminta pada 2026-11-21 10:15 UTC dan berlaku selama 5 menit sejak\n\
         saat itu. Pihak Contoso tidak akan pernah meminta kode ini kepada Anda.\n\
         \n\
         Jika Anda tidak merasa memintanya, abaikan email ini: kata sandi Anda tidak\n\
         berubah. Jangan berikan kode ini kepada siapa pun.\n\
         \n\
         Email ini dikirim secara otomatis. Balasan ke email ini tidak akan dibaca.\n"
    );
    // The purposes are told apart.
    let purposes = [
        Purpose::Activate,
        Purpose::Login,
        Purpose::ProveAddress,
        Purpose::ChangeEmail,
        Purpose::ResetPassword,
    ];
    let mut texts: Vec<String> = purposes
        .map(|purpose| words(&code(purpose), Locale::En, "Contoso").text)
        .into();
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), purposes.len());
}

#[test]
fn sm_06_a_title_cannot_carry_markup_or_a_second_mail() {
    let title = format!(
        "<a href=\"//evil.example\">Contoso</a>\r\nBcc: omar@example.com\n\n{}",
        "x".repeat(10_000)
    );
    for mail in every_mail() {
        let words = words(&mail, Locale::En, &title);
        assert!(!words.html.contains("<a href"), "{}", mail.name());
        assert!(!words.subject.contains(['\r', '\n']), "{}", mail.name());
        assert!(words.subject.len() < 150, "{}", mail.name());
        assert!(words.text.len() < 1500, "{}", mail.name());
        for line in words.text.lines() {
            assert!(line.chars().count() < 78, "{line}");
        }
    }
}

#[test]
fn a_code_mail_without_its_code_is_refused() {
    let context = Context {
        realm_title: "Contoso",
        locale: Locale::En,
        code: None,
        at: NOW,
    };
    let refused = compose(&code(Purpose::Login), &context);
    assert!(matches!(refused, Err(ComposeError::NoCode)));
}

#[test]
fn stored_mails_stay_readable() {
    let stored = r#"{"kind":"code","purpose":"reset_password","issue":"00000000-0000-0000-0000-000000000007","nonce":"MDEyMzQ1Njc4OWFiY2RlZg","key_id":"k1","subject":"default/nina@example.com","digits":6,"lifetime_seconds":300}"#;
    let mail = code(Purpose::ResetPassword);
    assert_eq!(serde_json::to_string(&mail).unwrap(), stored);
    for mail in every_mail() {
        let json = serde_json::to_string(&mail).unwrap();
        assert!(!json.contains("482913"));
        assert_eq!(serde_json::from_str::<Mail>(&json).unwrap(), mail);
    }
}

#[test]
fn a_language_is_known_by_its_tag() {
    for (tag, locale) in [
        ("en", Some(Locale::En)),
        ("EN-gb", Some(Locale::En)),
        ("id", Some(Locale::Id)),
        ("id_ID", Some(Locale::Id)),
        ("de", None),
        ("", None),
    ] {
        assert_eq!(Locale::parse(tag), locale, "{tag}");
    }
}

#[test]
fn an_address_is_masked() {
    for (address, masked) in [
        ("nina@example.com", "n…@example.com"),
        ("n@example.com", "n…@example.com"),
        ("\"a@b\"@example.com", "\"…@example.com"),
        ("@example.com", "…@example.com"),
        ("+6281234567890", "+…"),
        ("", "…"),
        ("n\r\nX: y@exa\nmple.com", "n…@example.com"),
    ] {
        assert_eq!(mask_address(address), masked);
    }
}
