//! AZ-09: what a client writes into its metadata makes it nobody else.

use accountd::proto::{self, login_request::Identifier};
use ipnet::IpNet;
use tonic::{Code, Request, Status, metadata::AsciiMetadataValue};

use crate::support::{
    client::{Client, PASSWORD, assert_refused},
    service::{Ground, Node, on_both_engines, start},
};

/// A request with lines that a proxy may set and a client may not.
fn pretending<T>(client: &Client, message: T, id: &str, address: &str) -> Request<T> {
    let mut request = client.request(message);
    for (name, value) in [
        ("x-user-id", id),
        ("x-account-id", id),
        ("x-role", "ADMIN"),
        ("x-realm", "school"),
        ("grpc-metadata-x-user-id", id),
        ("grpc-metadata-x-role", "ADMIN"),
        ("grpcgateway-authorization", "Bearer eve"),
        ("forwarded", "for=203.0.113.9"),
        ("x-real-ip", "203.0.113.9"),
        ("x-forwarded-for", address),
    ] {
        let value = AsciiMetadataValue::try_from(value).unwrap();
        request.metadata_mut().insert(name, value);
    }
    request
}

async fn login(client: &Client, address: &str) -> Result<proto::LoginResponse, Status> {
    let message = proto::LoginRequest {
        identifier: Some(Identifier::Username(String::from("ada"))),
        password: PASSWORD.to_owned(),
        ..proto::LoginRequest::default()
    };
    let request = pretending(client, message, "", address);
    Ok(client.rpc.clone().login(request).await?.into_inner())
}

/// Where the newest session is said to come from.
async fn newest_peer(node: &Node, login: proto::LoginResponse) -> String {
    let ada = node.client().with(&login.tokens.unwrap().access_token);
    ada.sessions()
        .await
        .unwrap()
        .into_iter()
        .find(|session| session.current)
        .unwrap()
        .peer_address
}

on_both_engines! {
    async fn az_09_metadata_names_neither_account_nor_role(engines) {
        let node = start(engines).await;
        let ada = node.client().joined("ada").await;
        let eve_id = node.client().join("eve").await.account.unwrap().id;
        let own = ada.current().await.unwrap();
        let request = pretending(&ada, proto::GetCurrentRequest {}, &eve_id, "203.0.113.9");
        let answer = ada.rpc.clone().get_current(request).await.unwrap().into_inner();
        assert_eq!(answer.account.unwrap(), own);

        let nobody = node.client();
        let request = pretending(&nobody, proto::GetCurrentRequest {}, &eve_id, "203.0.113.9");
        let answer = nobody.rpc.clone().get_current(request).await;
        assert_refused(answer, Code::Unauthenticated, "TOKEN_MISSING");
    }

    async fn az_09_a_forwarded_address_counts_only_from_a_trusted_proxy(engines) {
        let node = start(engines).await;
        node.client().join("ada").await;
        let answer = login(&node.client(), "203.0.113.9").await.unwrap();
        assert_eq!(newest_peer(&node, answer).await, "127.0.0.1");

        let ground = Ground::with(engines, |settings| {
            settings.grpc.trusted_proxies = vec!["127.0.0.0/8".parse::<IpNet>().unwrap()];
        });
        let node = ground.await.node().await;
        node.client().join("ada").await;
        let answer = login(&node.client(), "10.1.2.3, 203.0.113.9").await.unwrap();
        assert_eq!(newest_peer(&node, answer).await, "203.0.113.9");
    }

    async fn az_09_a_forwarded_address_dodges_no_limit(engines) {
        let ground = Ground::with(engines, |settings| {
            settings.limits.address_burst = 5;
            settings.limits.address_period = std::time::Duration::from_hours(1);
        });
        let node = ground.await.node().await;
        let mut answered = 0;
        for number in 0..8 {
            let refused = login(&node.client(), &format!("203.0.113.{number}")).await.unwrap_err();
            if refused.code() == Code::Unauthenticated {
                answered += 1;
            } else {
                assert_refused::<()>(Err(refused), Code::ResourceExhausted, "RATE_LIMITED");
            }
        }
        assert_eq!(answered, 5);
    }
}
