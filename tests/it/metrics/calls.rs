//! How long calls and requests take, by method, route and outcome.

use std::time::Duration;

use accountd::metrics::{
    self, ALL,
    calls::{CODES, ERRORS, METHODS},
};
use metrics_exporter_prometheus::PrometheusBuilder;
use reqwest::Method;
use tonic::Code;
use tonic_health::pb::{HealthCheckRequest, health_client::HealthClient};

use super::{ON, client};
use crate::support::{
    client::{PASSWORD, wrong},
    contract::{methods, methods_of},
    metrics::Page,
    served::Served,
    wire,
};

const CALLS: &str = "rpc_server_call_duration_seconds";
const REQUESTS: &str = "http_server_request_duration_seconds";
const IN_FLIGHT: &str = "accountd_calls_in_flight";

/// The name of the number of calls to the method that were answered so.
fn calls(method: &str, code: &str) -> String {
    let error = if ERRORS.contains(&code) {
        format!(",error_type=\"{code}\"")
    } else {
        String::new()
    };
    format!(
        "{CALLS}_count{{rpc_system_name=\"grpc\",rpc_method=\"{method}\",rpc_response_status_code=\"{code}\"{error}}}"
    )
}

/// The name of the number of requests to the route of `contact` that were answered so.
fn requests(method: &str, route: &str, status: u16) -> String {
    format!(
        "{REQUESTS}_count{{dialect=\"contact\",http_route=\"{route}\",http_request_method=\"{method}\",http_response_status_code=\"{status}\",url_scheme=\"http\"}}"
    )
}

fn own(method: &str) -> String {
    format!("accountd.v1.AccountService/{method}")
}

#[test]
fn the_methods_are_those_of_the_contract_and_what_stands_beside_it() {
    let mut served: Vec<String> = methods().iter().map(|method| own(&method.name)).collect();
    let of_operators = methods_of("AdminService").into_iter();
    served.extend(of_operators.map(|method| format!("accountd.v1.AdminService/{}", method.name)));
    served.extend(
        [
            "grpc.health.v1.Health/Check",
            "grpc.health.v1.Health/Watch",
            "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
            "grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
            "_OTHER",
        ]
        .map(str::to_owned),
    );
    assert_eq!(METHODS.to_vec(), served);
}

#[test]
fn each_code_stands_at_its_number_and_errors_are_those_of_a_server() {
    let name = |code: Code| format!("{code:?}").to_lowercase();
    for (number, word) in (0_i32..).zip(CODES) {
        assert_eq!(word.replace('_', "").to_lowercase(), name(number.into()));
    }
    let errors = [
        Code::Unknown,
        Code::DeadlineExceeded,
        Code::Unimplemented,
        Code::Internal,
        Code::Unavailable,
        Code::DataLoss,
    ];
    assert_eq!(ERRORS, errors.map(|code| CODES[code as usize]));
}

#[tokio::test]
async fn a_wrong_password_is_no_error_of_the_server_and_an_unknown_method_is_one() {
    let accountd = Served::start(&[ON]).await;
    accountd.joined("ada").await;
    let ada = client(&accountd).await;
    ada.login("ada", PASSWORD).await.unwrap();
    ada.login("ada", "not the password").await.unwrap_err();
    let channel = accountd.channel().await;
    for path in [
        "/accountd.v1.AccountService/marked",
        "/marked.Service/Login",
    ] {
        let bare = wire::bearer(None);
        let refused = wire::unary(&channel, path, bare, Vec::new()).await;
        assert_eq!(refused.unwrap_err().code(), Code::Unimplemented);
    }

    let page = accountd.page().await;
    for (name, number) in [
        (calls(&own("Register"), "OK"), 1.0),
        (calls(&own("VerifyOtp"), "OK"), 1.0),
        (calls(&own("Login"), "OK"), 1.0),
        (calls(&own("Login"), "UNAUTHENTICATED"), 1.0),
        (calls("_OTHER", "UNIMPLEMENTED"), 2.0),
    ] {
        assert!(
            page.says(&name, number),
            "{name} is not {number}: {page:#?}"
        );
    }
    // A login costs a hash, which takes far more than the first bucket and less than ten seconds.
    let login = calls(&own("Login"), "OK").replace("_count{", "_bucket{");
    let bucket = |bound: &str| login.replace('}', &format!(",le=\"{bound}\"}}"));
    assert!(page.says(&bucket("0.00001"), 0.0), "{page:#?}");
    assert!(page.says(&bucket("10"), 1.0), "{page:#?}");
    assert!(page.says(IN_FLIGHT, 0.0), "{page:#?}");
    assert!(
        !page.values.keys().any(|name| name.contains("marked")),
        "{page:#?}"
    );
}

