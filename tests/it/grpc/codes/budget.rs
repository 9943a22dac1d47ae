//! How much guessing a day allows, whatever the key-value store forgets (I4).

use std::time::Duration;

use accountd::{config::Settings, proto::OtpPurpose};
use tonic::Code;

use super::long;
use crate::support::{
    client::{assert_refused, reason},
    codes::attempts_left,
    dump,
    service::{Ground, Node, on_both_engines},
};

const EMAIL: &str = "ada@example.com";
const STEP: Duration = Duration::from_mins(10);
const STEPS_OF_A_DAY: usize = 144;

fn behind_a_proxy(settings: &mut Settings) {
    long(settings);
    settings.grpc.trusted_proxies = vec!["127.0.0.0/8".parse().unwrap()];
}

/// Asks for a code every ten minutes and guesses five times, from a new address each time; Redis forgets everything now
/// and then, amid the guesses. How many were evaluated.
async fn guess_for_a_day(node: &Node) -> usize {
    let mut evaluated = 0;
    for step in 0..STEPS_OF_A_DAY {
        let client = node
            .client()
            .from(&format!("198.51.{}.{}", step / 100, step % 100));
        let asked = client.request_otp(EMAIL, OtpPurpose::ResetPassword).await;
        if let Err(status) = asked {
            assert_eq!(reason(&status), "CODE_QUOTA_EXCEEDED");
        }
        for guess in 0..5 {
            if step % 3 == 1 && guess == 2 {
                dump::lose_kv(&node.ground).await;
            }
            let answer = client
                .reset_password(EMAIL, "0000000000", "another good one")
                .await;
            evaluated += usize::from(attempts_left(&answer.unwrap_err()).is_some());
        }
        node.advance(STEP);
    }
    evaluated
}

on_both_engines! {
    async fn ot_10_a_day_of_guessing_evaluates_at_most_fifty(engines) {
        let node = Ground::with(engines, behind_a_proxy).await.node().await;
        node.client().join("ada").await;
        let first = guess_for_a_day(&node).await;
        assert!((30..=50).contains(&first), "{first} guesses on the first day");
        let second = guess_for_a_day(&node).await;
        assert!(first + second <= 100, "{second} guesses on the second day");
        let asked = node.client().request_otp(EMAIL, OtpPurpose::ResetPassword).await;
        assert_refused(asked, Code::ResourceExhausted, "CODE_QUOTA_EXCEEDED");
    }

    async fn ot_10_a_code_that_redis_forgot_is_not_guessed_at_all(engines) {
        let node = Ground::with(engines, long).await.node().await;
        let client = node.client();
        let (id, code) = client.pending("ada").await;
        dump::lose_kv(&node.ground).await;
        let answer = client.activate(&id, &code).await;
        if node.ground.prefix.is_some() {
            assert_refused(answer, Code::FailedPrecondition, "CODE_EXPIRED");
        } else {
            answer.unwrap();
        }
    }
}
