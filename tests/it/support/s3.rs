//! A real server that speaks S3, in Python (moto), shared by all tests of this process: each has a bucket of its own.

use std::{
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use accountd::backend::objects::{Remote, S3Options};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use super::{binary::tool, redis::free_port};

/// The secret that tests sign with. The server takes any.
pub const SECRET: &str = "kittens-and-mittens";

/// The port of the server, which is started when the first test asks.
///
/// It ends when standard input closes, which it does however the test process dies.
pub async fn port() -> u16 {
    static SHARED: tokio::sync::OnceCell<(u16, Child)> = tokio::sync::OnceCell::const_new();
    SHARED.get_or_init(start).await.0
}

/// Makes an empty bucket and gives its name.
pub async fn bucket() -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let name = format!("bucket-{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let answer = ask(port().await, "PUT", &format!("/{name}")).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    name
}

/// The options for a bucket, behind a port on loopback.
pub fn options(bucket: &str, port: u16) -> S3Options {
    S3Options {
        bucket: bucket.to_owned(),
        region: None,
        endpoint: Some(format!("http://127.0.0.1:{port}")),
        path_style: true,
        access_key_id: Some("tester".to_owned()),
        secret_access_key: Some(SECRET.into()),
        remote: Remote::default(),
    }
}

/// The keys in a bucket, as the server lists them.
pub async fn keys(bucket: &str) -> Vec<String> {
    let path = format!("/{bucket}?list-type=2");
    let answer = ask(port().await, "GET", &path).await.unwrap();
    let behind = answer.split("<Key>").skip(1);
    behind
        .filter_map(|text| Some(text.split_once("</Key>")?.0.to_owned()))
        .collect()
}

#[expect(clippy::zombie_processes, reason = "it lives as long as this process")]
async fn start() -> (u16, Child) {
    const GUARD: &str = r#"trap '' INT TERM HUP; "$@" >/dev/null 2>&1 & server=$!; read -r _; kill $server; wait $server"#;
    let program = tool("s3/bin/moto_server");
    let port = free_port();
    let guard = Command::new("sh")
        .args(["-c", GUARD, "sh"])
        .arg(program)
        .args(["--host", "127.0.0.1", "--port", &port.to_string()])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    for _ in 0..1200 {
        if ask(port, "GET", "/")
            .await
            .is_ok_and(|answer| answer.starts_with("HTTP/1.1 200"))
        {
            return (port, guard);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the S3 server does not come up");
}

/// One request without a body, and the whole answer.
async fn ask(port: u16, method: &str, path: &str) -> std::io::Result<String> {
    let mut socket = TcpStream::connect(("127.0.0.1", port)).await?;
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: s3.amazonaws.com\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    );
    socket.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await?;
    Ok(answer)
}
