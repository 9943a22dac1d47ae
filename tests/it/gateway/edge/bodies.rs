//! Bodies that are too long, or that do not arrive.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::node_with;

/// How long an answer may take, on a machine with other things to do.
const MOST: Duration = Duration::from_secs(30);

/// Sends these bytes and nothing more, and reads until the answer has this text.
async fn answer(address: SocketAddr, bytes: &str, text: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let mut read = Vec::new();
    let reading = async {
        while !String::from_utf8_lossy(&read).contains(text) {
            let count = stream.read_buf(&mut read).await.unwrap();
            assert_ne!(count, 0, "{}", String::from_utf8_lossy(&read));
        }
    };
    timeout(MOST, reading).await.expect("an answer");
    String::from_utf8(read).unwrap()
}

fn head(length: &str) -> String {
    format!(
        "POST /api/users HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{length}\r\n\r\n"
    )
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_whether_it_says_so_or_not() {
    let node = node_with(|settings| settings.gateway.body_bytes = 4096).await;
    let rest = node.rest("two_step");
    let fits = format!(r#"{{"x": "{}"}}"#, "x".repeat(4096 - 9));
    assert_eq!(rest.send("POST /api/users", &fits).await.status, 400);
    let body = format!("{fits} ");
    let told = r#"{"errors":"the body is too large"}"#;
    let answer_to = async |bytes: String| answer(node.address_of("two_step"), &bytes, told).await;
    let length = format!("content-length: {}", body.len());
    let announced = answer_to(head(&length) + &body).await;
    assert!(announced.starts_with("HTTP/1.1 413 "), "{announced}");
    let chunk = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    let chunked = answer_to(head("transfer-encoding: chunked") + &chunk).await;
    assert!(chunked.starts_with("HTTP/1.1 413 "), "{chunked}");
}

#[tokio::test]
async fn a_body_that_does_not_arrive_times_out_in_the_dialects_words() {
    let node = node_with(|settings| settings.gateway.timeout = Duration::from_millis(300)).await;
    let told = r#"{"errors":"the request took too long to arrive"}"#;
    let begun = head("content-length: 100") + "{";
    for dialect in ["two_step", "profile"] {
        let begun = match dialect {
            "profile" => begun.replace("/api/users", "/api/v1/users"),
            _ => begun.clone(),
        };
        let slow = answer(node.address_of(dialect), &begun, told).await;
        assert!(slow.starts_with("HTTP/1.1 408 "), "{slow}");
    }
}
