//! Register tells whether a user name is taken, as it must; how often it does is limited (I13).

use std::time::Duration;

use accountd::config::Settings;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::support::{
    client::{Client, assert_refused, reason},
    service::{Ground, on_both_engines},
};

fn narrow(settings: &mut Settings) {
    settings.limits.address_burst = 5;
    settings.limits.address_period = Duration::from_hours(1);
    settings.limits.realm_burst = 12;
    settings.limits.realm_period = Duration::from_hours(1);
    settings.grpc.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
}

async fn is_told(client: &Client) -> bool {
    let mut message = client.registration("ada");
    message.email = String::from("eve@example.com");
    let status = client.register(message).await.unwrap_err();
    match reason(&status).as_str() {
        "USERNAME_TAKEN" => true,
        "RATE_LIMITED" => {
            assert!(status.get_details_retry_info().is_some());
            false
        }
        other => panic!("{other}"),
    }
}

on_both_engines! {
    async fn en_08_names_are_told_to_one_source_and_to_all_within_limits(engines) {
        let node = Ground::with(engines, narrow).await.node().await;
        // Two calls of the realm's twelve.
        node.client().from("203.0.113.1").join("ada").await;
        let mut told = Vec::new();
        for source in 2..6 {
            let client = node.client().from(&format!("203.0.113.{source}"));
            let mut count = 0;
            for _ in 0..8 {
                count += u32::from(is_told(&client).await);
            }
            told.push(count);
        }
        assert_eq!(told, [5, 5, 0, 0], "five for each source, ten for all that were left");
        let other = node.client_of("profile").from("203.0.113.9");
        let refused = other.login("ada", "not the password").await;
        assert_refused(refused, Code::InvalidArgument, "INVALID_FIELD");
    }
}
