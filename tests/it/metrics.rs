//! What is counted, and where it is read.

use std::{collections::BTreeMap, time::Duration};

use accountd::{
    backend::{Clock, Mailer, mail},
    error::Error,
    metrics::{self, ALL, Kind},
};
use metrics_exporter_prometheus::PrometheusBuilder;
use sea_orm::{ConnAcquireErr, DbErr};

use crate::support::{
    client::{Client, PASSWORD},
    metrics::Page,
    postgres, redis,
    rest::Rest,
    served::Served,
};

mod calls;
mod forgetting;
mod inside;
mod keys;

const ON: (&str, &str) = ("ACCOUNTD_METRICS__LISTEN", "127.0.0.1:0");

/// A service on PostgreSQL and that Redis, patient with a busy machine.
async fn on_production(redis: &redis::Server) -> Served {
    let (database, url) = (postgres::database().await, redis.url());
    Served::start(&[
        ON,
        ("ACCOUNTD_STORE__URL", &database),
        ("ACCOUNTD_STORE__MIGRATE", "always"),
        ("ACCOUNTD_KV__KIND", "redis"),
        ("ACCOUNTD_KV__URLS", &url),
        ("ACCOUNTD_KV__TIMEOUT", "5s"),
    ])
    .await
}

/// A client of it that reads its mails from the files.
async fn client(accountd: &Served) -> Client {
    let mailer = Mailer::open(mail::Options::Memory, Clock::System).unwrap();
    Client::new(accountd.client().await, "default", mailer)
}

#[tokio::test]
async fn the_page_has_what_the_docs_name_and_nothing_else_is_answered() {
    let accountd = Served::start(&[ON]).await;
    // A histogram is there from its first value on.
    accountd.joined("ada").await;
    accountd.rest("school").ask("GET /auth/details").await;
    accountd
        .page_with("accountd_mail_outbox_lag_seconds", 0.0)
        .await;
    let page = accountd
        .page_with("accountd_dependency_up{dependency=\"pictures\"}", 1.0)
        .await;
    let named: BTreeMap<String, String> = ALL
        .iter()
        .map(|metric| (metric.name.to_owned(), metric.kind.as_str().to_owned()))
        .collect();
    assert_eq!(page.kinds, named);
    assert_eq!(page.explained.len(), named.len(), "{page:#?}");
    for metric in ALL.iter().filter(|metric| metric.kind == Kind::Counter) {
        let [first, rest @ ..] = metric.labels else {
            page.value(metric.name);
            continue;
        };
        let told = |labels: &str| page.value(&format!("{}{{{labels}}}", metric.name));
        for value in first.values {
            let first = format!("{}=\"{value}\"", first.name);
            let Some(second) = rest.first() else {
                told(&first);
                continue;
            };
            for value in second.values {
                told(&format!("{first},{}=\"{value}\"", second.name));
            }
        }
    }

    let rest = Rest::new(accountd.metrics().unwrap());
    let answer = rest.ask("GET /metrics").await;
    let kind = answer.headers["content-type"].to_str().unwrap();
    assert!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
    for (line, status) in [
        ("GET /", 404),
        ("GET /metrics/", 404),
        ("GET /metrics/all", 404),
        ("GET /docs", 404),
        ("POST /metrics", 405),
        ("DELETE /metrics", 405),
    ] {
        assert_eq!(rest.ask(line).await.status, status, "{line}");
    }
}

#[tokio::test]
async fn nothing_listens_unless_it_is_told_to() {
    let accountd = Served::start(&[]).await;
    assert_eq!(accountd.metrics(), None);
    let answer = accountd.rest("school").ask("GET /metrics").await;
    assert_eq!(answer.status, 404);
}

#[tokio::test]
async fn the_listener_ends_with_the_service() {
    let mut accountd = Served::start(&[ON]).await;
    // Kept open, as a monitoring does.
    let rest = Rest::new(accountd.metrics().unwrap());
    assert_eq!(rest.ask("GET /metrics").await.status, 200);
    accountd.signal("TERM");
    assert!(accountd.ended(Duration::from_mins(1)).await.success());
}

#[tokio::test]
async fn a_taken_address_stops_the_start() {
    let other = Served::start(&[ON]).await;
    let taken = other.metrics().unwrap().to_string();
    let directory = tempfile::tempdir().unwrap();
    let told = Served::refusal(directory.path(), &[("ACCOUNTD_METRICS__LISTEN", &taken)]).await;
    assert!(
        told.contains(&format!("cannot listen on {taken}")),
        "{told}"
    );
}

#[tokio::test]
async fn refusals_and_mails_are_counted() {
    let accountd = Served::start(&[
        ON,
        ("ACCOUNTD_LIMITS__LOGIN_BURST", "2"),
        ("ACCOUNTD_LIMITS__LOGIN_PERIOD", "1h"),
    ])
    .await;
    accountd.joined("ada").await;
    let ada = client(&accountd).await;
    let first = ada.login("ada", PASSWORD).await.unwrap().tokens.unwrap();
    let mut next = first.refresh_token.clone();
    for _ in 0..2 {
        next = ada.refresh(&next).await.unwrap().refresh_token;
    }
    for _ in 0..2 {
        ada.refresh(&first.refresh_token).await.unwrap_err();
    }
    for _ in 0..3 {
        ada.login("ada", "not the password").await.unwrap_err();
    }
    let page = accountd
        .page_with("accountd_mail_attempts_total{outcome=\"sent\"}", 1.0)
        .await;
    for (name, value) in [
        ("accountd_refresh_reuse_total", 1.0),
        ("accountd_rate_limited_total{limit=\"login\"}", 1.0),
        ("accountd_rate_limited_total{limit=\"account\"}", 0.0),
        ("accountd_sql_unavailable_total", 0.0),
        ("accountd_dependency_up{dependency=\"sql\"}", 1.0),
        ("accountd_dependency_up{dependency=\"kv\"}", 1.0),
    ] {
        assert!(page.says(name, value), "{name} is not {value} in {page:#?}");
    }
}

#[test]
fn a_database_that_does_not_answer_is_counted_and_one_that_refuses_is_not() {
    let recorder = PrometheusBuilder::new().build_recorder();
    ::metrics::with_local_recorder(&recorder, || {
        metrics::describe();
        let away = DbErr::ConnectionAcquire(ConnAcquireErr::Timeout);
        assert_eq!(
            Error::from(away),
            Error::DependencyUnavailable { dependency: "sql" }
        );
        assert_eq!(
            Error::from(DbErr::Custom(String::from("wrong"))).reason(),
            "INTERNAL"
        );
    });
    let page = Page::parse(&recorder.handle().render());
    assert!(
        page.says("accountd_sql_unavailable_total", 1.0),
        "{page:#?}"
    );
}
