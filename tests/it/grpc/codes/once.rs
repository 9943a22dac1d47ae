//! A code works once, in its time, and only the last one (I2).

use std::time::Duration;

use accountd::proto::OtpPurpose;
use tonic::Code;

use super::{COOLDOWN, long};
use crate::support::{
    client::assert_refused,
    codes::Who,
    service::{Ground, on_both_engines},
};

/// What the realm `default` gives a code.
const LIFETIME: Duration = Duration::from_mins(10);
const SECOND: Duration = Duration::from_secs(1);

on_both_engines! {
    async fn ot_04_a_used_code_does_not_work_again(engines) {
        let ground = Ground::with(engines, long).await;
        let (one, two) = (ground.node().await, ground.node().await);
        let (id, code) = one.client().pending("ada").await;
        one.client().activate(&id, &code).await.unwrap();
        for node in [&one, &two] {
            let again = node.client().activate(&id, &code).await;
            assert_refused(again, Code::FailedPrecondition, "CODE_NOT_FOUND");
        }
    }

    async fn ot_04_a_code_works_in_its_last_second(engines) {
        let node = Ground::with(engines, long).await.node().await;
        let (id, code) = node.client().pending("ada").await;
        node.advance(LIFETIME.saturating_sub(SECOND));
        node.client().activate(&id, &code).await.unwrap();
    }

    async fn ot_04_and_not_a_second_after_it(engines) {
        let node = Ground::with(engines, long).await.node().await;
        let (id, code) = node.client().pending("ada").await;
        node.advance(LIFETIME + SECOND);
        let late = node.client().activate(&id, &code).await;
        assert_refused(late, Code::FailedPrecondition, "CODE_EXPIRED");
    }

    async fn ot_04_a_newer_code_ends_the_older(engines) {
        let node = Ground::with(engines, long).await.node().await;
        let client = node.client();
        let (id, first) = client.pending("ada").await;
        node.advance(COOLDOWN);
        client.ask_again(OtpPurpose::Activate, Who::Id(&id)).await.unwrap();
        let second = client.code_number("ada@example.com", 2).await;
        let old = client.activate(&id, &first).await;
        assert_refused(old, Code::InvalidArgument, "CODE_INCORRECT");
        client.activate(&id, &second).await.unwrap();
    }
}
