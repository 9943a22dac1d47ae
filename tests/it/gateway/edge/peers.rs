//! Who calls, through the gateway of this process and through one that speaks to another accountd.

use std::net::{IpAddr, Ipv4Addr};

use super::{ask_with, node_with};
use crate::{
    gateway::two_step::{LOGIN, REGISTRATION, code, verify_registration},
    support::{
        client::{Client, assert_refused},
        rest::Rest,
        service::{Engines, Node, start},
    },
};

/// Where the front end is; the gateway is at 127.0.0.1.
const SOURCE: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));

/// A core that believes these networks, and a gateway in front of it with nothing of its own.
async fn pair(trusted: &[&str]) -> (Node, Node) {
    let trusted = trusted.iter().map(|network| network.parse().unwrap());
    let core = node_with(|settings| settings.grpc.trusted_proxies = trusted.collect()).await;
    let address = format!("http://{}", core.address);
    let front = node_with(|settings| settings.gateway.address = Some(address)).await;
    (core, front)
}

/// Goes through a whole registration and login; the person as `core` knows it.
async fn joined(core: &Node, rest: &Rest) -> Client {
    let forged = [
        ("x-forwarded-for", "203.0.113.9"),
        ("content-type", "application/json"),
    ];
    let id = rest
        .send("POST /api/users", REGISTRATION)
        .await
        .at("/data/userId");
    let first = code(core, "naruto@gmail.com", 1).await;
    verify_registration(rest, &id, &first).await;
    rest.send("POST /api/users/login", LOGIN).await;
    let second = code(core, "naruto@gmail.com", 2).await;
    let body = format!(r#"{{"userId": "{id}", "username": "narutokonoha", "code": "{second}"}}"#);
    let mut request = rest.begin("POST", "/api/users/login/verify-verification-code");
    for (name, value) in forged {
        request = request.header(name, value);
    }
    let answer = rest.finish(request.body(body)).await;
    let token = answer.at("/data/token");
    core.client_of("two_step").with(&token)
}

async fn peer(client: &Client) -> String {
    let sessions = client.sessions().await.unwrap();
    let current = sessions.into_iter().find(|session| session.current);
    current.unwrap().peer_address
}

#[tokio::test]
async fn az_09_a_remote_gateway_that_is_trusted_tells_who_spoke_to_it() {
    let (core, front) = pair(&["127.0.0.1/32"]).await;
    let client = joined(&core, &front.rest_from(SOURCE, "two_step")).await;
    assert_eq!(peer(&client).await, "127.0.0.2", "not what the client says");
    let token = client.token.unwrap();
    let stranger = front.client_of("two_step").with(&token);
    assert_refused(
        stranger.current().await,
        tonic::Code::Unauthenticated,
        "TOKEN_INVALID",
    );
    let rest = front.rest("two_step").with(&token);
    assert_eq!(rest.ask("GET /api/users/current").await.status, 200);
}

#[tokio::test]
async fn az_09_a_remote_gateway_that_is_not_trusted_is_the_peer_itself() {
    let (core, front) = pair(&[]).await;
    let client = joined(&core, &front.rest_from(SOURCE, "two_step")).await;
    assert_eq!(peer(&client).await, "127.0.0.1");
}

#[tokio::test]
async fn az_09_in_process_a_proxy_is_believed_where_it_is_trusted() {
    let trusted = vec!["127.0.0.1/32".parse().unwrap()];
    let node = node_with(|settings| settings.grpc.trusted_proxies = trusted).await;
    let client = joined(&node, &node.rest("two_step")).await;
    assert_eq!(peer(&client).await, "203.0.113.9");
    let node = start(Engines::Embedded).await;
    let client = joined(&node, &node.rest_from(SOURCE, "two_step")).await;
    assert_eq!(peer(&client).await, "127.0.0.2");
}

#[tokio::test]
async fn a_core_that_does_not_answer_is_told_in_the_dialects_words() {
    let address = String::from("http://127.0.0.66:9");
    let front = node_with(|settings| settings.gateway.address = Some(address)).await;
    let answer = front
        .rest("two_step")
        .send("POST /api/users/login", LOGIN)
        .await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(
        !answer.at("/errors").contains("127.0.0.66"),
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn pr_11_a_forged_host_has_no_effect_on_mails() {
    let node = start(Engines::Embedded).await;
    let rest = node.rest("two_step");
    let forged = [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "evil"),
        ("forwarded", "host=evil.example;proto=evil"),
        ("x-original-url", "https://evil.example"),
    ];
    let answer = ask_with(&rest, ("GET", "/openapi.json"), &forged).await;
    assert!(!answer.text().contains("evil"));
    let mut request = rest.begin("POST", "/api/users");
    for (name, value) in forged {
        request = request.header(name, value);
    }
    let request = request.header("content-type", "application/json");
    let answer = rest.finish(request.body(REGISTRATION)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let client = node.client_of("two_step");
    let letters = client.mails_to("naruto@gmail.com", 1).await;
    assert!(!letters[0].contains("evil"), "{}", letters[0]);
}
