//! Spans, as a collector gets them from the real binary.

use std::{collections::BTreeMap, time::Duration};

use accountd::proto::{GetCurrentRequest, LoginRequest, login_request::Identifier};
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use tonic::{Code, Request, metadata::MetadataMap};
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

use crate::support::{collector::Collector, served::Served, wire};

mod collectors;
mod parts;
mod requests;

const CURRENT: &str = "accountd.v1.AccountService/GetCurrent";
const LOGIN: &str = "accountd.v1.AccountService/Login";

/// A trace of the caller's, and its span in it.
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const SPAN: &str = "b7ad6b7169203331";
const RECORDED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const OTHER_TRACE: &str = "11111111111111111111111111111111";
const UNRECORDED: &str = "00-11111111111111111111111111111111-b7ad6b7169203331-00";

/// More than any end of the service takes on a busy machine.
const END: Duration = Duration::from_mins(2);

/// A service that sends its spans to the collector.
async fn traced(collector: &Collector, variables: &[(&str, &str)]) -> Served {
    let url = collector.url();
    let mut all = vec![("ACCOUNTD_TRACES__ENDPOINT", url.as_str())];
    all.extend(variables);
    Served::start(&all).await
}

/// Ends it, which sends all that has not been sent.
async fn ended(mut accountd: Served) {
    accountd.signal("TERM");
    assert!(accountd.ended(END).await.success());
}

fn with<T>(message: T, entries: &[(&str, &str)]) -> Request<T> {
    let mut request = Request::new(message);
    *request.metadata_mut() = wire::metadata(entries);
    request
}

fn login(name: &str, password: &str) -> LoginRequest {
    LoginRequest {
        identifier: Some(Identifier::Username(name.to_owned())),
        password: password.to_owned(),
        ..LoginRequest::default()
    }
}

/// `GetCurrent` without a token, in the trace that the header tells.
async fn ask(accountd: &Served, traceparent: &str) {
    let request = with(GetCurrentRequest {}, &[("traceparent", traceparent)]);
    let refused = accountd.client().await.get_current(request).await;
    assert_eq!(refused.unwrap_err().code(), Code::Unauthenticated);
}

