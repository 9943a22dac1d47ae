//! Letters that arrive, and the protection they travel under.

use std::{path::Path, time::Duration};

use accountd::backend::{
    Clock, Mailer, SendError, Timestamp,
    mail::{OpenError, Options, Security, SmtpOptions},
};

use super::letter;
use crate::support::smtp::{At, Protection, Relay, Reply};

fn options(relay: &Relay, security: Security, directory: &Path) -> SmtpOptions {
    SmtpOptions {
        username: Some("accountd".to_owned()),
        password: Some("open sesame".to_owned().into()),
        ca_file: Some(relay.trust(directory)),
        hello_name: Some("accountd.test".to_owned()),
        ..SmtpOptions::new("localhost", relay.port, security)
    }
}

fn open(options: SmtpOptions) -> Mailer {
    let clock = Clock::fixed(Timestamp::from_millis(1_795_256_130_000));
    Mailer::open(Options::Smtp(options), clock).expect("a mailer")
}

fn is_closed(result: &Result<(), SendError>) -> bool {
    matches!(result, Err(SendError::Closed(_)))
}

#[tokio::test]
async fn a_letter_arrives_over_starttls() {
    let directory = tempfile::tempdir().unwrap();
    let relay = Relay::start(Protection::StartTls).await;
    let mailer = open(options(&relay, Security::StartTls, directory.path()));
    mailer.send(&letter("nina@example.com")).await.unwrap();

    let received = relay.letters().remove(0);
    assert_eq!(received.to, "nina@example.com");
    for line in [
        "From: accountd <no-reply@localhost>",
        "To: nina@example.com",
        "Subject: Your code",
        "Message-ID: <01935a3b-7c00-7000-8000-0123456789ab@localhost>",
        "Date: Sat, 21 Nov 2026 10:15:30 +0000",
        "Auto-Submitted: auto-generated",
        "    482913",
        "<p>Your code: <b>482913</b></p>",
    ] {
        assert!(
            received.data.lines().any(|heard| heard == line),
            "{line} is not in:\n{}",
            received.data
        );
    }
    assert!(received.data.contains("multipart/alternative"));
    assert_eq!(relay.logins(), ["accountd open sesame"]);
    assert_eq!(relay.clear(), ["EHLO accountd.test", "STARTTLS"]);
}

#[tokio::test]
async fn a_letter_arrives_over_tls_from_the_first_byte() {
    let directory = tempfile::tempdir().unwrap();
    let relay = Relay::start(Protection::Tls).await;
    relay.offer_login_only();
    let mailer = open(options(&relay, Security::Tls, directory.path()));
    mailer.send(&letter("nina@example.com")).await.unwrap();
    assert_eq!(relay.letters().len(), 1);
    assert_eq!(relay.logins(), ["accountd open sesame"]);
    assert!(relay.clear().is_empty());
}

#[tokio::test]
async fn sm_05_stripped_starttls_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let relay = Relay::start(Protection::None).await;
    let mailer = open(options(&relay, Security::StartTls, directory.path()));
    let sent = mailer.send(&letter("nina@example.com")).await;
    assert!(is_closed(&sent), "{sent:?}");
    assert!(is_closed(&mailer.probe().await));
    assert!(relay.logins().is_empty());
    assert!(relay.letters().is_empty());
    let clear = relay.clear().join("\n");
    assert!(!clear.contains("AUTH"), "{clear}");
    assert!(!clear.contains("nina"), "{clear}");
}

#[tokio::test]
async fn sm_05_wrong_certificate_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let stranger = Relay::start(Protection::Tls).await;
    for (protection, security) in [
        (Protection::StartTls, Security::StartTls),
        (Protection::Tls, Security::Tls),
    ] {
        let relay = Relay::start(protection).await;
        let mailer = open(SmtpOptions {
            ca_file: Some(stranger.trust(directory.path())),
            ..options(&relay, security, directory.path())
        });
        let sent = mailer.send(&letter("nina@example.com")).await;
        assert!(is_closed(&sent), "{sent:?}");
        assert!(relay.logins().is_empty());

        let other_name = Relay::start_as(protection, "relay.example.com").await;
        let mailer = open(options(&other_name, security, directory.path()));
        let sent = mailer.send(&letter("nina@example.com")).await;
        assert!(is_closed(&sent), "{sent:?}");
        assert!(other_name.logins().is_empty());
    }
}

