//! LC-03: whatever a client calls itself or asks for, one event is one line of plain characters.

use accountd::proto::{self, login_request::Identifier};

use crate::support::{
    client::PASSWORD,
    http2::{Connection, flag, kind, message},
    served::Served,
    wire,
};

const HOSTILE: [&str; 5] = [
    "one\r\nFORGED 2026 INFO call: all is well",
    "one\nFORGED",
    "\u{1b}[31mFORGED\u{1b}[2J",
    "\u{9b}31mFORGED",
    "\u{2028}FORGED\u{85}FORGED",
];

async fn ask(binary: &Served, hostile: &str) {
    let mut rpc = binary.client().await;
    for text in [
        hostile.to_owned(),
        format!("{hostile}{}", "x".repeat(1 << 20)),
    ] {
        let registration = proto::RegisterRequest {
            username: text.clone(),
            email: String::from("ada@example.com"),
            full_name: text.clone(),
            password: PASSWORD.to_owned(),
            ..proto::RegisterRequest::default()
        };
        rpc.register(registration).await.unwrap_err();
        let login = proto::LoginRequest {
            realm: text.clone(),
            identifier: Some(Identifier::Username(text.clone())),
            password: text,
            ..proto::LoginRequest::default()
        };
        rpc.login(login.clone()).await.unwrap_err();
        let login = proto::LoginRequest {
            realm: String::new(),
            ..login
        };
        rpc.login(login).await.unwrap_err();
    }
    let address = binary.address.parse().unwrap();
    let path = format!("{}{hostile}", wire::own("GetCurrent"));
    let by_path = (path.as_str(), vec![]);
    let plain = wire::own("GetCurrent");
    let by_headers = [
        "user-agent",
        "x-request-id",
        "x-forwarded-for",
        "authorization",
        "grpc-timeout",
    ]
    .map(|name| (plain.as_str(), vec![(name, hostile)]));
    for (path, headers) in by_headers.into_iter().chain([by_path]) {
        let mut connection = Connection::open(address).await;
        connection.begin(1, path, &headers).await.unwrap();
        // Some of it is refused by HTTP/2 already.
        let _ = connection
            .send(kind::DATA, flag::END_STREAM, 1, &message(0, 0, &[]))
            .await;
        connection
            .until(|frame| frame.stream == 1 || frame.kind == kind::GOAWAY)
            .await;
    }
}

async fn lines(format: &str) -> Vec<String> {
    let binary = Served::start(&[
        ("ACCOUNTD_LOG__FORMAT", format),
        ("ACCOUNTD_LOG__LEVEL", "debug"),
        ("ACCOUNTD_LIMITS__ADDRESS_BURST", "0"),
    ])
    .await;
    for hostile in HOSTILE {
        ask(&binary, hostile).await;
    }
    let log = binary.log();
    let odd = |letter: char| letter != '\n' && (letter.is_control() || letter == '\u{2028}');
    assert_eq!(
        log.chars().find(|letter| odd(*letter)),
        None,
        "control characters are in the log"
    );
    log.lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lc_03_a_line_of_text_is_one_event() {
    for line in lines("text").await {
        assert!(line.starts_with("20"), "a line without its time: {line}");
        assert!(line.len() < 4096, "a line of {} bytes", line.len());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lc_03_a_line_of_json_is_one_event() {
    for line in lines("json").await {
        let event: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert!(event["timestamp"].is_string());
        assert!(line.len() < 4096, "a line of {} bytes", line.len());
    }
}
