//! PR-05, PR-09, PR-11: metadata, methods, content types and host names.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};
use tonic::Code;

use super::assert_serves_others;
use crate::support::{
    http2::{Connection, Frame, flag, kind, message},
    service::{Engines, start},
    wire,
};

/// The frames of the answer to a call with these headers.
async fn answer(address: std::net::SocketAddr, headers: &[(&str, &str)]) -> Vec<Frame> {
    let mut connection = Connection::open(address).await;
    connection
        .begin(1, &wire::own("GetCurrent"), headers)
        .await
        .unwrap();
    // The server may have hung up already.
    let _ = connection
        .send(kind::DATA, flag::END_STREAM, 1, &message(0, 0, &[]))
        .await;
    let is_end = |frame: &Frame| {
        let ends = frame.flags & flag::END_STREAM != 0 || frame.kind == kind::RST_STREAM;
        (frame.stream == 1 && ends) || frame.kind == kind::GOAWAY
    };
    connection.until(is_end).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pr_05_too_much_metadata_is_refused() {
    let node = start(Engines::Embedded).await;
    let many: Vec<String> = (0..1000).map(|number| format!("x-many-{number}")).collect();
    let many: Vec<(&str, &str)> = many.iter().map(|name| (name.as_str(), "value")).collect();
    let long = "x".repeat(15_000);
    for headers in [&many[..15], &[("x-long", long.as_str())]] {
        let frames = answer(node.address, headers).await;
        assert!(!frames.is_empty(), "what fits is answered");
    }
    // 1,000 entries exceed the limit of the list, as one of 64 kB does; neither reaches a handler.
    let metadata = wire::metadata(&many);
    let refused = wire::unary(
        &node.channel(),
        &wire::own("GetCurrent"),
        metadata,
        Vec::new(),
    )
    .await;
    assert_ne!(refused.unwrap_err().code(), Code::Unauthenticated);
    let longer = "x".repeat(64 * 1024);
    let metadata = wire::metadata(&[("x-long", &longer)]);
    let refused = wire::unary(
        &node.channel(),
        &wire::own("GetCurrent"),
        metadata,
        Vec::new(),
    )
    .await;
    assert_ne!(refused.unwrap_err().code(), Code::Unauthenticated);
    assert_serves_others(&node).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pr_05_metadata_that_is_no_text_is_no_panic() {
    let node = start(Engines::Embedded).await;
    for (name, value) in [
        ("authorization", "Bearer \u{e9}\u{ff}"),
        ("x-request-id", "\u{e9}"),
        ("x-forwarded-for", "\u{e9}"),
        ("user-agent", "\u{1f6a2}"),
        ("grpc-timeout", "\u{e9}S"),
        ("odd-bin", "this is not base64!"),
        ("grpc-trace-bin", "===="),
        ("grpc-status-details-bin", "!"),
        ("grpc-status", "0"),
        ("grpc-message", "%%%"),
        ("grpc-encoding", "\u{e9}"),
        ("grpc-accept-encoding", ",,,"),
    ] {
        let metadata = wire::metadata(&[(name, value)]);
        let path = wire::own("GetCurrent");
        let status = wire::unary(&node.channel(), &path, metadata, Vec::new())
            .await
            .unwrap_err();
        assert!(
            matches!(status.code(), Code::Unauthenticated | Code::Unimplemented),
            "{name}: {status:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pr_09_other_content_types_are_refused_as_the_protocol_says() {
    let node = start(Engines::Embedded).await;
    for kind_of_body in [
        "application/json",
        "application/grpc-web+proto",
        "text/plain",
        "",
        "application/grpcx",
    ] {
        let frames = answer(node.address, &[("content-type", kind_of_body)]).await;
        let last = frames.last().unwrap();
        assert_eq!(
            (last.kind, last.stream),
            (kind::HEADERS, 1),
            "{kind_of_body}"
        );
        // `:status 415` is not in HPACK's table: a literal value under the name of entry 8.
        assert!(
            is_status_415(&last.payload),
            "{kind_of_body}: {:?}",
            last.payload
        );
    }
    for kind_of_body in [
        "application/grpc",
        "application/grpc+proto",
        "application/grpc;x=y",
    ] {
        let frames = answer(node.address, &[("content-type", kind_of_body)]).await;
        assert!(
            !is_status_415(&frames.last().unwrap().payload),
            "{kind_of_body}"
        );
    }
}

/// Whether a block of headers says 415, plainly or in HPACK's Huffman code.
fn is_status_415(block: &[u8]) -> bool {
    // '4' is 011010, '1' is 00001, '5' is 011011, and the last bits are ones.
    let coded = [0b0110_1000, 0b0010_1101, 0b1111_1111];
    [&b"415"[..], &coded]
        .iter()
        .any(|text| block.windows(3).any(|bytes| bytes == *text))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pr_09_http_1_is_hung_up_on() {
    let node = start(Engines::Embedded).await;
    for request in [
        "GET / HTTP/1.1\r\nhost: localhost\r\n\r\n",
        "POST /accountd.v1.AccountService/Login HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n",
        "\u{16}\u{3}\u{1} this looks like TLS, and is not",
    ] {
        let mut socket = TcpStream::connect(node.address).await.unwrap();
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let read = timeout(Duration::from_secs(5), socket.read_to_end(&mut answer)).await;
        assert!(read.is_ok(), "it waits for more");
        assert!(answer.len() < 200);
    }
    assert_serves_others(&node).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pr_11_a_forged_host_gets_into_no_mail() {
    use accountd::proto;
    use prost::Message as _;
    let node = start(Engines::Embedded).await;
    let client = node.client();
    let body = client.registration("ada").encode_to_vec();
    let mut connection = Connection::open(node.address).await;
    let headers = [
        (":authority", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "host=evil.example;proto=http"),
        ("x-original-url", "http://evil.example/"),
    ];
    connection
        .begin(1, &wire::own("Register"), &headers)
        .await
        .unwrap();
    let length = u32::try_from(body.len()).unwrap();
    connection
        .send(kind::DATA, flag::END_STREAM, 1, &message(0, length, &body))
        .await
        .unwrap();
    let data = connection.until(|frame| frame.kind == kind::DATA).await;
    let answer = &data.last().unwrap().payload;
    let answer = proto::RegisterResponse::decode(&answer[5..]).unwrap();
    assert!(!format!("{answer:?}").contains("evil"));
    let mails = client.mails_to("ada@example.com", 1).await;
    assert!(mails.iter().all(|mail| !mail.contains("evil")));
}
