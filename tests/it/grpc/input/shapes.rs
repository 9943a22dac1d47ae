//! BI-13: requests of an unexpected shape.

use accountd::proto::{self, OtpPurpose};
use prost::Message as _;
use tonic::Code;

use super::{assert_names, limits, quiet, roomy, traces};
use crate::support::{
    client::{assert_refused, reason},
    contract::{self, varint},
    service::{Engines, on_both_engines, start},
    wire,
};

/// A field of a number that no message of ours has: as a number, and as bytes.
fn unknown_fields() -> Vec<u8> {
    let mut bytes = Vec::new();
    for wire_type in [0, 2] {
        varint((4321 << 3) | wire_type, &mut bytes);
        varint(3, &mut bytes);
        if wire_type == 2 {
            bytes.extend(b"odd");
        }
    }
    bytes
}

on_both_engines! {
    async fn bi_13_unknown_fields_are_passed_over(engines) {
        let node = start(engines).await;
        let client = node.client();
        let message = [client.registration("ada").encode_to_vec(), unknown_fields()].concat();
        let path = wire::own("Register");
        wire::unary(&node.channel(), &path, wire::bearer(None), message).await.unwrap();
        client.code_for("ada@example.com").await;
    }
}

#[tokio::test]
async fn bi_13_an_unknown_purpose_is_refused() {
    let node = start(Engines::Embedded).await;
    for method in ["RequestOtp", "VerifyOtp", "ResendOtp"] {
        // The purpose's field number in each of them.
        let number = if method == "RequestOtp" { 3 } else { 5 };
        for purpose in [99_u64, u64::MAX] {
            let mut message = limits::base(method);
            varint(number << 3, &mut message);
            varint(purpose, &mut message);
            let path = wire::own(method);
            let answer = wire::unary(&node.channel(), &path, wire::bearer(None), message).await;
            assert_names(answer, "purpose", method);
        }
    }
}

#[tokio::test]
async fn bi_13_a_purpose_of_another_call_is_refused() {
    let node = start(Engines::Embedded).await;
    let client = node.client();
    let answer = client
        .request_otp("ada@example.com", OtpPurpose::Login)
        .await;
    assert_refused(answer, Code::InvalidArgument, "INVALID_FIELD");
}

#[tokio::test]
async fn bi_13_empty_requests_are_refused_and_leave_nothing() {
    let node = roomy(Engines::Embedded).await;
    let before = quiet(&node).await;
    for method in contract::methods() {
        let path = wire::own(&method.name);
        let answer = wire::unary(&node.channel(), &path, wire::bearer(None), Vec::new()).await;
        let status = answer.expect_err(&method.name);
        let expected = match status.code() {
            Code::InvalidArgument => "INVALID_FIELD",
            _ => "TOKEN_MISSING",
        };
        assert_eq!(reason(&status), expected, "{}", method.name);
    }
    assert_eq!(traces(&node).await, before);
}

#[tokio::test]
async fn bi_13_a_mask_without_end_is_refused_in_few_words() {
    let node = start(Engines::Embedded).await;
    let ada = node.client().joined("ada").await;
    for (path, count) in [
        ("full_name", 100_000),
        ("role", 100_000),
        ("password_hash", 16),
    ] {
        let mask = prost_types::FieldMask {
            paths: vec![path.to_owned(); count],
        };
        let message = proto::UpdateRequest {
            update_mask: Some(mask),
            ..proto::UpdateRequest::default()
        };
        let status = ada.update(message).await.expect_err(path);
        assert_eq!(reason(&status), "INVALID_FIELD");
        // Proxies cut headers at 8 KiB.
        assert!(
            status.details().len() < 2048,
            "{} bytes of details",
            status.details().len()
        );
        assert!(
            status.message().len() < 512,
            "{} bytes of text",
            status.message().len()
        );
    }
}

#[tokio::test]
async fn bi_13_nesting_without_end_is_refused() {
    let node = roomy(Engines::Embedded).await;
    let mut bytes = Vec::new();
    // A struct in a value in a struct, and so on: protobuf's own recursion limit is 100.
    for _ in 0..10_000 {
        for number in [5_u64, 2, 1] {
            let mut outer = Vec::with_capacity(bytes.len() + 8);
            varint((number << 3) | 2, &mut outer);
            varint(bytes.len() as u64, &mut outer);
            outer.extend(bytes);
            bytes = outer;
        }
    }
    let mut message = limits::base("Register");
    varint((9 << 3) | 2, &mut message);
    varint(bytes.len() as u64, &mut message);
    message.extend(bytes);
    let path = wire::own("Register");
    let answer = wire::unary(&node.channel(), &path, wire::bearer(None), message).await;
    assert_refused(answer.map(drop), Code::InvalidArgument, "MALFORMED_REQUEST");
}

#[tokio::test]
async fn bi_13_a_refusal_of_endless_attributes_fits_into_a_header() {
    use prost_types::{ListValue, Struct, Value, value::Kind};
    let node = roomy(Engines::Embedded).await;
    let text = || Value {
        kind: Some(Kind::StringValue(String::from("\u{7}"))),
    };
    let mut value = Value {
        kind: Some(Kind::ListValue(ListValue {
            values: vec![text(); 100],
        })),
    };
    for _ in 0..6 {
        value = Value {
            kind: Some(Kind::StructValue(Struct {
                fields: [("n".repeat(128), value)].into(),
            })),
        };
    }
    let client = node.client();
    let message = proto::RegisterRequest {
        attributes: Some(Struct {
            fields: [("n".repeat(128), value)].into(),
        }),
        ..client.registration("ada")
    };
    let status = client
        .register(message)
        .await
        .expect_err("control characters");
    assert_eq!(reason(&status), "INVALID_FIELD");
    let length = status.details().len() + status.message().len();
    assert!(
        length < 4096,
        "{length} bytes, and proxies cut headers at 8 KiB"
    );
}
