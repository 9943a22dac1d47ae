//! Collectors that take spans by TLS, that are away, and that say nothing.

use tokio::net::TcpListener;

use super::{CURRENT, END, RECORDED, TRACE, ask, ended};
use crate::support::{authority::authority, collector::Collector, served::Served, waiting::until};

const TIMEOUT: (&str, &str) = ("ACCOUNTD_TRACES__TIMEOUT", "1s");

#[tokio::test]
async fn spans_go_by_tls_with_a_token() {
    let authority = authority();
    let collector = Collector::start_with(&authority).await;
    let (url, root) = (collector.tls_url(), authority.file("ca.crt"));
    let accountd = Served::start(&[
        ("ACCOUNTD_TRACES__ENDPOINT", &url),
        ("ACCOUNTD_TRACES__CA_FILE", &root),
        ("ACCOUNTD_TRACES__HEADERS", "x-token=marked-token"),
        ("ACCOUNTD_LOG__LEVEL", "trace"),
    ])
    .await;
    ask(&accountd, RECORDED).await;
    collector.wait_for(CURRENT).await;
    let log = accountd.log();
    ended(accountd).await;
    collector.one(CURRENT, TRACE);
    let tokens = collector.tokens();
    let token = Some(String::from("marked-token"));
    assert!(tokens.iter().all(|told| *told == token), "{tokens:?}");
    assert!(!log.contains("marked-token"), "the token is in the log");
}

#[tokio::test]
async fn a_collector_of_another_authority_gets_nothing() {
    let collector = Collector::start_with(&authority()).await;
    let other = authority();
    let (url, root) = (collector.tls_url(), other.file("ca.crt"));
    let accountd = Served::start(&[
        ("ACCOUNTD_TRACES__ENDPOINT", &url),
        ("ACCOUNTD_TRACES__CA_FILE", &root),
        TIMEOUT,
    ])
    .await;
    ask(&accountd, RECORDED).await;
    ended(accountd).await;
    assert_eq!(collector.seen(), []);
}

#[tokio::test]
async fn a_collector_that_is_away_holds_up_nothing() {
    let nowhere = ("ACCOUNTD_TRACES__ENDPOINT", "http://127.0.0.1:1");
    let mut accountd = Served::start(&[nowhere, TIMEOUT]).await;
    accountd.joined("ada").await;
    ask(&accountd, RECORDED).await;
    accountd.signal("TERM");
    assert!(accountd.ended(END).await.success());
    let log = accountd.log();
    let lost = "the collector takes no spans: they are lost until it does";
    assert_eq!(log.matches(lost).count(), 1, "{log}");
}

#[tokio::test]
async fn a_collector_that_says_nothing_holds_up_nothing() {
    // Connections are made, and nobody answers.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", silent.local_addr().unwrap());
    let endpoint = ("ACCOUNTD_TRACES__ENDPOINT", url.as_str());
    let mut accountd = Served::start(&[endpoint, TIMEOUT]).await;
    accountd.joined("ada").await;
    ask(&accountd, RECORDED).await;
    accountd.signal("TERM");
    assert!(accountd.ended(END).await.success());
}

#[tokio::test]
async fn a_collector_that_comes_late_gets_what_comes_then() {
    let place = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = place.local_addr().unwrap();
    drop(place);
    let url = format!("http://{address}");
    let endpoint = ("ACCOUNTD_TRACES__ENDPOINT", url.as_str());
    let accountd = Served::start(&[endpoint, TIMEOUT]).await;
    ask(&accountd, "malformed").await;
    let logs = |line: &'static str| {
        let accountd = &accountd;
        until(line, move || accountd.log().contains(line))
    };
    logs("the collector takes no spans").await;
    let collector = Collector::start_on(address).await;
    ask(&accountd, RECORDED).await;
    collector.wait_for(CURRENT).await;
    logs("the collector takes spans again").await;
    ended(accountd).await;
    collector.one(CURRENT, TRACE);
}
