//! Every refusal tells why, in the closed words of the contract.

mod samples;
mod transport;

use std::collections::{BTreeMap, BTreeSet};

use accountd::grpc::status::{code, status};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::input::base;
use crate::support::{
    contract, reasons,
    service::{Engines, Node, on_both_engines, start},
    wire,
};

/// Reasons for which no operation of ours decides.
const OF_TRANSPORT: [&str; 1] = ["METHOD_UNKNOWN"];

/// Asserts that the status says all that a refusal must say.
#[track_caller]
fn assert_told(status: &Status, request_id: &str, what: &str) {
    let details = status.get_error_details();
    let info = details
        .error_info()
        .unwrap_or_else(|| panic!("{what}: no reason: {status:?}"));
    assert_eq!(info.domain, "accountd", "{what}");
    let listed = reasons::all();
    let reason = listed.iter().find(|reason| reason.name == info.reason);
    let reason = reason.unwrap_or_else(|| panic!("{what}: {} is not listed", info.reason));
    assert_eq!(name(status.code()), reason.code, "{what}: {status:?}");
    let about = details
        .request_info()
        .unwrap_or_else(|| panic!("{what}: no request info"));
    assert_eq!(about.request_id, request_id, "{what}");
    let waits = matches!(status.code(), Code::ResourceExhausted | Code::Unavailable);
    assert!(
        !waits || details.retry_info().is_some(),
        "{what}: no wait: {status:?}"
    );
    let limited = ["RATE_LIMITED", "CODE_QUOTA_EXCEEDED"].contains(&info.reason.as_str());
    assert_eq!(
        details.quota_failure().is_some(),
        limited,
        "{what}: {status:?}"
    );
    assert!(
        status.details().len() < 2048,
        "{what}: proxies cut headers at 8 KiB"
    );
    assert!(!status.message().is_empty(), "{what}: no text");
}

/// The code as the protocol writes it.
fn name(code: Code) -> String {
    let mut name = String::new();
    for letter in format!("{code:?}").chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_uppercase());
    }
    name
}

#[test]
fn every_reason_is_an_errors_or_the_transports() {
    let contract: BTreeSet<String> = contract::reasons().into_iter().collect();
    let ours = samples::all()
        .into_iter()
        .map(|error| error.reason().to_owned());
    let mut known: BTreeSet<String> = ours.collect();
    known.extend(OF_TRANSPORT.map(str::to_owned));
    known.insert(String::from("UNSPECIFIED"));
    assert_eq!(contract, known);
}

#[test]
fn every_refusal_has_the_code_and_the_metadata_that_the_contract_states() {
    let listed: BTreeMap<String, reasons::Reason> = reasons::all()
        .into_iter()
        .map(|reason| (reason.name.clone(), reason))
        .collect();
    for error in samples::all() {
        let told = status(&error, "id");
        assert_told(&told, "id", error.reason());
        assert_eq!(told.code(), code(&error));
        let info = told.get_details_error_info().unwrap();
        let example = &listed[error.reason()].example;
        let example: BTreeMap<String, String> = serde_json::from_str(example).unwrap();
        let stated: BTreeSet<&String> = example.keys().collect();
        let found: BTreeSet<&String> = info.metadata.keys().collect();
        assert_eq!(found, stated, "{}", error.reason());
    }
}

#[test]
fn a_fault_of_ours_is_told_in_neutral_words() {
    let error = accountd::error::Error::Internal(String::from("table accounts is gone"));
    let told = status(&error, "the-id");
    assert_eq!(told.message(), "internal fault, logged as the-id");
    assert!(!format!("{told:?}").contains("accounts"));
}

/// Requests that each RPC refuses, with the metadata that goes along.
fn refused(method: &str) -> Vec<(&'static str, Option<&'static str>, Vec<u8>)> {
    vec![
        ("without a token, empty", None, Vec::new()),
        (
            "with a token of nobody's",
            Some("not.a.token"),
            base(method),
        ),
        ("with bytes that are no message", None, vec![0xff; 64]),
        (
            "with text that is not UTF-8",
            None,
            vec![0x0a, 2, 0xc3, 0x28],
        ),
        (
            "of a realm that is not served",
            None,
            [base(method), in_realm("nowhere")].concat(),
        ),
    ]
}

fn in_realm(name: &str) -> Vec<u8> {
    let mut bytes = vec![0x0a];
    contract::varint(name.len() as u64, &mut bytes);
    bytes.extend(name.as_bytes());
    bytes
}

async fn ask(node: &Node, method: &str, token: Option<&str>, message: Vec<u8>) -> Option<Status> {
    let mut metadata = wire::bearer(token);
    metadata.insert("x-request-id", "asked-by-a-test".parse().unwrap());
    wire::unary(&node.channel(), &wire::own(method), metadata, message)
        .await
        .err()
}

on_both_engines! {
    async fn every_rpc_tells_why_it_refuses(engines) {
        let node = start(engines).await;
        for method in contract::methods() {
            let mut refusals = 0;
            for (how, token, message) in refused(&method.name) {
                let what = format!("{} {how}", method.name);
                if let Some(status) = ask(&node, &method.name, token, message).await {
                    assert_told(&status, "asked-by-a-test", &what);
                    assert_ne!(status.code(), Code::Internal, "{what}");
                    refusals += 1;
                }
            }
            assert!(refusals >= 3, "{} refuses hardly anything", method.name);
        }
    }
}

#[tokio::test]
async fn every_wrong_field_is_told_at_once() {
    let node = start(Engines::Embedded).await;
    let message = accountd::proto::RegisterRequest {
        username: String::from("\u{200b}"),
        email: String::from("nobody"),
        phone: String::from("phone"),
        full_name: "n".repeat(256),
        locale: String::from("xx"),
        password: String::from("short"),
        ..accountd::proto::RegisterRequest::default()
    };
    let status = node.client().register(message).await.unwrap_err();
    let told = status.get_details_bad_request().unwrap();
    let mut fields: Vec<String> = told
        .field_violations
        .iter()
        .map(|one| one.field.clone())
        .collect();
    fields.sort();
    assert_eq!(
        fields,
        [
            "email",
            "full_name",
            "locale",
            "password",
            "phone",
            "username"
        ]
    );
    assert!(
        told.field_violations
            .iter()
            .all(|one| !one.reason.is_empty())
    );
    assert_eq!(
        status.get_details_error_info().unwrap().metadata["fields"]
            .split(',')
            .count(),
        6
    );
}
