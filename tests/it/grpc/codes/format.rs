//! What cannot be a code costs no guess, but counts for its source (I13).

use std::time::Duration;

use accountd::config::Settings;
use tonic::Code;
use tonic_types::StatusExt as _;

use super::disclosing;
use crate::support::{
    client::{assert_refused, reason, wrong},
    codes::{attempts_left, told},
    service::{Ground, on_both_engines},
};

fn narrow(settings: &mut Settings) {
    disclosing(settings);
    settings.grpc.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
    settings.limits.address_burst = 3;
    settings.limits.address_period = Duration::from_hours(1);
}

on_both_engines! {
    async fn ot_13_what_cannot_be_a_code_costs_no_guess(engines) {
        let node = Ground::with(engines, disclosing).await.node().await;
        let client = node.client();
        let (id, code) = client.pending("ada").await;
        let spaced = format!(" {code}");
        let hyphened = format!("{}-{}", &code[..3], &code[3..]);
        let more = format!("{code}0");
        let megabyte = "1".repeat(1 << 20);
        let full_width: String = code.chars().filter_map(|c| char::from_u32(u32::from(c) + 0xfee0)).collect();
        for text in ["", &code[..5], &more, &spaced, &hyphened, "+12345", "1e3456", &full_width, &megabyte] {
            let status = client.activate(&id, text).await.unwrap_err();
            assert_eq!(reason(&status), "INVALID_FIELD", "{status:?}");
            assert_eq!(told(&status, "fields").as_deref(), Some("code"));
            assert!(status.get_details_bad_request().is_some());
        }
        let first = client.activate(&id, &wrong(&code)).await.unwrap_err();
        assert_eq!(attempts_left(&first), Some(4));
        client.activate(&id, &code).await.unwrap();
    }

    async fn ot_13_but_counts_for_its_source(engines) {
        let node = Ground::with(engines, narrow).await.node().await;
        let (id, code) = node.client().pending("ada").await;
        let client = node.client().from("203.0.113.7");
        for _ in 0..3 {
            let refused = client.activate(&id, "12 34").await;
            assert_refused(refused, Code::InvalidArgument, "INVALID_FIELD");
        }
        let refused = client.activate(&id, "12 34").await;
        assert_refused(refused, Code::ResourceExhausted, "RATE_LIMITED");
        node.client().activate(&id, &code).await.unwrap();
    }
}