#[tokio::test]
async fn a_call_is_a_part_of_its_callers_trace() {
    let collector = Collector::start().await;
    let accountd = traced(
        &collector,
        &[(
            "ACCOUNTD_TRACES__ATTRIBUTES",
            "deployment.environment.name=test",
        )],
    )
    .await;
    let token = accountd.joined("ada").await;
    let bearer = format!("Bearer {token}");
    let entries = [
        ("authorization", bearer.as_str()),
        ("traceparent", RECORDED),
        ("tracestate", "other=1"),
    ];
    let request = with(GetCurrentRequest {}, &entries);
    accountd.client().await.get_current(request).await.unwrap();
    ended(accountd).await;

    let span = collector.one(CURRENT, TRACE);
    assert_eq!(
        (span.parent.as_str(), span.state.as_str()),
        (SPAN, "other=1")
    );
    assert_eq!((span.kind, span.is_error), (SpanKind::Server, false));
    let expected = [
        ("rpc.method", CURRENT),
        ("rpc.response.status_code", "OK"),
        ("rpc.system.name", "grpc"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(span.attributes, BTreeMap::from(expected));
    let resource = collector.resource();
    let told = |name: &str| resource[name].as_str();
    assert_eq!(told("service.name"), "accountd");
    assert_eq!(told("service.version"), env!("CARGO_PKG_VERSION"));
    assert_eq!(told("deployment.environment.name"), "test");
    assert_eq!(told("service.instance.id").len(), 36);
}

#[tokio::test]
async fn the_caller_decides_and_a_malformed_word_is_none() {
    let collector = Collector::start().await;
    let accountd = traced(&collector, &[]).await;
    ask(&accountd, UNRECORDED).await;
    ask(
        &accountd,
        "00-22222222222222222222222222222222-b7ad6b7169203331",
    )
    .await;
    ask(&accountd, RECORDED).await;
    ended(accountd).await;

    let calls = collector.named(CURRENT);
    assert_eq!(calls.len(), 2, "{calls:#?}");
    assert!(calls.iter().all(|call| call.trace != OTHER_TRACE));
    let begun = calls.iter().find(|call| call.trace != TRACE).unwrap();
    assert_eq!(begun.parent, "", "it begins a trace of its own");
    assert_ne!(begun.trace, "22222222222222222222222222222222");
}

#[tokio::test]
async fn with_a_ratio_of_none_only_the_callers_traces_are_recorded() {
    let collector = Collector::start().await;
    let accountd = traced(&collector, &[("ACCOUNTD_TRACES__RATIO", "0")]).await;
    accountd.joined("ada").await;
    accountd.rest("school").ask("GET /auth/details").await;
    ask(&accountd, "malformed").await;
    ask(&accountd, RECORDED).await;
    ended(accountd).await;
    let seen = collector.seen();
    assert!(seen.iter().all(|span| span.trace == TRACE), "{seen:#?}");
    collector.one(CURRENT, TRACE);
}

#[tokio::test]
async fn health_begins_no_trace() {
    let collector = Collector::start().await;
    let accountd = traced(&collector, &[]).await;
    let path = "/grpc.health.v1.Health/Check";
    let channel = accountd.channel().await;
    for entries in [&[][..], &[("traceparent", RECORDED)][..]] {
        let metadata: MetadataMap = wire::metadata(entries);
        wire::unary(&channel, path, metadata, Vec::new())
            .await
            .unwrap();
    }
    ended(accountd).await;
    let seen = collector.seen();
    assert_eq!(seen.len(), 1, "{seen:#?}");
    collector.one(&path[1..], TRACE);
}

#[tokio::test]
async fn a_refusal_is_no_error_but_a_method_that_there_is_not() {
    let collector = Collector::start().await;
    let accountd = traced(&collector, &[]).await;
    accountd.joined("ada").await;
    let mut rpc = accountd.client().await;
    let request = with(login("ada", "another one"), &[("traceparent", RECORDED)]);
    let refused = rpc.login(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
    let channel = accountd.channel().await;
    let entries = [("traceparent", RECORDED)];
    let hostile = wire::own("NoSuchMethod-marked");
    wire::unary(&channel, &hostile, wire::metadata(&entries), Vec::new())
        .await
        .unwrap_err();
    ended(accountd).await;

    let refused = collector.one(LOGIN, TRACE);
    let told = refused.attribute("rpc.response.status_code");
    assert_eq!((told, refused.is_error), ("UNAUTHENTICATED", false));
    assert_eq!(refused.attribute("error.type"), "");
    let unknown = collector.one("_OTHER", TRACE);
    let told = unknown.attribute("error.type");
    assert_eq!((told, unknown.is_error), ("UNIMPLEMENTED", true));
    let bytes = collector.bytes();
    assert!(!String::from_utf8_lossy(&bytes).contains("NoSuchMethod"));
}

#[tokio::test]
async fn a_call_whose_client_has_gone_is_cancelled() {
    const IN_FLIGHT: &str = "accountd_calls_in_flight";
    let collector = Collector::start().await;
    let metrics = ("ACCOUNTD_METRICS__LISTEN", "127.0.0.1:0");
    let accountd = traced(&collector, &[metrics]).await;
    let mut health = HealthClient::new(accountd.channel().await);
    let request = with(HealthCheckRequest::default(), &[("traceparent", RECORDED)]);
    let watch = health.watch(request).await.unwrap();
    accountd.page_with(IN_FLIGHT, 1.0).await;
    drop(watch);
    accountd.page_with(IN_FLIGHT, 0.0).await;
    ended(accountd).await;
    let span = collector.one("grpc.health.v1.Health/Watch", TRACE);
    let told = span.attribute("rpc.response.status_code");
    assert_eq!((told, span.is_error), ("CANCELLED", false));
}

#[tokio::test]
async fn the_log_names_the_trace() {
    let collector = Collector::start().await;
    let accountd = traced(&collector, &[("ACCOUNTD_LOG__LEVEL", "debug")]).await;
    ask(&accountd, RECORDED).await;
    ask(&accountd, UNRECORDED).await;
    let rest = accountd.rest("school");
    let request = rest.begin("GET", "/auth/details");
    rest.finish(request.header("traceparent", RECORDED)).await;
    let log = accountd.log();
    // A call, and a request with the call that it became.
    let of_trace = |trace: &str| {
        let lines = log.lines().filter(|line| line.contains("answered"));
        let field = format!("trace_id={trace}");
        lines.filter(|line| line.contains(&field)).count()
    };
    assert_eq!((of_trace(TRACE), of_trace(OTHER_TRACE)), (3, 1), "{log}");
}

#[tokio::test]
async fn without_a_collector_nothing_is_traced() {
    let accountd = Served::start(&[]).await;
    ask(&accountd, RECORDED).await;
    let log = accountd.log();
    assert!(!log.contains("trace_id"), "{log}");
}
