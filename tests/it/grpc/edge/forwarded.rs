//! `x-forwarded-for` is believed from trusted proxies only, and only as far as they have written it.

use crate::support::{
    client::PASSWORD,
    service::{Engines, Ground, Node, start},
    wire,
};
use accountd::proto::{self, login_request::Identifier};
use prost::Message as _;

/// The address that a login is remembered under.
async fn remembered(node: &Node, lines: &[&str]) -> String {
    let client = node.client();
    let entries: Vec<(&str, &str)> = lines
        .iter()
        .map(|line| ("x-forwarded-for", *line))
        .collect();
    let message = proto::LoginRequest {
        identifier: Some(Identifier::Username(String::from("ada"))),
        password: PASSWORD.to_owned(),
        ..proto::LoginRequest::default()
    };
    let metadata = wire::metadata(&entries);
    let path = wire::own("Login");
    let answer = wire::unary(&node.channel(), &path, metadata, message.encode_to_vec()).await;
    let answer = proto::LoginResponse::decode(answer.unwrap().into_inner().as_slice()).unwrap();
    let ada = client.with(&answer.tokens.unwrap().access_token);
    let sessions = ada.sessions().await.unwrap();
    let current = sessions.into_iter().find(|session| session.current);
    current.unwrap().peer_address
}

#[tokio::test]
async fn az_09_without_trusted_proxies_the_connection_counts() {
    let node = start(Engines::Embedded).await;
    node.client().join("ada").await;
    for lines in [&[][..], &["203.0.113.9"], &["203.0.113.9, 127.0.0.1"]] {
        assert_eq!(remembered(&node, lines).await, "127.0.0.1");
    }
}

#[tokio::test]
async fn az_09_a_trusted_proxy_is_believed_as_far_as_it_has_seen() {
    let ground = Ground::with(Engines::Embedded, |settings| {
        settings.grpc.trusted_proxies = vec![
            "127.0.0.0/8".parse().unwrap(),
            "10.0.0.0/8".parse().unwrap(),
        ];
    });
    let node = ground.await.node().await;
    node.client().join("ada").await;
    for (lines, expected) in [
        (&[][..], "127.0.0.1"),
        (&["203.0.113.9"], "203.0.113.9"),
        // What stands left of the first stranger was written by that stranger.
        (&["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
        (&["198.51.100.1, 203.0.113.9, 10.1.2.3"], "203.0.113.9"),
        (&["198.51.100.1", "203.0.113.9"], "203.0.113.9"),
        (&["10.9.9.9, 10.1.2.3"], "10.9.9.9"),
        (&["203.0.113.9, nonsense"], "127.0.0.1"),
        (&["203.0.113.9, nonsense, 10.1.2.3"], "10.1.2.3"),
        (&["::ffff:203.0.113.9"], "203.0.113.9"),
        (&["2001:db8::7"], "2001:db8::7"),
    ] {
        assert_eq!(remembered(&node, lines).await, expected, "{lines:?}");
    }
}
