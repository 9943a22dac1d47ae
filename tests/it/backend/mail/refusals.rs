//! Letters that do not arrive.

use accountd::backend::{
    Clock, Mailer, SendError,
    mail::{Letter, Options, Security, SmtpOptions, is_sender},
};

use super::letter;
use crate::support::smtp::{At, Protection, Relay, Reply};

fn open(port: u16) -> Mailer {
    let options = SmtpOptions::new("127.0.0.1", port, Security::None);
    Mailer::open(Options::Smtp(options), Clock::System).expect("a mailer")
}

#[tokio::test]
async fn a_refusal_of_the_letter_says_for_now_or_for_good() {
    let relay = Relay::start(Protection::None).await;
    let mailer = open(relay.port);
    for (at, line, expected) in [
        (
            At::Recipient,
            "451 4.7.1 nina@example.com is greylisted",
            SendError::Later("the relay answers 451 4.7.1 to RCPT".to_owned()),
        ),
        (
            At::Recipient,
            "550 <nina@example.com> unknown",
            SendError::Never("the relay answers 550 to RCPT".to_owned()),
        ),
        (
            At::Content,
            "452 4.3.1 disk full",
            SendError::Later("the relay answers 452 4.3.1 to the letter".to_owned()),
        ),
        (
            At::Content,
            "554 5.7.1 your code 482913 looks like spam",
            SendError::Never("the relay answers 554 5.7.1 to the letter".to_owned()),
        ),
        (
            At::Recipient,
            "nina@example.com who?",
            SendError::Closed("RCPT: an answer that cannot be read".to_owned()),
        ),
        (
            At::Recipient,
            "530 5.7.0 log in first",
            SendError::Closed("the relay answers 530 5.7.0 to RCPT".to_owned()),
        ),
    ] {
        relay.recover();
        relay.rule(at, "nina", Reply::Say(line));
        let sent = mailer.send(&letter("nina@example.com")).await;
        assert_eq!(sent, Err(expected));
    }
    assert!(relay.letters().is_empty());
}

#[tokio::test]
async fn a_wrong_password_gives_up_no_letter() {
    let directory = tempfile::tempdir().unwrap();
    let relay = Relay::start(Protection::StartTls).await;
    let options = SmtpOptions {
        username: Some("accountd".to_owned()),
        password: Some("open barley".to_owned().into()),
        ca_file: Some(relay.trust(directory.path())),
        ..SmtpOptions::new("localhost", relay.port, Security::StartTls)
    };
    let mailer = Mailer::open(Options::Smtp(options), Clock::System).unwrap();
    let sent = mailer.send(&letter("nina@example.com")).await;
    let expected = "the relay answers 535 5.7.8 to AUTH".to_owned();
    assert_eq!(sent, Err(SendError::Closed(expected)));
}

#[tokio::test]
async fn a_relay_that_is_not_there_gives_up_no_letter() {
    let relay = Relay::start(Protection::None).await;
    let mailer = open(relay.port);
    mailer.probe().await.unwrap();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = nobody.local_addr().unwrap().port();
    drop(nobody);
    let sent = open(port).send(&letter("nina@example.com")).await;
    assert!(matches!(sent, Err(SendError::Closed(_))), "{sent:?}");
}

#[tokio::test]
async fn bi_09_hostile_addresses_reach_no_relay() {
    let relay = Relay::start(Protection::None).await;
    let mailer = open(relay.port);
    let long_local = format!("{}@example.com", "a".repeat(65));
    let long = format!("nina@{}.com", "example.".repeat(32));
    for address in [
        "",
        "nina",
        "@example.com",
        "nina@",
        "\"nina\"@example.com",
        "\"nina <x>\"@example.com",
        "nina@[127.0.0.1]",
        "nina@127.0.0.1",
        "nina@localhost",
        "nina(friend)@example.com",
        "nina@example.com\r\nRCPT TO:<omar@example.com>",
        "nina\n@example.com",
        "nina\0@example.com",
        "nina%example.org@example.com",
        "example.org!nina@example.com",
        "@example.org:nina@example.com",
        "-nina@example.com",
        "=?utf-8?q?nina?=@example.com",
        "nina@example.com, omar@example.com",
        "nina@example.com> <omar@example.com",
        "nina..n@example.com",
        ".nina@example.com",
        "nina @example.com",
        "nina@exa mple.com",
        &long_local,
        &long,
    ] {
        let sent = mailer.send(&letter(address)).await;
        assert!(
            matches!(sent, Err(SendError::Never(_))),
            "{address:?}: {sent:?}"
        );
    }
    assert!(relay.letters().is_empty());
    assert_eq!(relay.connections(), 0);
}

#[tokio::test]
async fn a_domain_travels_in_its_ascii_form() {
    let relay = Relay::start(Protection::None).await;
    let mailer = open(relay.port);
    mailer.send(&letter("nina@Bücher.example")).await.unwrap();
    assert_eq!(relay.letters()[0].to, "nina@xn--bcher-kva.example");
    // The relay does not offer SMTPUTF8.
    let sent = mailer.send(&letter("niña@example.com")).await;
    assert!(matches!(sent, Err(SendError::Never(_))), "{sent:?}");
}

#[tokio::test]
async fn a_header_cannot_be_added_through_the_subject() {
    let relay = Relay::start(Protection::None).await;
    let injected = Letter {
        subject: "Your code\r\nBcc: omar@example.com".to_owned(),
        ..letter("nina@example.com")
    };
    let sent = open(relay.port).send(&injected).await;
    assert!(matches!(sent, Err(SendError::Never(_))), "{sent:?}");
    assert_eq!(relay.connections(), 0);
}

#[test]
fn a_sender_is_an_address_with_or_without_a_name() {
    assert!(is_sender("accountd <no-reply@localhost>"));
    assert!(is_sender("no-reply@example.com"));
    for from in [
        "",
        "accountd",
        "accountd <no-reply@localhost",
        "a@b.c\r\nX: y",
    ] {
        assert!(!is_sender(from), "{from:?}");
    }
}

#[test]
fn a_letter_keeps_its_code_out_of_logs() {
    let shown = format!("{:?}", letter("nina@example.com"));
    assert!(!shown.contains("482913"), "{shown}");
    assert!(!shown.contains("nina"), "{shown}");
}
