//! What a call waits for: its parts are spans of their own.

use opentelemetry_proto::tonic::trace::v1::span::SpanKind;

use super::{LOGIN, RECORDED, TRACE, ended, login, traced, with};
use crate::support::{client::PASSWORD, collector::Collector, redis};

#[tokio::test]
async fn a_login_shows_its_hash_and_its_transaction() {
    let collector = Collector::start().await;
    let accountd = traced(&collector, &[]).await;
    accountd.joined("ada").await;
    let request = with(login("ada", PASSWORD), &[("traceparent", RECORDED)]);
    accountd.client().await.login(request).await.unwrap();
    ended(accountd).await;

    let call = collector.one(LOGIN, TRACE);
    for name in ["hash wait", "hash run"] {
        let part = collector.one(name, TRACE);
        assert_eq!((&part.parent, part.kind), (&call.id, SpanKind::Internal));
    }
    let transaction = collector.one("sql transaction", TRACE);
    assert_eq!(
        (&transaction.parent, transaction.kind),
        (&call.id, SpanKind::Client)
    );
    let told = |name| transaction.attribute(name);
    assert_eq!(told("db.system.name"), "sqlite");
    assert_eq!(
        (told("accountd.outcome"), transaction.is_error),
        ("committed", false)
    );
    assert_eq!(collector.named("redis take"), []);
}

#[tokio::test]
async fn a_mail_is_a_trace_of_its_own() {
    let collector = Collector::start().await;
    let accountd = traced(&collector, &[]).await;
    accountd.joined("ada").await;
    ended(accountd).await;
    let mail = collector.named("mail send").remove(0);
    assert_eq!((mail.parent.as_str(), mail.kind), ("", SpanKind::Client));
    assert_eq!(
        (mail.attribute("accountd.outcome"), mail.is_error),
        ("sent", false)
    );
}

#[tokio::test]
async fn round_trips_to_redis_are_shown() {
    let (collector, redis) = (Collector::start().await, redis::Server::start().await);
    let url = redis.url();
    let variables = [
        ("ACCOUNTD_KV__KIND", "redis"),
        ("ACCOUNTD_KV__URLS", url.as_str()),
        ("ACCOUNTD_KV__TIMEOUT", "5s"),
    ];
    let accountd = traced(&collector, &variables).await;
    accountd.joined("ada").await;
    let request = with(login("ada", PASSWORD), &[("traceparent", RECORDED)]);
    accountd.client().await.login(request).await.unwrap();
    ended(accountd).await;
    let call = collector.one(LOGIN, TRACE);
    let takes = collector.named("redis take");
    let take = takes.iter().find(|take| take.trace == TRACE).unwrap();
    assert_eq!((&take.parent, take.kind), (&call.id, SpanKind::Client));
    assert_eq!(take.attribute("db.system.name"), "redis");
    assert_eq!(take.attribute("db.operation.name"), "take");
}
