//! Two hundred calls at the same instant, on two nodes (I2, I4).

use accountd::proto;
use futures_util::future::join_all;
use tonic::{Code, Status};

use super::disclosing;
use crate::support::{
    client::{assert_refused, reason, wrong},
    codes::attempts_left,
    service::{Ground, Node, on_both_engines},
};

/// Brings the code to both nodes a hundred times at once.
async fn storm(
    nodes: [&Node; 2],
    id: &str,
    code: &str,
) -> Vec<Result<proto::VerifyOtpResponse, Status>> {
    let calls = (0..200).map(|number: usize| {
        let client = nodes[number % 2].client();
        let (id, code) = (id.to_owned(), code.to_owned());
        tokio::spawn(async move { client.activate(&id, &code).await })
    });
    let answers = join_all(calls).await;
    answers.into_iter().map(Result::unwrap).collect()
}

on_both_engines! {
    async fn ot_02_of_200_wrong_guesses_at_once_five_are_evaluated(engines) {
        let ground = Ground::with(engines, disclosing).await;
        let (one, two) = (ground.node().await, ground.node().await);
        let (id, code) = one.client().pending("ada").await;
        let mut left = Vec::new();
        for answer in storm([&one, &two], &id, &wrong(&code)).await {
            let status = answer.unwrap_err();
            match attempts_left(&status) {
                Some(count) => left.push(count),
                None => assert_eq!(reason(&status), "CODE_ATTEMPTS_EXHAUSTED"),
            }
        }
        left.sort_unstable();
        assert_eq!(left, [0, 1, 2, 3, 4]);
        let right = two.client().activate(&id, &code).await;
        assert_refused(right, Code::ResourceExhausted, "CODE_ATTEMPTS_EXHAUSTED");
    }

    async fn ot_03_of_200_right_codes_at_once_one_is_taken(engines) {
        let ground = Ground::with(engines, disclosing).await;
        let (one, two) = (ground.node().await, ground.node().await);
        let (id, code) = one.client().pending("ada").await;
        let mut taken = Vec::new();
        for answer in storm([&one, &two], &id, &code).await {
            match answer {
                Ok(verified) => taken.push(verified),
                Err(status) => {
                    let why = reason(&status);
                    // Which one depends on how far the winner had come.
                    let known = ["CODE_NOT_FOUND", "CODE_ATTEMPTS_EXHAUSTED"];
                    assert!(known.contains(&why.as_str()), "{status:?}");
                }
            }
        }
        assert_eq!(taken.len(), 1);
        let verified = taken.remove(0);
        assert_eq!(verified.account.unwrap().etag, "2", "activated once");
        let ada = two.client().with(&verified.tokens.unwrap().access_token);
        assert_eq!(ada.sessions().await.unwrap().len(), 1);
    }
}