#[tokio::test]
async fn mail_in_clear_stays_on_this_machine() {
    let beyond = SmtpOptions::new("relay.example.com", 25, Security::None);
    let refused = Mailer::open(Options::Smtp(beyond), Clock::System);
    assert!(matches!(refused, Err(OpenError::Plaintext { .. })));

    let relay = Relay::start(Protection::None).await;
    let mailer = open(SmtpOptions::new("127.0.0.1", relay.port, Security::None));
    mailer.send(&letter("nina@example.com")).await.unwrap();
    assert_eq!(relay.letters().len(), 1);
}

#[tokio::test]
async fn half_a_pair_of_credentials_is_refused() {
    let half = SmtpOptions {
        username: Some("accountd".to_owned()),
        ..SmtpOptions::new("localhost", 587, Security::StartTls)
    };
    let refused = Mailer::open(Options::Smtp(half), Clock::System);
    assert!(matches!(refused, Err(OpenError::Credentials)));
}

#[tokio::test]
async fn a_certificate_file_without_certificates_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("ca.pem");
    for content in ["", "no certificate\n"] {
        std::fs::write(&path, content).unwrap();
        let options = SmtpOptions {
            ca_file: Some(path.clone()),
            ..SmtpOptions::new("localhost", 587, Security::StartTls)
        };
        let refused = Mailer::open(Options::Smtp(options), Clock::System);
        assert!(matches!(refused, Err(OpenError::Certificates { .. })));
    }
}

#[tokio::test]
async fn connections_are_used_again() {
    let directory = tempfile::tempdir().unwrap();
    let relay = Relay::start(Protection::StartTls).await;
    relay.rule(At::Recipient, "gone", Reply::Say("550 5.1.1 unknown"));
    let mailer = open(options(&relay, Security::StartTls, directory.path()));
    mailer.send(&letter("nina@example.com")).await.unwrap();
    mailer.send(&letter("gone@example.com")).await.unwrap_err();
    mailer.send(&letter("omar@example.com")).await.unwrap();
    mailer.probe().await.unwrap();
    assert_eq!(relay.letters().len(), 2);
    assert_eq!(relay.connections(), 1);
}

#[tokio::test]
async fn sm_02_a_tarpit_is_cut_off() {
    let relay = Relay::start(Protection::None).await;
    relay.rule(At::Recipient, "tarpit", Reply::Silence);
    relay.rule(At::Content, "pit", Reply::Silence);
    let mailer = open(SmtpOptions {
        timeout: Duration::from_millis(300),
        ..SmtpOptions::new("localhost", relay.port, Security::None)
    });
    let later = mailer.send(&letter("tarpit@example.com")).await;
    assert!(matches!(later, Err(SendError::Later(_))), "{later:?}");
    let unsure = mailer.send(&letter("pit@example.com")).await;
    assert!(matches!(unsure, Err(SendError::Unsure(_))), "{unsure:?}");
    // A connection cut short is not used for the next letter, which would read the late answer as its own.
    mailer.send(&letter("nina@example.com")).await.unwrap();
    assert_eq!(relay.letters().len(), 1);

    relay.rule(At::Greeting, "", Reply::Silence);
    let mailer = open(SmtpOptions {
        timeout: Duration::from_millis(300),
        ..SmtpOptions::new("localhost", relay.port, Security::None)
    });
    let closed = mailer.send(&letter("nina@example.com")).await;
    assert!(is_closed(&closed), "{closed:?}");
}
