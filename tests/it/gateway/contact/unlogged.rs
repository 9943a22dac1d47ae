//! LC-02: codes and addresses stand in paths, and passwords in bodies; none of them is in the log.

use super::{ACTIVE, CODE_INVALID, EMAIL_UNKNOWN, LOGIN, REGISTRATION, failed};
use crate::support::{
    client::wrong,
    http2::{Connection, flag, kind},
    served::Served,
};

/// A code of ten digits, since six stand in many a number by chance.
const VARIABLES: [(&str, &str); 2] = [
    ("ACCOUNTD_LOG__LEVEL", "trace"),
    ("ACCOUNTD_REALMS__CONTACT__CODE_DIGITS", "10"),
];

/// The HTTP/2 of the listener says more of what it reads than its HTTP/1.1.
async fn by_http2(binary: &Served, path: &str) {
    let mut connection = Connection::open(binary.dialect("contact")).await;
    connection.begin(1, path, &[]).await.unwrap();
    connection
        .send(kind::DATA, flag::END_STREAM, 1, &[])
        .await
        .unwrap();
    let frames = connection
        .until(|frame| frame.stream == 1 && frame.flags & flag::END_STREAM != 0)
        .await;
    assert!(frames.iter().any(|frame| frame.kind == kind::HEADERS));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lc_02_codes_and_addresses_of_paths_are_not_logged_at_the_finest_level() {
    let binary = Served::start(&VARIABLES).await;
    let rest = binary.rest("contact");
    let register = "POST /api/users/register";
    assert_eq!(rest.send(register, REGISTRATION).await.status, 200);
    let code = binary.code_for("broo@gmail.com", 1).await;
    let guess = wrong(&code);
    for kind in ["token", "otp"] {
        let line = format!("POST /api/users/{kind}/{guess}/broo%40gmail.com");
        assert_eq!(rest.ask(&line).await.told(), CODE_INVALID);
    }
    let line = format!("POST /api/users/token/{code}/%FF");
    assert_eq!(rest.ask(&line).await.told(), CODE_INVALID);
    let line = format!("GET /api/users/token/{code}/broo@gmail.com");
    assert_eq!(rest.ask(&line).await.status, 405);
    let line = format!("POST /api/users/tokens/{code}/broo@gmail.com");
    assert_eq!(rest.ask(&line).await.told(), failed(404, "no such path"));
    let line = format!("POST /api/users/token/{code}/broo@gmail.com");
    let answer = rest.ask(&line).await;
    assert_eq!(answer.told(), ACTIVE);
    let token = answer.at("/data/token");
    let resend = "POST /api/users/resend-token/broo%40gmail.com";
    assert_eq!(rest.ask(resend).await.told(), EMAIL_UNKNOWN);
    assert_eq!(rest.send("POST /api/users/login", LOGIN).await.status, 200);
    by_http2(&binary, &format!("/api/users/token/{code}/broo@gmail.com")).await;
    let log = binary.log();
    assert!(log.contains("TRACE"), "the level is as fine as it gets");
    assert!(log.contains("route=\"/api/users/token/{TOKEN}/{EMAIL}\""));
    let secret = token.rsplit('.').next().unwrap();
    for told in [
        code.as_str(),
        guess.as_str(),
        secret,
        "broo@gmail.com",
        "broo%40gmail.com",
        "first secret",
        "08123123123",
    ] {
        let line = log.lines().find(|line| line.contains(told));
        assert_eq!(line, None, "{told} is in the log");
    }
}
