//! What is told of hashes, of codes and of the process.

use accountd::{
    backend::Clock,
    mails::Purpose,
    metrics::{ALL, Checked, Issued},
    proto::{ResendOtpRequest, resend_otp_request::Subject},
};

use super::{ON, client};
use crate::support::{client::wrong, served::Served};

/// The name of a counter of codes.
fn codes(what: &str, purpose: &str, outcome: &str) -> String {
    format!("accountd_codes_{what}_total{{purpose=\"{purpose}\",outcome=\"{outcome}\"}}")
}

#[test]
fn purposes_are_those_of_the_mails() {
    let purposes = [
        Purpose::Activate,
        Purpose::Login,
        Purpose::ProveAddress,
        Purpose::ChangeEmail,
        Purpose::ResetPassword,
    ];
    for name in [
        "accountd_codes_issued_total",
        "accountd_codes_checked_total",
    ] {
        let metric = ALL.iter().find(|metric| metric.name == name).unwrap();
        assert_eq!(metric.labels[0].values, purposes.map(Purpose::as_str));
    }
}

#[tokio::test]
async fn codes_are_counted_by_purpose_and_outcome() {
    let accountd = Served::start(&[ON]).await;
    let ada = client(&accountd).await;
    let registered = ada.register(ada.registration("ada")).await.unwrap();
    let id = registered.account.unwrap().id;
    let code = accountd.code_for("ada@example.com", 1).await;
    ada.activate(&id, &wrong(&code)).await.unwrap_err();
    let mut rpc = accountd.client().await;
    let again = ResendOtpRequest {
        subject: Some(Subject::AccountId(id.clone())),
        ..ResendOtpRequest::default()
    };
    rpc.resend_otp(again).await.unwrap_err();
    ada.activate(&id, &code).await.unwrap();

    let page = accountd.page().await;
    let one = [
        codes("issued", "activate", Issued::Mailed.word()),
        codes("issued", "activate", Issued::TooSoon.word()),
        codes("checked", "activate", Checked::Incorrect.word()),
        codes("checked", "activate", Checked::Right.word()),
    ];
    for (name, value) in &page.values {
        if name.starts_with("accountd_codes_issued") || name.starts_with("accountd_codes_checked") {
            let expected = if one.contains(name) { 1.0 } else { 0.0 };
            assert!(page.says(name, expected), "{name} is {value}");
        }
    }
    for name in &one {
        page.value(name);
    }
}

#[tokio::test]
async fn hashes_and_the_process_are_told() {
    let before = Clock::System.now().seconds();
    let accountd = Served::start(&[ON, ("ACCOUNTD_PASSWORDS__THREADS", "3")]).await;
    let executed = "accountd_hashes_total{outcome=\"executed\"}";
    accountd.page_with(executed, 0.0).await;
    accountd.joined("ada").await;
    let page = accountd.page().await;
    let version = env!("CARGO_PKG_VERSION");
    let build = format!("accountd_build_info{{version=\"{version}\"}}");
    for (name, value) in [
        (executed, 1.0),
        ("accountd_hashes_total{outcome=\"refused\"}", 0.0),
        ("accountd_hash_wait_seconds_count", 1.0),
        ("accountd_hash_run_seconds_count", 1.0),
        ("accountd_hash_slots", 3.0),
        ("accountd_hash_slots_in_use", 0.0),
        ("accountd_hash_queue_length", 0.0),
        (build.as_str(), 1.0),
    ] {
        assert!(page.says(name, value), "{name} is not {value}: {page:#?}");
    }
    let started = page.value("process_start_time_seconds");
    #[expect(clippy::cast_possible_truncation, reason = "seconds of our days")]
    let started = started.floor() as i64;
    assert!((before - 1..=Clock::System.now().seconds()).contains(&started));
}
