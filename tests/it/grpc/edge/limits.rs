//! Limits: per address, per account and address, per account, per realm.

use std::time::Duration;

use accountd::{
    config,
    proto::{self, OtpPurpose, login_request::Identifier},
};
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::support::{
    client::{PASSWORD, reason},
    service::{Engines, Ground, Node, on_both_engines},
    wire,
};

const PERIOD: Duration = Duration::from_mins(10);
const HOME: &str = "198.51.100.7";
const STRANGER: &str = "203.0.113.9";

/// A node with an account `ada`, behind a proxy, whose limits are as `change` has them.
async fn node(engines: Engines, change: impl FnOnce(&mut config::Limits)) -> Node {
    let ground = Ground::with(engines, |settings| {
        settings.grpc.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
        change(&mut settings.limits);
    });
    let node = ground.await.node().await;
    node.client().join("ada").await;
    node
}

/// A login from an address.
async fn login(node: &Node, from: &str, name: &str, password: &str) -> Result<(), Status> {
    let client = node.client();
    let mut request = client.request(proto::LoginRequest {
        identifier: Some(Identifier::Username(name.to_owned())),
        password: password.to_owned(),
        ..proto::LoginRequest::default()
    });
    *request.metadata_mut() = wire::metadata(&[("x-forwarded-for", from)]);
    client.rpc.clone().login(request).await.map(drop)
}

async fn assert_wrong(node: &Node, from: &str, name: &str) {
    let status = login(node, from, name, "not the password")
        .await
        .unwrap_err();
    assert_eq!(reason(&status), "INVALID_CREDENTIALS");
}

#[track_caller]
fn assert_limited(answer: Result<(), Status>, limit: &str) {
    let status = answer.unwrap_err();
    assert_eq!(status.code(), Code::ResourceExhausted, "{status:?}");
    let info = status.get_details_error_info().unwrap();
    assert_eq!(
        (info.reason.as_str(), info.metadata["limit"].as_str()),
        ("RATE_LIMITED", limit)
    );
    let wait = status
        .get_details_retry_info()
        .unwrap()
        .retry_delay
        .unwrap();
    assert!(wait > Duration::ZERO && wait <= PERIOD, "{wait:?}");
    let quota = status.get_details_quota_failure().unwrap();
    assert_eq!(quota.violations[0].subject, limit);
}

on_both_engines! {
    async fn ov_04_an_address_is_limited_and_the_others_are_not(engines) {
        let node = node(engines, |limits| {
            limits.address_burst = 5;
            limits.address_period = PERIOD;
        }).await;
        for _ in 0..5 {
            assert_wrong(&node, STRANGER, "nobody").await;
        }
        assert_limited(login(&node, STRANGER, "ada", PASSWORD).await, "address");
        login(&node, HOME, "ada", PASSWORD).await.unwrap();
        // Another address of the same subscriber is the same client; another subscriber's is not.
        for _ in 0..5 {
            assert_wrong(&node, "2001:db8:1:2::1", "nobody").await;
        }
        assert_limited(login(&node, "2001:db8:1:2:ffff::9", "ada", PASSWORD).await, "address");
        login(&node, "2001:db8:1:3::1", "ada", PASSWORD).await.unwrap();
    }

    async fn guesses_of_one_address_at_one_account_are_limited(engines) {
        let node = node(engines, |limits| {
            limits.login_burst = 3;
            limits.login_period = PERIOD;
        }).await;
        for _ in 0..3 {
            assert_wrong(&node, STRANGER, "ada").await;
        }
        assert_limited(login(&node, STRANGER, "ada", PASSWORD).await, "login");
        login(&node, HOME, "ada", PASSWORD).await.unwrap();
    }

    async fn en_05_a_name_that_nobody_has_is_limited_alike(engines) {
        let node = node(engines, |limits| {
            limits.login_burst = 3;
            limits.login_period = PERIOD;
            limits.account_burst = 5;
            limits.account_period = PERIOD;
        }).await;
        for name in ["ada", "nobody"] {
            for _ in 0..3 {
                assert_wrong(&node, STRANGER, name).await;
            }
            let answer = login(&node, STRANGER, name, "not the password").await;
            assert_limited(answer, "login");
            for _ in 0..2 {
                assert_wrong(&node, "203.0.113.10", name).await;
            }
            let answer = login(&node, "203.0.113.11", name, "not the password").await;
            assert_limited(answer, "account");
        }
    }

    async fn i17_no_stranger_keeps_the_owner_out(engines) {
        let node = node(engines, |limits| {
            limits.account_burst = 4;
            limits.account_period = PERIOD;
        }).await;
        login(&node, HOME, "ada", PASSWORD).await.unwrap();
        for number in 1..=4 {
            assert_wrong(&node, &format!("203.0.113.{number}"), "ada").await;
        }
        assert_limited(login(&node, STRANGER, "ada", PASSWORD).await, "account");
        // An address with a live session of hers goes on.
        login(&node, HOME, "ada", PASSWORD).await.unwrap();
    }

    async fn a_success_gives_the_attempts_back(engines) {
        let node = node(engines, |limits| {
            limits.login_burst = 3;
            limits.login_period = PERIOD;
            limits.account_burst = 3;
            limits.account_period = PERIOD;
        }).await;
        for _ in 0..3 {
            assert_wrong(&node, HOME, "ada").await;
            assert_wrong(&node, HOME, "ada").await;
            login(&node, HOME, "ada", PASSWORD).await.unwrap();
        }
    }

    async fn a_realm_is_limited_and_the_others_are_not(engines) {
        let node = node(engines, |limits| {
            limits.realm_burst = 4;
            limits.realm_period = PERIOD;
        }).await;
        // Registration and activation have taken two.
        for _ in 0..2 {
            assert_wrong(&node, HOME, "nobody").await;
        }
        assert_limited(login(&node, HOME, "ada", PASSWORD).await, "realm");
        let school = node.client_of("customer");
        let answer = school.request_otp("ada@example.com", OtpPurpose::ProveAddress).await;
        answer.unwrap();
    }
}
