//! A limit on guesses stands at the same place for an account and for nobody (I15).

use std::time::Duration;

use accountd::config::Settings;
use tonic_types::StatusExt as _;

use crate::support::{
    client::reason,
    service::{Ground, on_both_engines},
};

fn narrow(settings: &mut Settings) {
    settings.limits.login_burst = 3;
    settings.limits.login_period = Duration::from_hours(1);
    settings.limits.account_burst = 5;
    settings.limits.account_period = Duration::from_hours(1);
    settings.grpc.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
}

on_both_engines! {
    async fn en_05_the_same_guess_is_the_last_for_known_and_unknown(engines) {
        let node = Ground::with(engines, narrow).await.node().await;
        node.client().join("ada").await;
        let mut seen = Vec::new();
        for name in ["ada", "nobody"] {
            let mut answers = Vec::new();
            // Four from one address, where three are allowed, then more from others, five in all.
            for source in [1, 1, 1, 1, 2, 3, 4, 5] {
                let client = node.client().from(&format!("203.0.113.{source}"));
                let status = client.login(name, "not the password").await.unwrap_err();
                let quota = format!("{:?}", status.get_details_quota_failure());
                answers.push((reason(&status), status.message().to_owned(), quota));
            }
            seen.push(answers);
        }
        let reasons: Vec<&str> = seen[0].iter().map(|(reason, ..)| reason.as_str()).collect();
        let (wrong, limited) = ("INVALID_CREDENTIALS", "RATE_LIMITED");
        assert_eq!(reasons, [wrong, wrong, wrong, limited, wrong, wrong, limited, limited]);
        assert_eq!(seen[0], seen[1]);
    }
}
