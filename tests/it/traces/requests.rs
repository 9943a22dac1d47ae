//! Requests to the REST dialects, and the calls that they become, here or at another accountd.

use opentelemetry_proto::tonic::trace::v1::span::SpanKind;

use super::{LOGIN, OTHER_TRACE, RECORDED, SPAN, TRACE, UNRECORDED, ended, traced};
use crate::support::{
    collector::{Collector, Seen},
    served::Served,
};

const ROUTE: &str = "POST /api/users/login";
const EMAIL: &str = "marked-nobody@example.com";

/// A login that is refused, by the dialect `contact`.
async fn log_in(accountd: &Served, traceparent: &str) {
    let rest = accountd.rest("contact");
    let body = format!(r#"{{"email": "{EMAIL}", "password": "not the password"}}"#);
    let request = rest
        .begin("POST", "/api/users/login")
        .header("content-type", "application/json")
        .header("traceparent", traceparent)
        .header("tracestate", "other=1");
    let answer = rest.finish(request.body(body)).await;
    assert_eq!(answer.status, 401, "{}", answer.text());
}

#[track_caller]
fn assert_is_request(span: &Seen) {
    assert_eq!((span.parent.as_str(), span.kind), (SPAN, SpanKind::Server));
    assert!(!span.is_error);
    for (name, value) in [
        ("http.request.method", "POST"),
        ("http.route", "/api/users/login"),
        ("http.response.status_code", "401"),
        ("url.scheme", "http"),
        ("accountd.dialect", "contact"),
    ] {
        assert_eq!(span.attribute(name), value, "{name}");
    }
    assert_eq!(span.attributes.len(), 5, "{span:#?}");
}

#[tokio::test]
async fn a_request_and_its_call_are_of_one_trace() {
    let collector = Collector::start().await;
    let accountd = traced(&collector, &[]).await;
    log_in(&accountd, RECORDED).await;
    log_in(&accountd, UNRECORDED).await;
    // Without waiting for the end of the service.
    collector.wait_for(ROUTE).await;
    ended(accountd).await;

    let request = collector.one(ROUTE, TRACE);
    assert_is_request(&request);
    let call = collector.one(LOGIN, TRACE);
    assert_eq!(
        (&call.parent, call.state.as_str()),
        (&request.id, "other=1")
    );
    let seen = collector.seen();
    assert!(seen.iter().all(|span| span.trace != OTHER_TRACE));
    assert!(!String::from_utf8_lossy(&collector.bytes()).contains(EMAIL));
}

#[tokio::test]
async fn a_trace_that_begins_with_a_request_is_one() {
    let collector = Collector::start().await;
    let accountd = traced(&collector, &[]).await;
    log_in(&accountd, "malformed").await;
    // Neither a path nor a method that a client makes up is told.
    let rest = accountd.rest("contact");
    rest.ask("GET /no/such/marked-path").await;
    rest.ask("MARKED /api/users").await;
    ended(accountd).await;

    let request = collector.named(ROUTE).remove(0);
    assert_eq!(request.parent, "");
    let call = collector.one(LOGIN, &request.trace);
    assert_eq!(call.parent, request.id);
    let lost = collector.named("GET").remove(0);
    assert_eq!(lost.attribute("http.response.status_code"), "404");
    assert_eq!(lost.attribute("http.route"), "");
    let odd = collector.named("_OTHER /api/users").remove(0);
    assert_eq!(odd.attribute("http.request.method"), "_OTHER");
    let bytes = collector.bytes();
    let text = String::from_utf8_lossy(&bytes);
    assert!(!text.contains("marked") && !text.contains("MARKED"));
}

#[tokio::test]
async fn the_trace_goes_on_at_another_accountd() {
    let collector = Collector::start().await;
    let back = traced(&collector, &[]).await;
    let address = format!("http://{}", back.address);
    let front = traced(&collector, &[("ACCOUNTD_GATEWAY__ADDRESS", &address)]).await;
    log_in(&front, RECORDED).await;
    log_in(&front, UNRECORDED).await;
    ended(front).await;
    ended(back).await;

    let request = collector.one(ROUTE, TRACE);
    assert_is_request(&request);
    let mut calls = collector.named(LOGIN);
    calls.sort_by_key(|call| call.kind != SpanKind::Client);
    let [asked, answered] = calls.as_slice() else {
        panic!("{calls:#?}");
    };
    assert_eq!((&asked.parent, asked.kind), (&request.id, SpanKind::Client));
    assert_eq!(
        (&answered.parent, answered.kind),
        (&asked.id, SpanKind::Server)
    );
    for call in [asked, answered] {
        let told = call.attribute("rpc.response.status_code");
        assert_eq!((told, call.is_error), ("NOT_FOUND", false));
    }
    let told = format!(
        "{}:{}",
        asked.attribute("server.address"),
        asked.attribute("server.port")
    );
    assert!(address.ends_with(&told), "{told}");
}

#[tokio::test]
async fn a_gateway_that_traces_nothing_passes_the_trace_on() {
    let collector = Collector::start().await;
    let back = traced(&collector, &[]).await;
    let address = format!("http://{}", back.address);
    let front = Served::start(&[("ACCOUNTD_GATEWAY__ADDRESS", &address)]).await;
    log_in(&front, RECORDED).await;
    log_in(&front, UNRECORDED).await;
    ended(back).await;
    let call = collector.one(LOGIN, TRACE);
    assert_eq!(
        (call.parent.as_str(), call.state.as_str()),
        (SPAN, "other=1")
    );
    assert_eq!(collector.named(LOGIN).len(), 1);
}

#[tokio::test]
async fn another_accountd_that_is_away_is_an_error() {
    let collector = Collector::start().await;
    let nowhere = ("ACCOUNTD_GATEWAY__ADDRESS", "http://127.0.0.1:1");
    let front = traced(&collector, &[nowhere]).await;
    let rest = front.rest("contact");
    let request = rest
        .begin("POST", "/api/users/login")
        .header("content-type", "application/json")
        .header("traceparent", RECORDED);
    let body = r#"{"email": "ada@example.com", "password": "not the password"}"#;
    let answer = rest.finish(request.body(body)).await;
    ended(front).await;
    let request = collector.one(ROUTE, TRACE);
    let status = answer.status.as_u16().to_string();
    assert_eq!(
        (request.attribute("error.type"), request.is_error),
        (status.as_str(), true)
    );
    let call = collector.one(LOGIN, TRACE);
    assert_eq!(
        (call.attribute("error.type"), call.is_error),
        ("unreachable", true)
    );
}
