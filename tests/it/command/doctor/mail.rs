//! Relays that take no letters from us.

use super::{SECRET, examine};
use crate::support::{
    installation::Installation,
    redis::free_port,
    smtp::{Protection, Relay},
};

fn with_relay(port: u16) -> Installation {
    Installation::new()
        .with("ACCOUNTD_MAIL__KIND", "smtp")
        .with("ACCOUNTD_MAIL__SMTP_HOST", "localhost")
        .with("ACCOUNTD_MAIL__SMTP_PORT", port.to_string())
        .with("ACCOUNTD_MAIL__SMTP_USERNAME", "accountd")
        .with("ACCOUNTD_MAIL__SMTP_PASSWORD", SECRET)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_without_tls_gets_no_password() {
    let relay = Relay::start(Protection::None).await;
    let told = examine(&with_relay(relay.port));
    told.fails_alone("mail", &["STARTTLS", "mail.smtp_security"]);
    assert!(relay.logins().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_that_refuses_the_password_is_told_without_it() {
    let directory = tempfile::tempdir().unwrap();
    let relay = Relay::start(Protection::StartTls).await;
    let authority = relay.trust(directory.path()).display().to_string();
    let accountd = with_relay(relay.port).with("ACCOUNTD_MAIL__SMTP_CA_FILE", authority);
    examine(&accountd).fails_alone("mail", &["535", "AUTH", "mail.smtp_password"]);
    assert_eq!(relay.logins(), [format!("accountd {SECRET}")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_relay_of_an_unknown_authority_gets_no_password() {
    let relay = Relay::start(Protection::Tls).await;
    let accountd = with_relay(relay.port).with("ACCOUNTD_MAIL__SMTP_SECURITY", "tls");
    examine(&accountd).fails_alone("mail", &["certificate", "mail.smtp_ca_file"]);
    assert!(relay.logins().is_empty());
}

#[test]
fn a_relay_that_is_not_there_is_told() {
    let told = examine(&with_relay(free_port()));
    told.fails_alone("mail", &["localhost", "mail.smtp_host"]);
}

#[test]
fn letters_that_find_no_directory_are_told() {
    let accountd = Installation::new();
    std::fs::create_dir(accountd.path().join("data")).unwrap();
    std::fs::write(accountd.path().join("data/mail"), "").unwrap();
    examine(&accountd).fails_alone("mail", &["data/mail", "data_directory"]);
}
