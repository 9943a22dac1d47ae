//! What is used up of limits, and giving it back.

use std::time::Duration;

use accountd::proto::{GetLimitsRequest, Limit, ResetLimitRequest};
use tonic::Code;

use crate::support::{
    client::{PASSWORD, assert_refused},
    office::{Office, Operator},
    service::{Engines, Ground, on_both_engines},
};

const HERE: &str = "127.0.0.1";

fn of(id: &str) -> GetLimitsRequest {
    GetLimitsRequest {
        account_id: id.to_owned(),
        peer_address: HERE.to_owned(),
        ..GetLimitsRequest::default()
    }
}

async fn limit(chief: &Operator, id: &str, name: &str) -> Limit {
    let limits = chief.get_limits(of(id)).await.unwrap().limits;
    let names: Vec<&str> = limits.iter().map(|limit| limit.name.as_str()).collect();
    assert_eq!(names[..4], ["address", "login", "account", "picture"]);
    let found = limits.iter().find(|limit| limit.name == name);
    found
        .unwrap_or_else(|| panic!("no {name} in {names:?}"))
        .clone()
}

fn reset(id: &str, limit: &str) -> ResetLimitRequest {
    ResetLimitRequest {
        account_id: id.to_owned(),
        peer_address: HERE.to_owned(),
        limit: limit.to_owned(),
        ..ResetLimitRequest::default()
    }
}

async fn limited(engines: Engines) -> Ground {
    Ground::with(engines, |settings| {
        settings.limits.login_burst = 3;
        settings.limits.login_period = Duration::from_hours(1);
        settings.limits.account_burst = 50;
        settings.limits.account_period = Duration::from_hours(1);
    })
    .await
}

on_both_engines! {
    async fn a_used_up_limit_is_told_and_given_back(engines) {
        let node = limited(engines).await.node().await;
        let office = Office::open(&node).await;
        let chief = office.chief();
        let stranger = node.client();
        let id = stranger.join("ada").await.account.unwrap().id;
        let fresh = limit(&chief, &id, "login").await;
        assert_eq!((fresh.used, fresh.most, fresh.retry_time, fresh.full_time), (0, 3, None, None));
        for used in 1..=3 {
            stranger.login("ada", "a wrong password").await.unwrap_err();
            assert_eq!(limit(&chief, &id, "login").await.used, used);
            assert_eq!(limit(&chief, &id, "account").await.used, used);
        }
        let refused = stranger.login("ada", PASSWORD).await;
        assert_refused(refused, Code::ResourceExhausted, "RATE_LIMITED");
        let spent = limit(&chief, &id, "login").await;
        assert!(spent.retry_time.is_some() && spent.full_time.is_some(), "{spent:?}");
        let given = chief.reset_limit(reset(&id, "login")).await.unwrap().limit.unwrap();
        assert_eq!((given.used, given.retry_time), (0, None));
        stranger.login("ada", PASSWORD).await.unwrap();
        assert_eq!(limit(&chief, &id, "login").await.used, 0);
        let unknown = chief.reset_limit(reset(&id, "shoes")).await;
        assert_refused(unknown, Code::NotFound, "LIMIT_NOT_FOUND");
    }

    async fn the_codes_of_a_day_are_told_and_given_back(engines) {
        let ground = Ground::with(engines, |settings| {
            let realm = Ground::realm(settings, "default");
            realm.code_daily = 2;
            realm.code_cooldown = Duration::from_secs(1);
        });
        let node = ground.await.node().await;
        let office = Office::open(&node).await;
        let chief = office.chief();
        let stranger = node.client();
        let id = stranger.join("ada").await.account.unwrap().id;
        let ask = async || {
            node.advance(Duration::from_mins(1));
            stranger.request_otp("ada@example.com", accountd::proto::OtpPurpose::ResetPassword).await
        };
        for used in 1..=2 {
            ask().await.unwrap();
            let limit = limit(&chief, &id, "code:reset_password").await;
            assert_eq!((limit.used, limit.most, limit.retry_time.is_some()), (used, 2, used == 2));
        }
        assert_refused(ask().await, Code::ResourceExhausted, "CODE_QUOTA_EXCEEDED");
        chief.reset_limit(reset(&id, "code:reset_password")).await.unwrap();
        ask().await.unwrap();
    }

    async fn an_address_has_limits_without_an_account(engines) {
        let node = limited(engines).await.node().await;
        let office = Office::open(&node).await;
        let chief = office.chief();
        let message = GetLimitsRequest { peer_address: HERE.to_owned(), ..Default::default() };
        let limits = chief.get_limits(message).await.unwrap().limits;
        assert_eq!(limits.len(), 1);
        assert_eq!((limits[0].name.as_str(), limits[0].most), ("address", 0));
        for wrong in [
            GetLimitsRequest::default(),
            GetLimitsRequest { peer_address: String::from("here"), ..Default::default() },
        ] {
            assert_refused(chief.get_limits(wrong).await, Code::InvalidArgument, "INVALID_FIELD");
        }
        let gone = chief.get_limits(of("019a0000-0000-7000-8000-000000000000")).await;
        assert_refused(gone, Code::NotFound, "ACCOUNT_NOT_FOUND");
    }
}