#[tokio::test]
async fn a_call_is_in_flight_until_its_stream_ends_and_cancelled_if_nobody_waits() {
    let accountd = Served::start(&[ON]).await;
    let channel = accountd.channel().await;
    let whole = HealthCheckRequest::default();
    let mut watch = HealthClient::new(channel)
        .watch(whole)
        .await
        .unwrap()
        .into_inner();
    watch.message().await.unwrap().unwrap();
    let page = accountd.page_with(IN_FLIGHT, 1.0).await;
    let cancelled = calls("grpc.health.v1.Health/Watch", "CANCELLED");
    assert!(!page.values.contains_key(&cancelled), "{page:#?}");
    drop(watch);
    let page = accountd.page_with(&cancelled, 1.0).await;
    assert!(page.says(IN_FLIGHT, 0.0), "{page:#?}");
}

#[tokio::test]
async fn a_stream_that_is_read_to_its_end_has_the_code_behind_it() {
    let accountd = Served::start(&[ON]).await;
    let channel = accountd.channel().await;
    let mut reflection =
        tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient::new(channel);
    let question = tokio_stream::once(tonic_reflection::pb::v1::ServerReflectionRequest::default());
    let answers = reflection.server_reflection_info(question).await;
    let mut answers = answers.unwrap().into_inner();
    while let Ok(Some(_)) = answers.message().await {}
    let page = accountd.page().await;
    let method = "grpc.reflection.v1.ServerReflection/ServerReflectionInfo";
    let told: Vec<&String> = page
        .values
        .keys()
        .filter(|name| name.starts_with(&format!("{CALLS}_count")) && name.contains(method))
        .collect();
    let expected = calls(method, "INVALID_ARGUMENT");
    assert_eq!(told, [&expected], "{page:#?}");
}

#[tokio::test]
async fn lc_02_labels_have_routes_and_words_and_nothing_that_a_caller_made_up() {
    let accountd = Served::start(&[ON]).await;
    let rest = accountd.rest("contact");
    let register = r#"{"nama": "marked", "email": "marked@gmail.com", "telp": "08123123123", "password": "marked secret"}"#;
    let registered = rest.send("POST /api/users/register", register).await;
    assert_eq!(registered.status, 200);
    let code = accountd.code_for("marked@gmail.com", 1).await;
    let guess = wrong(&code);
    for line in [
        format!("POST /api/users/token/{guess}/marked%40gmail.com"),
        format!("POST /api/users/tokens/{code}/marked%40gmail.com"),
        format!("GET /marked?code={code}"),
        String::from("MARKED /api/users"),
        String::from("MARKED /marked"),
    ] {
        rest.ask(&line).await;
    }
    let page = accountd.page().await;
    for (name, number) in [
        (requests("POST", "_OTHER", 404), 1.0),
        (requests("GET", "_OTHER", 404), 1.0),
        (requests("_OTHER", "/api/users", 405), 1.0),
        (requests("_OTHER", "_OTHER", 404), 1.0),
    ] {
        assert!(
            page.says(&name, number),
            "{name} is not {number}: {page:#?}"
        );
    }
    let verify = "http_route=\"/api/users/token/{TOKEN}/{EMAIL}\"";
    assert!(page.values.keys().any(|name| name.contains(verify)));
    for name in page.values.keys() {
        for told in ["arked", "gmail", "08123123123", &code, &guess] {
            assert!(!name.contains(told), "{told} is in {name}");
        }
    }
    every_label_is_declared(&page);
}

/// Labels and their values are those that the docs name.
fn every_label_is_declared(page: &Page) {
    for name in page.values.keys() {
        let Some((metric, labels)) = name.split_once('{') else {
            continue;
        };
        let is_meant = |declared: &&metrics::Metric| {
            let rest = metric.strip_prefix(declared.name);
            rest.is_some_and(|rest| ["", "_bucket", "_count", "_sum"].contains(&rest))
        };
        let declared = ALL.iter().find(is_meant).unwrap();
        for label in labels.trim_end_matches('}').split("\",") {
            let (label, value) = label.split_once("=\"").unwrap();
            if label == "le" {
                continue;
            }
            let mut known = declared.labels.iter();
            let known = known.find(|known| known.name == label);
            let values = known.expect(name).values;
            let value = value.trim_end_matches('"');
            assert!(values.is_empty() || values.contains(&value), "{name}");
        }
    }
}

#[test]
fn where_nobody_reads_nothing_is_counted() {
    let recorder = PrometheusBuilder::new().build_recorder();
    ::metrics::with_local_recorder(&recorder, || {
        metrics::describe();
        let began = std::time::Instant::now();
        let call = metrics::calls::Call::begin("/accountd.v1.AccountService/Login", began);
        call.end(0, Duration::from_millis(1));
        assert!(metrics::requests::Requests::to("contact").is_none());
    });
    let page = recorder.handle().render();
    assert!(!page.contains(CALLS), "{page}");
    assert!(!page.contains(IN_FLIGHT), "{page}");
}

#[test]
fn the_methods_of_http_are_those_of_the_standard() {
    let known = metrics::requests::METHODS;
    for method in [
        Method::CONNECT,
        Method::DELETE,
        Method::GET,
        Method::HEAD,
        Method::OPTIONS,
        Method::PATCH,
        Method::POST,
        Method::PUT,
        Method::TRACE,
    ] {
        assert!(known.contains(&method.as_str()), "{method}");
    }
    assert_eq!((known.len(), known.last()), (10, Some(&"_OTHER")));
}
