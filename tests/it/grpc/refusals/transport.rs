//! Refusals that tonic makes before any handler of ours sees the call.

use tonic::{Code, Status};

use super::assert_told;
use crate::support::{
    client::reason,
    service::{Engines, Node, start},
    wire,
};

const ID: (&str, &str) = ("x-request-id", "of-the-transport");

async fn refusal(node: &Node, path: &str, message: Vec<u8>) -> Status {
    let metadata = wire::metadata(&[ID]);
    let answer = wire::unary(&node.channel(), path, metadata, message).await;
    answer.expect_err(path)
}

#[track_caller]
fn assert_refusal(status: &Status, code: Code, expected: &str) {
    assert_told(status, ID.1, expected);
    assert_eq!((status.code(), reason(status).as_str()), (code, expected));
}

#[tokio::test]
async fn pr_09_unknown_methods_and_services_are_refused_with_a_reason() {
    let node = start(Engines::Embedded).await;
    for path in [
        "/accountd.v1.AccountService/Nothing",
        "/nothing.v1.Service/Login",
        "/",
    ] {
        let status = refusal(&node, path, Vec::new()).await;
        assert_refusal(&status, Code::Unimplemented, "METHOD_UNKNOWN");
    }
}

#[tokio::test]
async fn pr_08_bytes_that_are_no_message_are_refused_with_a_reason() {
    let node = start(Engines::Embedded).await;
    let status = refusal(&node, &wire::own("Login"), vec![0x0a, 0xff, 0xff, 0x01]).await;
    assert_refusal(&status, Code::InvalidArgument, "MALFORMED_REQUEST");
}

#[tokio::test]
async fn bi_01_a_message_over_the_limit_is_refused_with_a_reason() {
    let node = start(Engines::Embedded).await;
    let limit = node.ground.settings.grpc.max_message_bytes;
    let status = refusal(&node, &wire::own("Login"), vec![0x0a; limit + 1]).await;
    assert_refusal(&status, Code::InvalidArgument, "MALFORMED_REQUEST");
}

#[tokio::test]
async fn pr_07_compressed_messages_are_refused_with_a_reason() {
    let node = start(Engines::Embedded).await;
    for encoding in ["gzip", "deflate", "zstd", "made-up"] {
        let metadata = wire::metadata(&[ID, ("grpc-encoding", encoding)]);
        let answer = wire::unary(&node.channel(), &wire::own("Login"), metadata, Vec::new()).await;
        let status = answer.expect_err(encoding);
        assert_refusal(&status, Code::Unimplemented, "METHOD_UNKNOWN");
        assert_eq!(
            status.metadata().get("grpc-accept-encoding").unwrap(),
            "identity"
        );
    }
}
